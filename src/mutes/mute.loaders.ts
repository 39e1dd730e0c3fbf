import { loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { MuteService } from './mute.service.js';

export type MuteLoaders = ReturnType<typeof muteLoaders>;

export function muteLoaders(mutes: MuteService) {
  return perRequest(({ viewer }) => {
    const ofViewer = (read: (userId: number, ids: readonly number[]) => Promise<Map<number, boolean>>) =>
      loaderOfValue(async (ids: readonly number[]) => (viewer === null ? new Map<number, boolean>() : read(viewer.id, ids)), false);
    return {
      viewerHasMutedTag: ofViewer((userId, ids) => mutes.tagsAmong(userId, ids)),
      viewerHasMutedAuthor: ofViewer((userId, ids) => mutes.authorsAmong(userId, ids)),
      viewerHasMutedPaper: ofViewer((userId, ids) => mutes.papersAmong(userId, ids)),
    };
  });
}
