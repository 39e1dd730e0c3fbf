import { GraphQLError, createSourceEventStream, execute, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { asking, type Viewer } from './context.js';
import { StreamEnd } from './eventQueue.js';
import type { ExecutionRequest } from './executor.js';
import type { RequestContext } from './requestContext.js';

type FindViewer = (token: string) => Promise<Viewer | null>;

/** Opens subscriptions, whose events are answered as queries are: each reads anew, for the viewer of that moment. */
export function createSubscriber(schema: GraphQLSchema, findViewer: FindViewer): (request: ExecutionRequest<RequestContext>) => Promise<ExecutionResult> {
  return async ({ document, operationName, variables, contextValue }) => {
    const { onSubscribed } = contextValue;
    if (onSubscribed === undefined) return { errors: [notByRequest()] };
    const args = { schema, document, contextValue, variableValues: variables, operationName };
    const events = await createSourceEventStream(args);
    if (!(Symbol.asyncIterator in events)) return events;
    const iterator = events[Symbol.asyncIterator]() as AsyncIterator<object>;
    if (contextValue.isOver) {
      await iterator.return?.();
      return { data: {} };
    }
    onSubscribed({
      events: iterator,
      answer: async (event) => {
        const viewer = await currentViewer(contextValue.token, findViewer);
        return execute({ ...args, rootValue: event, contextValue: { ...contextValue, ...asking(viewer), scope: scopeOf(event, viewer) } });
      },
    });
    return { data: {} };
  };
}

async function currentViewer(token: string | null, findViewer: FindViewer): Promise<Viewer | null> {
  if (token === null) return null;
  const viewer = await findViewer(token);
  if (viewer === null) throw new StreamEnd('TOKEN_ENDED');
  return viewer;
}

const scopes = new WeakMap<object, Map<string, object>>();

/** What is read of an event is read once for all subscribers who see the same: a paper for a hundred anonymous readers. */
function scopeOf(event: object, viewer: Viewer | null): object {
  const ofEvent = scopes.get(event) ?? new Map<string, object>();
  scopes.set(event, ofEvent);
  const key = viewer === null ? '' : `${viewer.id} ${viewer.role}`;
  const scope = ofEvent.get(key) ?? {};
  ofEvent.set(key, scope);
  return scope;
}

function notByRequest(): GraphQLError {
  return new GraphQLError('subscriptions need a stream: WebSocket (graphql-transport-ws) at /graphql, or server-sent events at /graphql/stream', {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  });
}
