import { AUTHOR_PROJECTION } from './authors/author.projection.js';
import type { Database } from './database/database.js';
import { DISMISSAL_PROJECTION } from './dismissals/dismissal.projection.js';
import { FOLLOW_PROJECTION } from './follows/follow.projection.js';
import type { RootProjection } from './graphql/planner.js';
import { mergedProjections } from './graphql/projection.js';
import { PAPER_PROJECTION } from './papers/paper.projection.js';
import { PaperRoots } from './papers/paper.roots.js';
import { REPO_PROJECTION } from './repos/repo.projection.js';
import type { Services } from './services.js';
import { TAG_PROJECTION } from './tags/tag.projection.js';
import { UPVOTE_PROJECTION } from './upvotes/upvote.projection.js';
import { userOfToken } from './users/session.service.js';
import { USER_PROJECTION } from './users/user.projection.js';

/** The queries that the database answers by itself, with what it can write of each type. */
export function createRoots(database: Database, services: Services): Record<string, RootProjection> {
  const projections = mergedProjections([
    USER_PROJECTION,
    TAG_PROJECTION,
    PAPER_PROJECTION,
    AUTHOR_PROJECTION,
    REPO_PROJECTION,
    UPVOTE_PROJECTION,
    DISMISSAL_PROJECTION,
    FOLLOW_PROJECTION,
  ]);
  return { ...new PaperRoots(database, services, { projections, userOfToken }).roots() };
}
