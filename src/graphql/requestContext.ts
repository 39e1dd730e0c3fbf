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

/** What a request says of its caller. */
export interface Caller {
  readonly authorization: string | undefined;
  /** Worked out when somebody asks. */
  readonly address: () => string;
}

/** What is known of a request by its caller. */
export function requestContext(requestId: string, { authorization, address }: Caller): RequestContext {
  return { viewer: null, unread: null, token: tokenOf(authorization), requestId, scope: {}, bill: null, hasCredentials: authorization !== undefined, address };
}

/** The token of an authorization; null for any other, and for none. */
export function tokenOf(authorization: string | undefined): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(authorization ?? '')?.[1] ?? null;
}
