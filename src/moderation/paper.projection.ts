import type { Projection } from '../graphql/projection.js';

/** What curators alone are told of papers `p`. */
export const MODERATION_PROJECTION: { readonly Paper: Projection } = {
  Paper: {
    flaggedUpvoteCount: (viewer) => `CASE WHEN EXISTS (SELECT FROM users x WHERE x.id = ${viewer} AND x.role <> 'READER') THEN p.flagged_upvote_count::text ELSE 'null' END`,
  },
};
