import { json, type Projection } from '../graphql/projection.js';
import { IS_BY_AUTHOR, PAPERS_OF_VOTER, VOTERS_OF_PAPER } from './upvote.service.js';

const edge = { upvotedAt: json.instant('v.created_at') };
const voterEdge = {
  ...edge,
  isByAuthor: json.boolean(IS_BY_AUTHOR),
  isBySubmitter: json.boolean('EXISTS (SELECT FROM papers x WHERE x.id = v.paper_id AND x.submitted_by_id = v.user_id OFFSET 0)'),
};

// OFFSET 0 has each paper looked up by itself: left to choose, the database reads all that the viewer ever upvoted.
/** Upvotes of papers `p` and by users `u`. */
export const UPVOTE_PROJECTION: { readonly Paper: Projection; readonly User: Projection } = {
  Paper: {
    viewerHasUpvoted: (viewer) => json.boolean(`EXISTS (SELECT FROM upvotes x WHERE x.user_id = ${viewer} AND x.paper_id = p.id OFFSET 0)`),
    upvotes: { kind: 'many', type: 'User', list: VOTERS_OF_PAPER, id: 'p.id', edge: voterEdge, totalCount: json.number('p.upvote_count') },
  },
  User: {
    upvotedPapers: { kind: 'many', type: 'Paper', list: PAPERS_OF_VOTER, id: 'u.id', edge, totalCount: json.number('u.upvote_count') },
  },
};
