import { loaderOfViewer, perRequest } from '../graphql/loaders.js';
import type { DismissalService } from './dismissal.service.js';

export type DismissalLoaders = ReturnType<typeof dismissalLoaders>;

export function dismissalLoaders(dismissals: DismissalService) {
  return perRequest(({ viewer }) => ({
    viewerHasDismissed: loaderOfViewer(viewer, (userId, ids) => dismissals.dismissedAmong(userId, ids)),
  }));
}
