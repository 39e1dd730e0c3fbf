import { loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { DismissalService } from './dismissal.service.js';

export type DismissalLoaders = ReturnType<typeof dismissalLoaders>;

export function dismissalLoaders(dismissals: DismissalService) {
  return perRequest(({ viewer }) => ({
    viewerHasDismissed: loaderOfValue(
      async (ids: readonly number[]) => (viewer === null ? new Map<number, boolean>() : dismissals.dismissedAmong(viewer.id, ids)),
      false,
    ),
  }));
}
