import { loaderOfOne, perRequest } from '../graphql/loaders.js';
import type { NotificationService } from './notification.service.js';

export type NotificationLoaders = ReturnType<typeof notificationLoaders>;

export function notificationLoaders(notifications: NotificationService) {
  return perRequest(({ viewer }) => ({
    /** The viewer's own; none for an anonymous request. */
    byId: loaderOfOne(
      async (ids: readonly number[]) => (viewer === null ? [] : notifications.byIds(viewer.id, ids)),
      (notification) => notification.rowId,
    ),
  }));
}
