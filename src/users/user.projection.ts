import { json, nullableJson, type Projection } from '../graphql/projection.js';

/** Users `u`. */
export const USER_PROJECTION: { readonly User: Projection } = {
  User: {
    id: json.globalId('User', 'u.id'),
    username: json.text('u.username'),
    displayName: nullableJson.text('u.display_name'),
    role: json.word('u.role'),
    isSimulated: json.boolean('u.is_simulated'),
    createdAt: json.instant('u.created_at'),
    upvoteCount: json.number('u.upvote_count'),
    followerCount: json.number('u.follower_count'),
  },
};
