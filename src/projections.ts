import { AUTHOR_PROJECTION } from './authors/author.projection.js';
import { authorRoots } from './authors/author.roots.js';
import { CLAIM_PROJECTION } from './claims/claim.projection.js';
import { COMMENT_PROJECTION } from './comments/comment.projection.js';
import { COLLECTION_PROJECTION } from './collections/collection.projection.js';
import { collectionRoots } from './collections/collection.roots.js';
import { RULES } from './authorization.js';
import type { Database } from './database/database.js';
import { DISMISSAL_PROJECTION } from './dismissals/dismissal.projection.js';
import { feedRoots } from './feeds/feed.roots.js';
import { FOLLOW_PROJECTION } from './follows/follow.projection.js';
import { assertAsked } from './graphql/authorization.js';
import { JsonReader } from './graphql/jsonReader.js';
import type { RootProjections } from './graphql/planner.js';
import { rateLimitRoots } from './graphql/rateLimit.roots.js';
import { mergedProjections } from './graphql/projection.js';
import { MODERATION_PROJECTION } from './moderation/paper.projection.js';
import { MUTE_PROJECTION } from './mutes/mute.projection.js';
import { ORIGIN_PROJECTION } from './origins/origin.projection.js';
import { PAPER_PROJECTION } from './papers/paper.projection.js';
import { paperRoots } from './papers/paper.roots.js';
import { REPO_PROJECTION } from './repos/repo.projection.js';
import { repoRoots } from './repos/repo.roots.js';
import type { Services } from './services.js';
import { TAG_PROJECTION } from './tags/tag.projection.js';
import { tagRoots } from './tags/tag.roots.js';
import { UPVOTE_PROJECTION } from './upvotes/upvote.projection.js';
import { userOfToken } from './users/session.service.js';
import { USER_PROJECTION } from './users/user.projection.js';
import { userRoots } from './users/user.roots.js';

/** The queries that the database answers by itself, with what it can write of each type. */
export function createRoots(database: Database, services: Services): RootProjections {
  const projections = mergedProjections([
    USER_PROJECTION,
    TAG_PROJECTION,
    PAPER_PROJECTION,
    AUTHOR_PROJECTION,
    CLAIM_PROJECTION,
    REPO_PROJECTION,
    ORIGIN_PROJECTION,
    UPVOTE_PROJECTION,
    DISMISSAL_PROJECTION,
    MUTE_PROJECTION,
    FOLLOW_PROJECTION,
    COMMENT_PROJECTION,
    COLLECTION_PROJECTION,
    MODERATION_PROJECTION,
  ]);
  const read = new JsonReader(database, { projections, userOfToken });
  const roots = {
    ...userRoots(read),
    ...tagRoots(read, services.tags),
    ...paperRoots(read, services.papers),
    ...authorRoots(read, services.authors),
    ...repoRoots(read, services.repos),
    ...collectionRoots(read),
    ...feedRoots(read, services),
    ...rateLimitRoots(),
  };
  assertAsked(RULES, { roots, projections });
  return roots;
}
