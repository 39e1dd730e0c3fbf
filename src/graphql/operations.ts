import type { ApolloServer } from '@apollo/server';
import type { FormattedExecutionResult, GraphQLError } from 'graphql';
import { randomUUID } from 'node:crypto';
import { UnavailableError } from '../errors.js';
import { attributesOf, type Telemetry } from '../telemetry/telemetry.js';
import { plainId } from '../trustedManifest.js';
import type { Gate } from './gate.js';
import { JsonText } from './planner.js';
import { requestContext, type Caller, type RequestContext, type Subscribed } from './requestContext.js';
import type { Format } from './toldErrors.js';

/** What a client asks for. */
export interface Operation {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
  readonly extensions?: Record<string, unknown> | null | undefined;
  /** Names a trusted document. */
  readonly documentId?: unknown;
}

/** Answers one after the other; `return` ends it at once. */
export interface AnswerStream extends AsyncIterableIterator<FormattedExecutionResult, undefined> {
  return(): Promise<IteratorResult<FormattedExecutionResult, undefined>>;
}

const DONE = { done: true, value: undefined } as const;

/** What operations go through that do not come as requests. */
interface Surroundings {
  readonly format: Format;
  readonly gate: Gate;
  readonly telemetry: Telemetry;
}

/** Operations that come by a way of their own: with the limits, the rules and the errors of those that come as requests. */
export class Operations {
  constructor(
    private readonly apollo: ApolloServer<RequestContext>,
    private readonly surroundings: Surroundings,
  ) {}

  /** The answer, or the answers of a subscription. `requestId` names it where it is a request of its own. */
  async run(operation: Operation, caller: Caller, requestId = randomUUID() as string): Promise<FormattedExecutionResult | AnswerStream> {
    try {
      return await this.surroundings.gate.run(() => this.execute(operation, caller, requestId));
    } catch (error) {
      if (error instanceof UnavailableError) return { errors: [this.surroundings.format({ message: error.message }, error, requestId)] };
      throw error;
    }
  }

  private async execute({ query, operationName, variables, extensions, documentId }: Operation, caller: Caller, requestId: string): Promise<FormattedExecutionResult | AnswerStream> {
    const opened: Subscribed[] = [];
    const contextValue: RequestContext = { ...requestContext(requestId, caller), onSubscribed: (subscribed) => { opened.push(subscribed); } };
    // As Apollo knows persisted queries: a request by a way of its own has no body in which it could look for an id.
    const named = typeof documentId === 'string' ? { ...extensions, persistedQuery: { version: 1, sha256Hash: plainId(documentId) } } : extensions;
    const request = {
      ...(query !== '' && { query }), ...(operationName != null && { operationName }), ...(variables != null && { variables }), ...(named != null && { extensions: named }),
    };
    const { body } = await this.traced(contextValue, () => this.apollo.executeOperation(request, { contextValue }));
    const [subscribed] = opened;
    if (subscribed !== undefined) return this.answers(subscribed, requestId);
    if (body.kind !== 'single') throw new Error('an answer came in parts');
    const { data, ...rest } = body.singleResult;
    const written = (data as unknown) instanceof JsonText ? (JSON.parse((data as unknown as JsonText).text) as Record<string, unknown>) : data;
    return { ...rest, ...(written !== undefined && { data: written }) };
  }

  /** What comes by a request has that one's span, or none; what comes by a socket begins one of its own. */
  private async traced<Result>({ record, requestId }: RequestContext, work: () => Promise<Result>): Promise<Result> {
    const span = record.span !== null ? null : this.surroundings.telemetry.tracing?.sample({})?.begin('GraphQL Operation', { 'http.request.header.x-request-id': requestId });
    if (span == null) return work();
    record.span = span;
    try {
      return await work();
    } finally {
      if (record.type !== 'unknown') span.rename(record.type);
      span.set({ ...attributesOf(record), 'graphql.operation.way': record.way, 'graphql.operation.outcome': record.outcome });
      span.end();
    }
  }

  // By hand: an async generator that waits for an event cannot be returned until there is one.
  private answers(subscribed: Subscribed, requestId: string): AnswerStream {
    const { events } = subscribed;
    const end = async (): Promise<typeof DONE> => {
      await events.return?.();
      return DONE;
    };
    const stream: AnswerStream = {
      next: async () => {
        const event = await events.next();
        if (event.done === true) return DONE;
        const answered = await subscribed.answer(event.value).catch(async (error: unknown) => {
          await end();
          throw error;
        });
        return { done: false as const, value: this.formatted(answered, requestId) };
      },
      return: end,
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  }

  private formatted({ data, errors }: { readonly data?: unknown; readonly errors?: readonly GraphQLError[] }, requestId: string): FormattedExecutionResult {
    const told = errors?.map((error) => this.surroundings.format({ ...error.toJSON(), extensions: { code: 'INTERNAL_SERVER_ERROR', ...error.extensions } }, error, requestId));
    return { ...(told !== undefined && { errors: told }), data: data as Record<string, unknown> | null };
  }
}

export function isStream(outcome: FormattedExecutionResult | AnswerStream): outcome is AnswerStream {
  return Symbol.asyncIterator in outcome;
}
