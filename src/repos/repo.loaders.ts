import { loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import { byWay } from '../papers/paper.loaders.js';
import type { RepoService } from './repo.service.js';
import { repoKey } from './repoAddress.js';

export type RepoLoaders = ReturnType<typeof repoLoaders>;

export function repoLoaders(repos: RepoService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => repos.byIds(ids), (repo) => repo.rowId),
    byKey: loaderOfOne((keys: readonly string[]) => repos.byKeys(keys), (repo) => repoKey(repo)),
    byPaperId: loaderOfPages((ids, page) => repos.pagesByPaper(ids, page)),
    countByPaperId: loaderOfValue((ids: readonly number[]) => repos.countsByPaper(ids), 0),
    papersByRepoId: byWay((way) => loaderOfPages((ids, page) => repos.papersByRepo(ids, way, page))),
  }));
}
