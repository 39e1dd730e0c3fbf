import { loaderOfOne, perRequest } from '../graphql/loaders.js';
import type { ReportService } from './report.service.js';

export type ReportLoaders = ReturnType<typeof reportLoaders>;

export function reportLoaders(reports: ReportService) {
  return perRequest(() => ({
    byId: loaderOfOne((ids: readonly number[]) => reports.byIds(ids), (report) => report.rowId),
  }));
}
