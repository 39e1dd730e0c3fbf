import { json, nullableJson, type Projection } from '../graphql/projection.js';
import { REPOS_OF_PAPER } from './repo.service.js';

/** Repos `r`, and those of papers `p`. */
export const REPO_PROJECTION: { readonly Repo: Projection; readonly Paper: Projection } = {
  Repo: {
    id: json.globalId('Repo', 'r.id'),
    host: json.text('r.host'),
    owner: json.text('r.owner'),
    name: json.text('r.name'),
    url: json.text(`'https://' || r.host || '/' || r.owner || '/' || r.name`),
    stars: nullableJson.number('r.stars'),
    language: nullableJson.text('r.language'),
    license: nullableJson.text('r.license'),
    isArchived: nullableJson.boolean('r.is_archived'),
    refreshedAt: nullableJson.instant('r.refreshed_at'),
    paperCount: json.number('r.paper_count'),
  },
  Paper: {
    repos: { kind: 'many', type: 'Repo', list: REPOS_OF_PAPER, id: 'p.id', edge: { isOfficial: json.boolean('l.is_official') }, totalCount: json.number('p.repo_count') },
  },
};
