import { loaderOfViewer, perRequest } from '../graphql/loaders.js';
import type { MuteService } from './mute.service.js';

export type MuteLoaders = ReturnType<typeof muteLoaders>;

export function muteLoaders(mutes: MuteService) {
  return perRequest(({ viewer }) => ({
    viewerHasMutedTag: loaderOfViewer(viewer, (userId, ids) => mutes.tagsAmong(userId, ids)),
    viewerHasMutedAuthor: loaderOfViewer(viewer, (userId, ids) => mutes.authorsAmong(userId, ids)),
    viewerHasMutedPaper: loaderOfViewer(viewer, (userId, ids) => mutes.papersAmong(userId, ids)),
  }));
}
