import type { JsonReader } from '../graphql/jsonReader.js';
import type { RootProjections } from '../graphql/planner.js';
import type { RepoService } from './repo.service.js';
import type { ReposArgs } from './repo.type.js';

/** Query.repos */
export function repoRoots(read: JsonReader, repos: RepoService): RootProjections {
  return {
    repos: async (selected, asker) => {
      const { host = null, orderBy } = selected.args as unknown as ReposArgs;
      return read.connection(selected, { type: 'Repo', name: '', listing: () => repos.listing(host, orderBy) })(asker);
    },
  };
}
