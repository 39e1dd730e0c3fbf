import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { GraphQLError, OperationTypeNode, type ExecutionResult, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { Admission, budgetHeaders, type CostLimits } from './admission.js';
import { UnavailableError } from '../errors.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import { asking, type Viewer } from './context.js';
import { createExecutor, type ExecutionRequest } from './executor.js';
import { Deadline } from './deadline.js';
import { callerOf, isOpenToAll } from './openMutations.js';
import { needsDatabase, notExecuted, takesTooLong, withOutages } from './outages.js';
import { Asker, Planner, type RootProjections } from './planner.js';
import type { RequestContext } from './requestContext.js';
import { createSubscriber } from './subscriber.js';

export interface ExecutionOptions extends CostLimits {
  readonly schema: GraphQLSchema;
  /** How often an operation is interpreted before it is compiled. */
  readonly compileAfter: number;
  /** Fields of Query that the database can answer by itself. */
  readonly roots: RootProjections;
  /** Who a bearer token stands for; null for an unknown one. Throws UnavailableError where that cannot be found out now. */
  readonly findViewer: (token: string) => Promise<Viewer | null>;
  /** What is stored of a token. */
  readonly hashOf: (token: string) => Uint8Array;
  /** How long an operation may take, in milliseconds. */
  readonly requestMs: number;
  /** What to tell whoever asks while the database is known to answer nobody; else null. */
  readonly outage: () => UnavailableError | null;
  /** UNAVAILABLE in place of a failure of the database; any other error as it is. */
  readonly judge: (error: unknown) => unknown;
  readonly telemetry: Telemetry;
  /** Told of each request by a token that holds. */
  readonly onToken: (tokenHash: Uint8Array) => void;
}

export interface ExecutionHooks {
  /** Told of errors of the database's own answers, which resolvers make up for. */
  readonly onFailure: (error: unknown, requestId: string | undefined) => void;
  /** Called when a mutation ends whose client was answered before. */
  readonly onLateWrite: () => void;
}

type TellHeader = (name: string, value: string) => void;

/** Apollo Server's door for an executor that is not graphql-js: all that surrounds execution stays as it is. */
export function gatewayOf(options: ExecutionOptions, { onFailure, onLateWrite }: ExecutionHooks): ApolloServerOptionsWithGateway<RequestContext>['gateway'] {
  const { schema, roots, compileAfter, findViewer, hashOf, requestMs, outage, judge, telemetry, onToken } = options;
  const admission = new Admission(options);
  const deadline = new Deadline(requestMs);
  const planner = new Planner({ schema, roots, onFailure: (error, { record }) => { onFailure(error, record?.requestId); } });
  const identify = async ({ contextValue }: ExecutionRequest<RequestContext>, operation: OperationDefinitionNode): Promise<GraphQLError | null> => {
    const { token, hasCredentials } = contextValue;
    const caller = token === null ? null : await callerOf(token, operation, findViewer);
    Object.assign(contextValue, asking(caller));
    if (token !== null && caller === null) admission.forget(token);
    if (token !== null && caller !== null) onToken(hashOf(token));
    return hasCredentials && caller === null && !isOpenToAll(operation) ? badToken() : null;
  };
  const execute = createExecutor<RequestContext>(schema, {
    compileAfter,
    answer: async ({ document, contextValue: { token, hasCredentials, bill, record } }, operation, variables) => {
      if (hasCredentials && token === null) return null;
      const asker = new Asker(token === null ? null : hashOf(token), bill, record);
      const text = await planner.answer({ document, operation, variables, asker });
      record.viewerId = asker.viewerId;
      if (text !== null && asker.tokenHash !== null) onToken(asker.tokenHash);
      return text;
    },
    identify,
    onWay: ({ record }, way) => { record.way = way; },
  });
  const subscribe = createSubscriber(schema, findViewer);
  const open = async (asked: ExecutionRequest<RequestContext>, operation: OperationDefinitionNode): Promise<ExecutionResult> => {
    const refusal = await identify(asked, operation);
    asked.contextValue.record.way = 'interpreted';
    return refusal === null ? subscribe(asked) : { errors: [refusal] };
  };
  const serve = async (asked: ExecutionRequest<RequestContext>, operation: OperationDefinitionNode, tell: TellHeader): Promise<ExecutionResult> => {
    try {
      const admitted = admission.admit(asked, operation);
      const tooMuch = admitted instanceof Promise ? await admitted : admitted;
      const { bill, record } = asked.contextValue;
      record.cost = bill?.cost ?? null;
      if (bill !== null) for (const [name, value] of budgetHeaders(bill)) tell(name, value);
      if (tooMuch !== null) return { errors: [tooMuch] };
      return await (operation.operation === OperationTypeNode.SUBSCRIPTION ? open(asked, operation) : telemetry.executing(record, () => execute(asked)));
    } catch (error) {
      // No field was executed yet: what goes wrong in a field stands in the result.
      const judged = judge(error);
      if (!(judged instanceof UnavailableError)) throw error;
      return notExecuted(judged, operation);
    }
  };
  const serveInTime = (asked: ExecutionRequest<RequestContext>, operation: OperationDefinitionNode, tell: TellHeader): Promise<ExecutionResult> =>
    deadline.within(serve(asked, operation, tell), (rest) => {
      asked.contextValue.isOver = true;
      const isMutation = operation.operation === OperationTypeNode.MUTATION;
      rest.catch(() => undefined).finally(() => { if (isMutation) onLateWrite(); });
      return takesTooLong(requestMs, operation);
    });
  return {
    load: () =>
      Promise.resolve({
        executor: async ({ document, operation, request, response, context }) => {
          const asked = { document, operation, operationName: request.operationName, variables: request.variables, contextValue: context as RequestContext };
          // Missing, whatever its type says, where a document has several and none is named.
          if ((operation as OperationDefinitionNode | undefined) === undefined) return execute(asked);
          const { record } = asked.contextValue;
          record.identify(operation.operation, operation.name?.value);
          const known = outage();
          if (known !== null && needsDatabase(operation)) return notExecuted(known, operation);
          const result = await serveInTime(asked, operation, (name, value) => response?.http?.headers.set(name, value));
          const answer = withOutages(result, operation, judge);
          const { bill } = asked.contextValue;
          if (bill === null || request.extensions?.['cost'] !== true) return answer;
          return { ...answer, extensions: { ...answer.extensions, cost: { requested: bill.cost, limit: bill.maxCost } } };
        },
      }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}

function badToken(): GraphQLError {
  return new GraphQLError('the bearer token is unknown, expired or revoked: sign in again', {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
  });
}
