import { json, type Projection } from '../graphql/projection.js';

/** What the viewer said of papers `p`. */
export const UPVOTE_PROJECTION: { readonly Paper: Projection } = {
  Paper: {
    viewerHasUpvoted: (viewer) => json.boolean(`EXISTS (SELECT FROM upvotes x WHERE x.user_id = ${viewer} AND x.paper_id = p.id)`),
  },
};
