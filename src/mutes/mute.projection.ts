import { rawSql } from '../database/database.js';
import { json, type Projection } from '../graphql/projection.js';
import { hasMuted } from './unwanted.js';

// OFFSET 0: see UPVOTE_PROJECTION.
/** Whether the viewer muted tags `t`, authors `a`, and any of papers `p`. */
export const MUTE_PROJECTION: { readonly Tag: Projection; readonly Author: Projection; readonly Paper: Projection } = {
  Tag: {
    viewerHasMuted: (viewer) => json.boolean(`EXISTS (SELECT FROM tag_mutes x WHERE x.user_id = ${viewer} AND x.tag_id = t.id OFFSET 0)`),
  },
  Author: {
    viewerHasMuted: (viewer) => json.boolean(`EXISTS (SELECT FROM author_mutes x WHERE x.user_id = ${viewer} AND x.author_id = a.id OFFSET 0)`),
  },
  Paper: {
    viewerHasMuted: (viewer) => json.boolean(hasMuted(rawSql(viewer), rawSql('p.id')).text),
  },
};
