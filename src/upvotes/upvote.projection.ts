import { json, type Projection } from '../graphql/projection.js';

// OFFSET 0 has each paper looked up by itself: left to choose, the database reads all that the viewer ever upvoted.
/** What the viewer said of papers `p`. */
export const UPVOTE_PROJECTION: { readonly Paper: Projection } = {
  Paper: {
    viewerHasUpvoted: (viewer) => json.boolean(`EXISTS (SELECT FROM upvotes x WHERE x.user_id = ${viewer} AND x.paper_id = p.id OFFSET 0)`),
  },
};
