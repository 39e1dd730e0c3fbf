import { json, nullableJson, type LinkedList, type Projection } from '../graphql/projection.js';
import type { Selected } from '../graphql/selection.js';
import { PAPER_ORDERS } from './paper.listing.js';
import { PAPERS_OF_SUBMITTER } from './paper.service.js';
import type { PaperOrder } from './paper.type.js';
import { TAGS_OF_PAPER } from './paperTag.service.js';

/** The list in the order that `orderBy` names. */
function inPaperOrder(list: Omit<LinkedList, 'order'>): (args: Selected['args']) => LinkedList {
  return ({ orderBy }) => ({ ...list, order: PAPER_ORDERS[orderBy as PaperOrder] });
}

/** Papers `p` with their tags and who submitted them. */
export const PAPER_PROJECTION: { readonly Paper: Projection; readonly User: Projection } = {
  Paper: {
    id: json.globalId('Paper', 'p.id'),
    arxivId: nullableJson.text('p.arxiv_id'),
    arxivVersion: nullableJson.number('p.arxiv_version'),
    doi: nullableJson.text('p.doi'),
    title: json.text('p.title'),
    abstract: nullableJson.text('p.abstract'),
    publishedAt: nullableJson.instant('p.published_at'),
    listedAt: json.instant('p.listed_at'),
    listedOn: json.word("to_char(p.listed_on, 'YYYY-MM-DD')"),
    withdrawnAt: nullableJson.instant('p.withdrawn_at'),
    isHidden: json.boolean('p.hidden_at IS NOT NULL'),
    projectUrl: nullableJson.text('p.project_url'),
    authorCount: nullableJson.number('nullif(greatest(p.stated_author_count, p.named_author_count), 0)'),
    upvoteCount: json.number('p.upvote_count'),
    commentCount: json.number('p.comment_count'),
    originUpvoteCount: nullableJson.number('p.origin_upvote_count'),
    trendingScore: json.number('p.trending_score'),
    updatedAt: json.instant('p.updated_at'),
    submittedBy: { kind: 'one', type: 'User', from: 'users u', key: 'u.id', column: 'p.submitted_by_id' },
    tags: { kind: 'many', type: 'Tag', list: TAGS_OF_PAPER, id: 'p.id', edge: { weight: json.number('l.weight') }, totalCount: json.number('p.tag_count') },
  },
  User: {
    submittedPapers: {
      kind: 'many',
      type: 'Paper',
      list: inPaperOrder(PAPERS_OF_SUBMITTER),
      id: 'u.id',
      edge: {},
      totalCount: '(SELECT count(*)::text FROM listed_papers WHERE submitted_by_id = u.id)',
    },
  },
};
