import { byArgument, loaderOfOne, loaderOfPages, loaderOfValue, perRequest } from '../graphql/loaders.js';
import type { ClaimService } from './claim.service.js';
import type { AuthorshipClaim, ClaimState } from './claim.type.js';

export type ClaimLoaders = ReturnType<typeof claimLoaders>;

export function claimLoaders(claims: ClaimService) {
  return perRequest(({ viewer }) => ({
    byId: loaderOfOne((ids: readonly number[]) => claims.byIds(ids), (claim) => claim.rowId),
    byUserId: byArgument((state: ClaimState | null) => loaderOfPages((ids, page) => claims.pagesByUser(ids, state, page))),
    countByUserId: byArgument((state: ClaimState | null) => loaderOfValue((ids: readonly number[]) => claims.countsByUser(ids, state), 0)),
    /** The viewer's own; none for an anonymous request. */
    ofViewerByAuthorId: loaderOfValue<number, AuthorshipClaim | null>(async (ids) => (viewer === null ? new Map() : claims.byAuthorOf(viewer.id, ids)), null),
    userIdByAuthorId: loaderOfValue<number, number | null>((ids) => claims.usersByAuthor(ids), null),
    authorsByUserId: loaderOfPages((ids, page) => claims.authorsByUser(ids, page)),
    authorCountByUserId: loaderOfValue((ids: readonly number[]) => claims.authorCountsByUser(ids), 0),
  }));
}
