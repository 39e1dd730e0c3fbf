import { isObjectType, type GraphQLSchema } from 'graphql';
import type { Context } from './context.js';

/** Opens the stream of a subscription's events, by the name of its field. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each field has arguments of its own
export type Streams = Readonly<Record<string, (args: any, context: Context) => Promise<AsyncIterable<object>>>>;

/** A resolver of subscriptions. */
interface Streaming {
  readonly streams: Streams;
}

/** Stands where TypeGraphQL wants to know the stream of a field: it knows classes alone, not the object with its services. */
export function openedByStreams(): never {
  throw new Error('the stream of this field is opened by `streams` of its resolver');
}

/** Has each subscription opened by its resolver object. */
export function connectStreams(schema: GraphQLSchema, resolvers: readonly object[]): void {
  const type = schema.getSubscriptionType();
  if (!isObjectType(type)) return;
  const streams = new Map(resolvers.filter(isStreaming).flatMap((resolver) => Object.entries(resolver.streams)));
  for (const field of Object.values(type.getFields())) {
    const open = streams.get(field.name);
    if (open === undefined) throw new Error(`the subscription ${field.name} has no stream`);
    field.subscribe = (_root, args, context: Context) => open(args, context);
  }
}

function isStreaming(resolver: object): resolver is Streaming {
  return 'streams' in resolver;
}
