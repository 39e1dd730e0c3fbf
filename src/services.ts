import { AccountDeletionService } from './accounts/accountDeletion.service.js';
import { DataExportService } from './accounts/dataExport.service.js';
import { AuditService } from './audit/audit.service.js';
import { AuthorService } from './authors/author.service.js';
import { SharedAuthorsService } from './authors/sharedAuthors.service.js';
import { CitationService } from './citations/citation.service.js';
import { ClaimService } from './claims/claim.service.js';
import { ClaimWriter } from './claims/claimWriter.service.js';
import { CommentService } from './comments/comment.service.js';
import { CommentWriter } from './comments/commentWriter.service.js';
import { CollectionService } from './collections/collection.service.js';
import { CollectionPaperService } from './collections/collectionPaper.service.js';
import { LibraryEntryService } from './collections/libraryEntry.service.js';
import type { Config } from './config.js';
import type { Database } from './database/database.js';
import { DigestService } from './digests/digest.service.js';
import { DigestPicks } from './digests/digestPicks.js';
import { DigestPress } from './digests/digestPress.js';
import { DigestSender } from './digests/digestSender.js';
import { DigestTurns } from './digests/digestTurns.js';
import { DemoService } from './demo/demo.service.js';
import { DismissalService } from './dismissals/dismissal.service.js';
import { FeedService } from './feeds/feed.service.js';
import { VisitService } from './feeds/visit.service.js';
import { FollowService } from './follows/follow.service.js';
import { FollowingFeedService } from './follows/followingFeed.service.js';
import { IdempotencyKeyService } from './idempotency/idempotencyKey.service.js';
import { ArxivLookup } from './ingest/arxivLookup.js';
import { BatchWriter } from './ingest/batchWriter.js';
import { lazyHttpClient } from './ingest/http/lazyHttpClient.js';
import { ExternalIdentityService } from './identities/externalIdentity.service.js';
import { ExternalSessionService } from './identities/externalSession.service.js';
import { ProviderTokens } from './identities/providerTokens.js';
import { IngestService } from './ingest/ingest.service.js';
import { IngestDesk } from './ingest/ingestDesk.js';
import { IngestQueue } from './ingest/ingestQueue.js';
import { IngestRunService } from './ingest/ingestRun.service.js';
import { IngestScheduler } from './ingest/ingestScheduler.js';
import { IngestTurns } from './ingest/ingestTurns.js';
import { LibraryService } from './ingest/library/library.service.js';
import { runnerOf } from './ingest/ingestRunner.js';
import type { IngestRunner } from './ingest/runner.js';
import { SourceRegistry } from './ingest/sourceRegistry.js';
import type { SourceSettings } from './ingestSettings.js';
import { VoteWriter } from './ingest/voteWriter.js';
import { LiveLog } from './live/liveLog.service.js';
import { LiveService } from './live/live.service.js';
import { MuteService } from './mutes/mute.service.js';
import { FlaggedVoteService } from './moderation/flaggedVote.service.js';
import { HidingService } from './moderation/hiding.service.js';
import { MergeService } from './moderation/merge.service.js';
import { ReportService } from './moderation/report.service.js';
import { createMailer } from './mail/createMailer.js';
import { OriginService } from './origins/origin.service.js';
import { PaperService } from './papers/paper.service.js';
import { PaperTagService } from './papers/paperTag.service.js';
import { ChangeLog } from './recommendations/changeLog.js';
import { createEngine } from './recommendations/engine.js';
import { ObservedEngine } from './recommendations/observedEngine.js';
import { RecommendationService } from './recommendations/recommendation.service.js';
import { TasteService } from './recommendations/taste.service.js';
import { TasteFollower } from './recommendations/tasteFollower.js';
import { RepoService } from './repos/repo.service.js';
import { FacetService } from './search/facet.service.js';
import { SearchService } from './search/search.service.js';
import { SnippetService } from './search/snippet.service.js';
import { VocabularyService } from './search/vocabulary.service.js';
import { NotificationService } from './notifications/notification.service.js';
import { NO_LOOKUP } from './submissions/paperLookup.js';
import { PaperWriter } from './submissions/paperWriter.service.js';
import { SubmissionService } from './submissions/submission.service.js';
import { FeedIdService } from './syndication/feedIds.service.js';
import { FeedPapers } from './syndication/feedPapers.js';
import { FeedTokenService } from './syndication/feedToken.service.js';
import { FeedUrls } from './syndication/feedUrls.js';
import { SyndicationService } from './syndication/syndication.service.js';
import { TagService } from './tags/tag.service.js';
import { BurstRuleService } from './upvotes/burstRule.service.js';
import { UpvoteService } from './upvotes/upvote.service.js';
import { ApiTokenService } from './users/apiToken.service.js';
import { SessionService } from './users/session.service.js';
import { SessionUseService } from './users/sessionUse.service.js';
import { SignInLimitService } from './users/signInLimit.service.js';
import { UserService } from './users/user.service.js';

export type Services = ReturnType<typeof createServices>;

/** What services read of the configuration; commands that import nothing need not say how. */
export type ServiceConfig = Pick<Config, 'sessionDays' | 'recommenderThreads'> & Partial<Pick<Config, 'oidc' | 'timeZone' | 'publicUrl' | 'comments' | 'votes' | 'signIn' | 'ingest' | 'submissionLookup' | 'mail' | 'dataFolder' | 'idempotencyHours'>>;

/** Every service of the process, wired by hand, from left to right of the domains' line. */
export function createServices(database: Database, config: ServiceConfig, ingestRunner?: IngestRunner) {
  const audit = new AuditService(database);
  const signInLimits = new SignInLimitService(database, config.signIn);
  const users = new UserService(database, audit, signInLimits);
  const sessions = new SessionService(database, users, config.sessionDays);
  const providerTokens = config.oidc == null ? null : new ProviderTokens(config.oidc, config.sessionDays);
  const externalSessions = new ExternalSessionService(database, { sessions, users, tokens: providerTokens });
  const externalIdentities = new ExternalIdentityService(database, providerTokens, users);
  const sessionUses = new SessionUseService(database);
  const apiTokens = new ApiTokenService(database);
  const tags = new TagService(database, audit);
  const idempotencyKeys = new IdempotencyKeyService(database, config.idempotencyHours);
  const papers = new PaperService(database, audit);
  const paperTags = new PaperTagService(database);
  const authors = new AuthorService(database, papers);
  const sharedAuthors = new SharedAuthorsService(database);
  const claims = new ClaimService(database);
  const claimWriter = new ClaimWriter(database, audit);
  const citations = new CitationService(database);
  const repos = new RepoService(database, papers);
  const origins = new OriginService(database);
  const upvotes = new UpvoteService(database, config.votes?.limits);
  const burstRule = new BurstRuleService(database, config.votes?.bursts ?? { votes: 0, minutes: 10, newAccountHours: 48 });
  const dismissals = new DismissalService(database);
  const mutes = new MuteService(database);
  const follows = new FollowService(database);
  const comments = new CommentService(database);
  const commentWriter = new CommentWriter(database, comments, { ...(config.comments ?? { editMinutes: 15, mostInWindow: 20 }), ...(config.votes && { voteLimits: config.votes.limits }) });
  const followingFeed = new FollowingFeedService(database);
  const collections = new CollectionService(database);
  const collectionPapers = new CollectionPaperService(database);
  const libraryEntries = new LibraryEntryService(database);
  const writer = new PaperWriter({ tags, paperTags, authors, repos });
  const sourceSettings = config.ingest?.sources ?? new Map<string, SourceSettings>();
  const http = lazyHttpClient(async () => (await import('./ingest/http/createHttpClient.js')).createHttpClient({ userAgent: userAgentOf(config.ingest?.contact ?? null) }));
  const votes = new VoteWriter({ users, upvotes });
  const batches = new BatchWriter({ tags, writer, repos, votes });
  const ingest = new IngestService(database, { repos, batches, registry: () => SourceRegistry.load(), http, settings: sourceSettings });
  const lookup = config.submissionLookup === true ? new ArxivLookup(ingest) : NO_LOOKUP;
  const submissions = new SubmissionService(database, { tags, papers, authors, lookup, writer, upvotes });
  const runner = ingestRunner ?? runnerOf(ingest);
  const ingestTurns = new IngestTurns(database);
  const ingestQueue = new IngestQueue(ingestTurns, runner);
  const ingestScheduler = new IngestScheduler(ingestTurns, runner);
  const ingestRuns = new IngestRunService(database);
  const ingestDesk = new IngestDesk({ runner, runs: ingestRuns, turns: ingestTurns, queue: ingestQueue }, sourceSettings);
  const libraries = new LibraryService(database, votes);
  const engine = new ObservedEngine(createEngine(config.recommenderThreads));
  const changeLog = new ChangeLog(database);
  const taste = new TasteFollower(database, { log: changeLog, engine });
  const recommendations = new RecommendationService(taste);
  const tasteProfiles = new TasteService(database, taste);
  const feeds = new FeedService(database, config.timeZone ?? 'UTC');
  const visits = new VisitService(database);
  const search = new SearchService(database, { papers, vocabulary: new VocabularyService(database), recommendations });
  const facets = new FacetService(database);
  const snippets = new SnippetService(database);
  const notifications = new NotificationService(database);
  const liveLog = new LiveLog(database);
  const live = new LiveService(liveLog, config.timeZone ?? 'UTC');
  const hiding = new HidingService(database, audit);
  const merges = new MergeService(database, audit);
  const flaggedVotes = new FlaggedVoteService(database, audit);
  const reports = new ReportService(database, audit);
  const publicUrl = config.publicUrl ?? 'http://localhost';
  const feedUrls = new FeedUrls(publicUrl);
  const feedTokens = new FeedTokenService(database);
  const feedIds = new FeedIdService(database, publicUrl);
  const feedPapers = new FeedPapers({ papers, feeds, authors, search });
  const syndication = new SyndicationService({ recommendations, papers, paperTags, tags, authors, feedPapers, feedTokens, feedIds, feedUrls });
  const mailer = createMailer({ smtpUrl: config.mail?.smtpUrl ?? null, dataFolder: config.dataFolder ?? '.' });
  const digests = new DigestService(database, mailer);
  const digestPicks = new DigestPicks(database, { papers, authors, tags, recommendations, feedTimeZone: config.timeZone ?? 'UTC' });
  const digestPress = new DigestPress(digestPicks, { publicUrl: config.publicUrl ?? '', from: config.mail?.from ?? '' });
  const digestTurns = new DigestTurns(database);
  const digestSender = new DigestSender({ turns: digestTurns, digests, press: digestPress, mailer });
  const accountDeletion = new AccountDeletionService(database, { users, signInLimits, externalIdentities, mailer, idempotencyKeys });
  const dataExports = new DataExportService(database, publicUrl);
  const demo = new DemoService(database, { users, tags, writer });
  return {
    users, signInLimits, sessions, sessionUses, apiTokens, providerTokens, externalSessions, externalIdentities, tags, idempotencyKeys, papers, paperTags, feeds, visits, authors, sharedAuthors, claims, claimWriter, citations, repos, origins, upvotes, burstRule, dismissals, mutes, follows,
    followingFeed, collections, collectionPapers, libraryEntries, comments, commentWriter, writer, submissions, ingest, ingestRuns,
    ingestDesk, ingestTurns, ingestQueue, ingestScheduler, libraries, engine, changeLog, taste, tasteProfiles, recommendations, search, facets, snippets,
    notifications, liveLog, live, digests,
    digestPress, digestTurns, digestSender, mailer, feedUrls, feedTokens, syndication, demo,
    audit, hiding, merges, flaggedVotes, reports, accountDeletion, dataExports,
  };
}

// Services ask their users to say who they are, and how to reach them.
function userAgentOf(contact: string | null): string {
  return contact === null ? 'daily-papers' : `daily-papers (${contact})`;
}
