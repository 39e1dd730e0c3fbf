import { json, type Projection } from '../graphql/projection.js';

// OFFSET 0: see UPVOTE_PROJECTION.
/** What the viewer follows of tags `t` and authors `a`. */
export const FOLLOW_PROJECTION: { readonly Tag: Projection; readonly Author: Projection } = {
  Tag: {
    viewerFollows: (viewer) => json.boolean(`EXISTS (SELECT FROM tag_follows x WHERE x.user_id = ${viewer} AND x.tag_id = t.id OFFSET 0)`),
  },
  Author: {
    viewerFollows: (viewer) => json.boolean(`EXISTS (SELECT FROM author_follows x WHERE x.user_id = ${viewer} AND x.author_id = a.id OFFSET 0)`),
  },
};
