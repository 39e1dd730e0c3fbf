import { AccountResolver } from './accounts/account.resolver.js';
import { authorLoaders } from './authors/author.loaders.js';
import { AuthorResolver } from './authors/author.resolver.js';
import { PaperAuthorFields } from './authors/paper.fields.js';
import { citationLoaders } from './citations/citation.loaders.js';
import { PaperCitationFields } from './citations/paper.fields.js';
import { AuthorClaimFields } from './claims/author.fields.js';
import { claimLoaders } from './claims/claim.loaders.js';
import { ClaimResolver } from './claims/claim.resolver.js';
import { UserClaimFields } from './claims/user.fields.js';
import { CommentFields } from './comments/comment.fields.js';
import { commentLoaders } from './comments/comment.loaders.js';
import { CommentResolver } from './comments/comment.resolver.js';
import { PaperCommentFields } from './comments/paper.fields.js';
import { UserCommentFields } from './comments/user.fields.js';
import { collectionLoaders } from './collections/collection.loaders.js';
import { CollectionResolver } from './collections/collection.resolver.js';
import { libraryEntryLoaders } from './collections/libraryEntry.loaders.js';
import { LibraryEntryResolver } from './collections/libraryEntry.resolver.js';
import { PaperCollectionFields } from './collections/paper.fields.js';
import { UserCollectionFields } from './collections/user.fields.js';
import { DigestResolver } from './digests/digest.resolver.js';
import { dismissalLoaders } from './dismissals/dismissal.loaders.js';
import { DismissalResolver } from './dismissals/dismissal.resolver.js';
import { PaperDismissalFields } from './dismissals/paper.fields.js';
import { FeedResolver } from './feeds/feed.resolver.js';
import { VisitResolver } from './feeds/visit.resolver.js';
import { AuthorFollowFields } from './follows/author.fields.js';
import { followLoaders } from './follows/follow.loaders.js';
import { FollowResolver } from './follows/follow.resolver.js';
import { followingFeedLoaders } from './follows/followingFeed.loaders.js';
import { FollowingFeedResolver, FollowingReasonFields } from './follows/followingFeed.resolver.js';
import { TagFollowFields } from './follows/tag.fields.js';
import { UserFollowFields } from './follows/user.fields.js';
import type { ResolverObject } from './graphql/schema.js';
import { hasRole, isOwnerOrCurator } from './graphql/context.js';
import { RateLimitResolver } from './graphql/rateLimit.resolver.js';
import { externalIdentityLoaders } from './identities/externalIdentity.loaders.js';
import { ExternalIdentityResolver } from './identities/externalIdentity.resolver.js';
import { IngestRunResolver, IngestSourceResolver } from './ingest/ingest.resolver.js';
import { ingestRunLoaders } from './ingest/ingestRun.loaders.js';
import { LibraryResolver } from './ingest/library/library.resolver.js';
import { LiveResolver } from './live/live.resolver.js';
import { AuthorMuteFields } from './mutes/author.fields.js';
import { muteLoaders } from './mutes/mute.loaders.js';
import { MuteResolver } from './mutes/mute.resolver.js';
import { PaperMuteFields } from './mutes/paper.fields.js';
import { TagMuteFields } from './mutes/tag.fields.js';
import { AuditResolver } from './moderation/audit.resolver.js';
import { FlaggedVoteResolver } from './moderation/flaggedVote.resolver.js';
import { ModerationResolver } from './moderation/moderation.resolver.js';
import { PaperModerationFields } from './moderation/paper.fields.js';
import { reportLoaders } from './moderation/report.loaders.js';
import { ReportResolver } from './moderation/report.resolver.js';
import { NodeResolver } from './nodes/node.resolver.js';
import { NotificationFields } from './notifications/notification.fields.js';
import { notificationLoaders } from './notifications/notification.loaders.js';
import { NotificationResolver } from './notifications/notification.resolver.js';
import { originLoaders } from './origins/origin.loaders.js';
import { PaperOriginFields } from './origins/paper.fields.js';
import { paperLoaders } from './papers/paper.loaders.js';
import { PaperResolver } from './papers/paper.resolver.js';
import { PaperTagFields, TagFields } from './papers/tag.fields.js';
import { PaperSubmitterFields, SubmitterFields } from './papers/user.fields.js';
import { RecommendationResolver, SimilarPaperFields } from './recommendations/recommendation.resolver.js';
import { RelatedTagFields, SimilarReaderFields } from './recommendations/related.fields.js';
import { TasteProfileFields, TasteSignalFields } from './recommendations/taste.fields.js';
import { tasteLoaders } from './recommendations/taste.loaders.js';
import { TasteResolver } from './recommendations/taste.resolver.js';
import { PaperRepoFields } from './repos/paper.fields.js';
import { repoLoaders } from './repos/repo.loaders.js';
import { RepoResolver } from './repos/repo.resolver.js';
import { SearchResolver } from './search/search.resolver.js';
import type { Services } from './services.js';
import { SubmissionResolver } from './submissions/submission.resolver.js';
import { feedTokenLoaders } from './syndication/feedToken.loaders.js';
import { FeedTokenResolver } from './syndication/feedToken.resolver.js';
import { AuthorSyndicationFields, FeedSyndicationFields, SyndicationResolver, TagSyndicationFields } from './syndication/syndication.resolver.js';
import { tagLoaders } from './tags/tag.loaders.js';
import { TagResolver } from './tags/tag.resolver.js';
import { PaperUpvoteFields } from './upvotes/paper.fields.js';
import { upvoteLoaders } from './upvotes/upvote.loaders.js';
import { UpvoteResolver } from './upvotes/upvote.resolver.js';
import { UserUpvoteFields } from './upvotes/user.fields.js';
import { sessionLoaders } from './users/session.loaders.js';
import { SessionResolver } from './users/session.resolver.js';
import { userLoaders } from './users/user.loaders.js';
import { UserResolver } from './users/user.resolver.js';

/** Every resolver with its services and its loaders. */
export function createResolvers(services: Services): ResolverObject[] {
  const users = userLoaders(services.users);
  const sessions = sessionLoaders(services.sessions);
  const tags = tagLoaders(services.tags);
  const papers = paperLoaders(services.papers, services.paperTags);
  const authors = authorLoaders(services.authors, services.sharedAuthors);
  const claims = claimLoaders(services.claims);
  const repos = repoLoaders(services.repos);
  const upvotes = upvoteLoaders(services.upvotes);
  const dismissals = dismissalLoaders(services.dismissals);
  const mutes = muteLoaders(services.mutes);
  const follows = followLoaders(services.follows);
  const comments = commentLoaders(services.comments);
  const collections = collectionLoaders(services.collections, services.collectionPapers);
  const ingestRuns = ingestRunLoaders(services.ingestRuns);
  const notifications = notificationLoaders(services.notifications);
  const reports = reportLoaders(services.reports);
  const feedTokens = feedTokenLoaders(services.feedTokens);
  const externalIdentities = externalIdentityLoaders(services.externalIdentities);
  const sources = { papers, tags, authors };
  const taste = tasteLoaders(services.tasteProfiles);
  return [
    new UserResolver(services.users, services.sessions, users),
    new ExternalIdentityResolver(services.externalIdentities, services.sessions),
    new SessionResolver(services),
    new TagResolver(services.tags, tags),
    new PaperResolver(services, papers),
    new TagFields(papers),
    new PaperTagFields(papers),
    new SubmitterFields(papers),
    new PaperSubmitterFields(users),
    new AuthorResolver(services.authors, authors),
    new PaperAuthorFields(authors),
    new ClaimResolver(services, { authors, users }),
    new AuthorClaimFields({ claims, users }),
    new UserClaimFields(claims),
    new PaperCitationFields(citationLoaders(services.citations)),
    new RepoResolver(services.repos, services.papers, repos),
    new PaperRepoFields(repos),
    new PaperOriginFields(originLoaders(services.origins)),
    new UpvoteResolver(services.upvotes, services.papers),
    new PaperUpvoteFields(upvotes),
    new UserUpvoteFields(upvotes),
    new DismissalResolver(services.dismissals, services.papers),
    new PaperDismissalFields(dismissals),
    new MuteResolver(services),
    new TagMuteFields(mutes),
    new AuthorMuteFields(mutes),
    new PaperMuteFields(mutes),
    new FollowResolver(services),
    new TagFollowFields(follows),
    new AuthorFollowFields(follows),
    new UserFollowFields(follows),
    new CommentResolver(services, comments),
    new CommentFields(services.commentWriter, { comments, papers, users }),
    new PaperCommentFields(comments),
    new UserCommentFields(comments),
    new FollowingFeedResolver(services.followingFeed, followingFeedLoaders(services.followingFeed)),
    new FollowingReasonFields({ tags, authors, users }),
    new CollectionResolver(services, collections, users),
    new PaperCollectionFields(collections, libraryEntryLoaders(services.libraryEntries)),
    new UserCollectionFields(collections),
    new LibraryEntryResolver(services.libraryEntries, services.papers),
    new SubmissionResolver(services.submissions, services.papers),
    new LibraryResolver(services.libraries),
    new IngestRunResolver(services.ingestRuns, services.ingestDesk, { runs: ingestRuns, users }),
    new IngestSourceResolver(services.ingestDesk, ingestRuns),
    new RecommendationResolver(services.recommendations, sources),
    new SimilarPaperFields(services.recommendations, sources),
    new RelatedTagFields(services.recommendations, sources),
    new SimilarReaderFields(services.recommendations, { ...sources, users }),
    new TasteResolver(services.tasteProfiles),
    new TasteProfileFields(services.tasteProfiles, { ...sources, taste }),
    new TasteSignalFields({ ...sources, taste }),
    new FeedResolver(services, sources),
    new VisitResolver(services.visits),
    new SearchResolver(services, { papers, tags }),
    new NotificationResolver(services.notifications),
    new NotificationFields({ users, papers, comments, authors }),
    new LiveResolver(services, { papers, comments, notifications }),
    new ModerationResolver(services),
    new FlaggedVoteResolver(services, { papers, users }),
    new PaperModerationFields(),
    new AuditResolver(services.audit, users),
    new ReportResolver(services, { papers, comments, users }),
    new FeedTokenResolver(services.feedTokens, services.feedUrls),
    new SyndicationResolver(services.feedUrls),
    new FeedSyndicationFields(services.feedUrls),
    new TagSyndicationFields(services.feedUrls),
    new AuthorSyndicationFields(services.feedUrls),
    new DigestResolver({ digests: services.digests, press: services.digestPress, sender: services.digestSender }),
    new AccountResolver(services.accountDeletion, services.dataExports),
    new RateLimitResolver(),
    new NodeResolver({
      User: (context, id) => users(context).byId.load(id),
      Tag: (context, id) => tags(context).byId.load(id),
      Paper: (context, id) => papers(context).byId.load(id),
      Author: (context, id) => authors(context).byId.load(id),
      Repo: (context, id) => repos(context).byId.load(id),
      Comment: (context, id) => comments(context).byId.load(id),
      // As Query.collection: the loader knows what the viewer may see.
      Collection: (context, id) => collections(context).byId.load(id),
      // The viewer's own alone.
      Notification: (context, id) => notifications(context).byId.load(id),
      FeedToken: (context, id) => feedTokens(context).ownById.load(id),
      ExternalIdentity: (context, id) => externalIdentities(context).ownById.load(id),
      Session: (context, id) => sessions(context).ownById.load(id),
      // Others are not told that there is one.
      IngestRun: async (context, id) => (context.viewer !== null && hasRole(context.viewer, 'ADMIN') ? ingestRuns(context).byId.load(id) : null),
      Report: async (context, id) => {
        const report = await reports(context).byId.load(id);
        return report !== null && isOwnerOrCurator(context.viewer, report.reporterId) ? report : null;
      },
      AuthorshipClaim: async (context, id) => {
        const claim = await claims(context).byId.load(id);
        return claim !== null && isOwnerOrCurator(context.viewer, claim.userId) ? claim : null;
      },
    }),
  ];
}
