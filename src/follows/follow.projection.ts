import { json, type Projection } from '../graphql/projection.js';
import { AUTHORS_OF_FOLLOWER, FOLLOWERS_OF_USER, TAGS_OF_FOLLOWER, USERS_OF_FOLLOWER } from './follow.service.js';

const edge = { followedAt: json.instant('f.created_at') };
const countOf = (table: string): string => `(SELECT count(*)::text FROM ${table} WHERE user_id = u.id)`;

// OFFSET 0: see UPVOTE_PROJECTION.
/** Whether the viewer follows tags `t`, authors `a` and users `u`, and what users `u` follow and by whom they are followed. */
export const FOLLOW_PROJECTION: { readonly Tag: Projection; readonly Author: Projection; readonly User: Projection } = {
  Tag: {
    viewerFollows: (viewer) => json.boolean(`EXISTS (SELECT FROM tag_follows x WHERE x.user_id = ${viewer} AND x.tag_id = t.id OFFSET 0)`),
  },
  Author: {
    viewerFollows: (viewer) => json.boolean(`EXISTS (SELECT FROM author_follows x WHERE x.user_id = ${viewer} AND x.author_id = a.id OFFSET 0)`),
  },
  User: {
    viewerFollows: (viewer) => json.boolean(`EXISTS (SELECT FROM user_follows x WHERE x.user_id = ${viewer} AND x.followed_id = u.id OFFSET 0)`),
    followedUsers: { kind: 'many', type: 'User', list: USERS_OF_FOLLOWER, id: 'u.id', edge, totalCount: countOf('user_follows') },
    followers: { kind: 'many', type: 'User', list: FOLLOWERS_OF_USER, id: 'u.id', edge, totalCount: json.number('u.follower_count') },
    followedTags: { kind: 'many', type: 'Tag', list: TAGS_OF_FOLLOWER, id: 'u.id', edge, totalCount: countOf('tag_follows') },
    followedAuthors: { kind: 'many', type: 'Author', list: AUTHORS_OF_FOLLOWER, id: 'u.id', edge, totalCount: countOf('author_follows') },
  },
};
