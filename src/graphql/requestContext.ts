import type { ExecutionResult } from 'graphql';
import type { Context } from './context.js';

/** A subscription that is open. */
export interface Subscribed {
  readonly events: AsyncIterator<object>;
  /** What the client is sent for an event; throws StreamEnd where the token ended. */
  answer(event: object): Promise<ExecutionResult>;
}

/** The context as it is before anyone asked who the viewer is. */
export interface RequestContext extends Context {
  /** An authorization header came along, whatever is in it. */
  readonly hasCredentials: boolean;
  /** Takes the stream of a subscription, where the request came by a way that has streams. */
  readonly onSubscribed?: (subscribed: Subscribed) => void;
}

/** What is known of a request by its authorization. */
export function requestContext(requestId: string, authorization: string | undefined): RequestContext {
  return { viewer: null, token: tokenOf(authorization), requestId, scope: {}, hasCredentials: authorization !== undefined };
}

function tokenOf(authorization: string | undefined): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(authorization ?? '')?.[1] ?? null;
}
