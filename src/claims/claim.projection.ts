import { json, type Projection } from '../graphql/projection.js';
import { AUTHORS_OF_USER } from './claim.service.js';

/** Who authors `a` are, and which authors users `u` are. */
export const CLAIM_PROJECTION: { readonly Author: Projection; readonly User: Projection } = {
  Author: {
    user: { kind: 'one', type: 'User', from: 'users u', key: 'u.id', column: `(SELECT x.user_id FROM authorship_claims x WHERE x.author_id = a.id AND x.state = 'CONFIRMED')` },
  },
  User: {
    authors: {
      kind: 'many',
      type: 'Author',
      list: AUTHORS_OF_USER,
      id: 'u.id',
      edge: { confirmedAt: json.instant('c.resolved_at') },
      totalCount: `(SELECT count(*)::text FROM authorship_claims x WHERE x.user_id = u.id AND x.state = 'CONFIRMED')`,
    },
  },
};
