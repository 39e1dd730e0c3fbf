import { AuthorService } from './authors/author.service.js';
import type { Config } from './config.js';
import type { Database } from './database/database.js';
import { DemoService } from './demo/demo.service.js';
import { DismissalService } from './dismissals/dismissal.service.js';
import { FollowService } from './follows/follow.service.js';
import { BatchWriter } from './ingest/batchWriter.js';
import { lazyHttpClient } from './ingest/http/lazyHttpClient.js';
import { IngestService } from './ingest/ingest.service.js';
import { SourceRegistry } from './ingest/sourceRegistry.js';
import { VoteWriter } from './ingest/voteWriter.js';
import { OriginService } from './origins/origin.service.js';
import { FeedService } from './papers/feed.service.js';
import { PaperService } from './papers/paper.service.js';
import { PaperTagService } from './papers/paperTag.service.js';
import { ChangeLog } from './recommendations/changeLog.js';
import { createEngine } from './recommendations/engine.js';
import { RecommendationService } from './recommendations/recommendation.service.js';
import { TasteFollower } from './recommendations/tasteFollower.js';
import { RepoService } from './repos/repo.service.js';
import { PaperWriter } from './submissions/paperWriter.service.js';
import { SubmissionService } from './submissions/submission.service.js';
import { TagService } from './tags/tag.service.js';
import { UpvoteService } from './upvotes/upvote.service.js';
import { SessionService } from './users/session.service.js';
import { UserService } from './users/user.service.js';

export type Services = ReturnType<typeof createServices>;

/** Every service of the process, wired by hand, from left to right of the domains' line. */
export function createServices(database: Database, config: Pick<Config, 'sessionDays' | 'recommenderThreads'>) {
  const users = new UserService(database);
  const sessions = new SessionService(database, users, config.sessionDays);
  const tags = new TagService(database);
  const papers = new PaperService(database);
  const paperTags = new PaperTagService(database);
  const feeds = new FeedService(database, papers);
  const authors = new AuthorService(database, papers);
  const repos = new RepoService(database, papers);
  const origins = new OriginService(database);
  const upvotes = new UpvoteService(database);
  const dismissals = new DismissalService(database);
  const follows = new FollowService(database);
  const writer = new PaperWriter({ tags, paperTags, authors, repos });
  const submissions = new SubmissionService(database, { papers, authors, writer });
  const engine = createEngine(config.recommenderThreads);
  const changeLog = new ChangeLog(database);
  const taste = new TasteFollower(database, { log: changeLog, engine });
  const recommendations = new RecommendationService(taste);
  const http = lazyHttpClient(async () => (await import('./ingest/http/createHttpClient.js')).createHttpClient({ userAgent: 'daily-papers' }));
  const batches = new BatchWriter({ tags, writer, repos, votes: new VoteWriter({ users, upvotes }) });
  const ingest = new IngestService(database, { repos, batches, registry: () => SourceRegistry.load(), http, settings: new Map() });
  const demo = new DemoService(database, { users, tags, writer });
  return {
    users, sessions, tags, papers, paperTags, feeds, authors, repos, origins, upvotes, dismissals, follows, writer, submissions, engine,
    changeLog, taste, recommendations, ingest, demo,
  };
}
