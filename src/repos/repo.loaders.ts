import { sql } from '../database/database.js';
import { loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import { byOrder } from '../papers/paper.loaders.js';
import type { PaperService } from '../papers/paper.service.js';
import type { RepoService } from './repo.service.js';
import { repoKey } from './repoAddress.js';

export type RepoLoaders = ReturnType<typeof repoLoaders>;

const BY_REPO = { from: sql`paper_repos l JOIN papers p ON p.id = l.paper_id`, parentColumn: 'l.repo_id' };

export function repoLoaders(repos: RepoService, papers: PaperService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => repos.byIds(ids), (repo) => repo.rowId),
    byKey: loaderOfOne((keys: readonly string[]) => repos.byKeys(keys), (repo) => repoKey(repo)),
    byPaperId: loaderOfPages((ids, page) => repos.pagesByPaper(ids, page)),
    countByPaperId: loaderOfValue((ids: readonly number[]) => repos.countsByPaper(ids), 0),
    papersByRepoId: byOrder((order) => loaderOfPages((ids, page) => papers.listLinked(BY_REPO, order, { ids, page }))),
  }));
}
