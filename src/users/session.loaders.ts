import { loaderOfOne, perRequest } from '../graphql/loaders.js';
import type { SessionService } from './session.service.js';
import type { Session } from './session.type.js';

export type SessionLoaders = ReturnType<typeof sessionLoaders>;

export function sessionLoaders(sessions: SessionService) {
  return perRequest((context) => ({
    ownById: loaderOfOne<number, Session>(async (ids) => (context.viewer === null ? [] : sessions.ownByIds(context.viewer.id, context.token, ids)), (session) => session.rowId),
  }));
}
