import { json, type Projection } from '../graphql/projection.js';

// OFFSET 0: see UPVOTE_PROJECTION.
/** What the viewer said of papers `p`. */
export const DISMISSAL_PROJECTION: { readonly Paper: Projection } = {
  Paper: {
    viewerHasDismissed: (viewer) => json.boolean(`EXISTS (SELECT FROM dismissals x WHERE x.user_id = ${viewer} AND x.paper_id = p.id OFFSET 0)`),
  },
};
