import { json, type Projection } from '../graphql/projection.js';

/** What the viewer follows of tags `t` and authors `a`. */
export const FOLLOW_PROJECTION: { readonly Tag: Projection; readonly Author: Projection } = {
  Tag: {
    viewerFollows: (viewer) => json.boolean(`EXISTS (SELECT FROM tag_follows x WHERE x.user_id = ${viewer} AND x.tag_id = t.id)`),
  },
  Author: {
    viewerFollows: (viewer) => json.boolean(`EXISTS (SELECT FROM author_follows x WHERE x.user_id = ${viewer} AND x.author_id = a.id)`),
  },
};
