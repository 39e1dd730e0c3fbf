import { loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { IngestRunService } from './ingestRun.service.js';

export type IngestRunLoaders = ReturnType<typeof ingestRunLoaders>;

export function ingestRunLoaders(runs: IngestRunService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => runs.byIds(ids), (run) => run.rowId),
    latestBySource: loaderOfOne((sources: readonly string[]) => runs.latestBySource(sources), (run) => run.source),
    rejectsByRunId: loaderOfPages((ids, page) => runs.rejectsByRun(ids, page)),
    rejectCountByRunId: loaderOfValue((ids: readonly number[]) => runs.rejectCountsByRun(ids), 0),
  }));
}
