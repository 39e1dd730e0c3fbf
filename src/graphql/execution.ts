import type { ApolloServerOptionsWithGateway } from '@apollo/server';
import { GraphQLError, Kind, OperationTypeNode, type ExecutionResult, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { Admission, budgetHeaders, type CostLimits } from './admission.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import type { Viewer } from './context.js';
import { createExecutor, type ExecutionRequest } from './executor.js';
import { Asker, Planner, type RootProjections } from './planner.js';
import type { RequestContext } from './requestContext.js';
import { createSubscriber } from './subscriber.js';

export interface ExecutionOptions extends CostLimits {
  readonly schema: GraphQLSchema;
  /** How often an operation is interpreted before it is compiled. */
  readonly compileAfter: number;
  /** Fields of Query that the database can answer by itself. */
  readonly roots: RootProjections;
  /** Who a bearer token stands for; null for an unknown one. */
  readonly findViewer: (token: string) => Promise<Viewer | null>;
  /** What is stored of a token. */
  readonly hashOf: (token: string) => Uint8Array;
  readonly telemetry: Telemetry;
}

/** Apollo Server's door for an executor that is not graphql-js: all that surrounds execution stays as it is. */
export function gatewayOf(options: ExecutionOptions, onFailure: (error: unknown, requestId: string | undefined) => void): ApolloServerOptionsWithGateway<RequestContext>['gateway'] {
  const { schema, roots, compileAfter, findViewer, hashOf, telemetry } = options;
  const admission = new Admission(options);
  const planner = new Planner({ schema, roots, onFailure: (error, { record }) => { onFailure(error, record?.requestId); } });
  const identify = async ({ contextValue }: ExecutionRequest<RequestContext>, operation: OperationDefinitionNode): Promise<GraphQLError | null> => {
    const { token, hasCredentials } = contextValue;
    contextValue.viewer = token === null ? null : await findViewer(token);
    if (token !== null && contextValue.viewer === null) admission.forget(token);
    return hasCredentials && contextValue.viewer === null && !opensSession(operation) ? badToken() : null;
  };
  const execute = createExecutor<RequestContext>(schema, {
    compileAfter,
    answer: async ({ document, contextValue: { token, hasCredentials, bill, record } }, operation, variables) => {
      if (hasCredentials && token === null) return null;
      const asker = new Asker(token === null ? null : hashOf(token), bill, record);
      const text = await planner.answer({ document, operation, variables, asker });
      record.viewerId = asker.viewerId;
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
  return {
    load: () =>
      Promise.resolve({
        executor: async ({ document, operation, request, response, context }) => {
          const asked = { document, operation, operationName: request.operationName, variables: request.variables, contextValue: context as RequestContext };
          // Missing, whatever its type says, where a document has several and none is named.
          if ((operation as OperationDefinitionNode | undefined) === undefined) return execute(asked);
          const { record } = asked.contextValue;
          record.identify(operation.operation, operation.name?.value);
          const admitted = admission.admit(asked, operation);
          const tooMuch = admitted instanceof Promise ? await admitted : admitted;
          const { bill } = asked.contextValue;
          record.cost = bill?.cost ?? null;
          if (bill !== null) for (const [name, value] of budgetHeaders(bill)) response?.http?.headers.set(name, value);
          if (tooMuch !== null) return { errors: [tooMuch] };
          const answer = operation.operation === OperationTypeNode.SUBSCRIPTION ? await open(asked, operation) : await telemetry.executing(record, () => execute(asked));
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

// A reader whose token ended must learn so, rather than get anonymous answers; but with the old token still in the
// header they can sign in again.
const OPEN_MUTATIONS = new Set(['signIn', 'signUp', 'signOut']);

function badToken(): GraphQLError {
  return new GraphQLError('the bearer token is unknown, expired or revoked: sign in again', {
    extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } },
  });
}

function opensSession({ operation, selectionSet }: OperationDefinitionNode): boolean {
  return (
    operation === OperationTypeNode.MUTATION &&
    selectionSet.selections.every((field) => field.kind === Kind.FIELD && OPEN_MUTATIONS.has(field.name.value))
  );
}
