import { json, nullableJson, type Projection } from '../graphql/projection.js';
import { AUTHORS_OF_PAPER } from './author.service.js';

/** Authors `a`, and the bylines of papers `p`. */
export const AUTHOR_PROJECTION: { readonly Author: Projection; readonly Paper: Projection } = {
  Author: {
    id: json.globalId('Author', 'a.id'),
    name: json.text('a.name'),
    orcid: nullableJson.text('a.orcid'),
    paperCount: json.number('a.paper_count'),
    followerCount: json.number('a.follower_count'),
  },
  Paper: {
    authors: { kind: 'many', type: 'Author', list: AUTHORS_OF_PAPER, id: 'p.id', edge: {}, totalCount: json.number('p.named_author_count') },
  },
};
