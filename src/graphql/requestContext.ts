import type { ExecutionResult } from 'graphql';
import { OperationRecord, type Transport } from '../telemetry/operation.js';
import type { Span } from '../telemetry/tracing.js';
import type { Context } from './context.js';

/** A subscription that is open. */
export interface Subscribed {
  readonly events: AsyncIterator<object>;
  /** What the client is sent for an event; throws StreamEnd where the token ended. */
  answer(event: object): Promise<ExecutionResult>;
}

/** The context as it is before anyone asked who the viewer is. */
export interface RequestContext extends Context {
  /** What is told of the operation when it has ended. */
  readonly record: OperationRecord;
  /** An authorization header came along, whatever is in it. */
  readonly hasCredentials: boolean;
  /** Takes the stream of a subscription, where the request came by a way that has streams. */
  readonly onSubscribed?: (subscribed: Subscribed) => void;
}

/** What a request says of its caller. */
export interface Caller {
  readonly transport: Transport;
  /** The span of the request by which it came; left out for none. */
  readonly span?: Span | null;
  readonly authorization: string | undefined;
  /** Worked out when somebody asks. */
  readonly address: () => string;
}

/** What is known of a request by its caller. */
export function requestContext(requestId: string, { authorization, address, transport, span = null }: Caller): RequestContext {
  return {
    viewer: null, unread: null, token: tokenOf(authorization), requestId, scope: {}, isOver: false, bill: null, keyedStep: null, hasCredentials: authorization !== undefined, address,
    record: new OperationRecord(requestId, transport, span),
  };
}

// Providers' tokens have kilobytes, and Node takes 16 of a request's headers together.
/** The token of an authorization; null for any other, and for none. */
export function tokenOf(authorization: string | undefined): string | null {
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,8192})$/i.exec(authorization ?? '')?.[1] ?? null;
}
