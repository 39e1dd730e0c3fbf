import type { CompiledQuery } from 'graphql-jit';
import {
  GraphQLError,
  OperationTypeNode,
  execute,
  getVariableValues,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { UnavailableError } from '../errors.js';
import { Compiler, isWorthCompiling } from './compiler.js';
import { MutationParts, executeParts, type Keyed } from './keyedExecution.js';
import { JsonText } from './planner.js';

/** A validated document with what a client sent along. */
export interface ExecutionRequest<ContextValue> {
  readonly document: DocumentNode;
  /** Missing where the document has none of this name, or several and no name is given. */
  readonly operation: OperationDefinitionNode | undefined;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  readonly contextValue: ContextValue;
}

export type Executor<ContextValue> = (request: ExecutionRequest<ContextValue>) => Promise<ExecutionResult> | ExecutionResult;

export interface ExecutorOptions<ContextValue> {
  /** How often an operation is interpreted before it is compiled. */
  readonly compileAfter: number;
  /** Answers an operation that is worth compiling without resolvers; null where it cannot. */
  readonly answer: (request: ExecutionRequest<ContextValue>, operation: OperationDefinitionNode, variables: Variables) => Promise<JsonText | null>;
  /** Finds out who asks, for resolvers; an error where they must not run. */
  readonly identify: (request: ExecutionRequest<ContextValue>, operation: OperationDefinitionNode) => Promise<GraphQLError | null>;
  /** Told by which way an operation is answered, before it is. */
  readonly onWay: (context: ContextValue, way: ExecutionWay) => void;
}

export type ExecutionWay = 'database' | 'compiled' | 'interpreted';

/**
 * Executes operations: as graphql-js does at first, compiled to a function once they have come more than `compileAfter`
 * times, with the same results. What only comes once is not worth compiling, and what is huge would hold everybody up.
 */
export function createExecutor<ContextValue extends Keyed>(schema: GraphQLSchema, { compileAfter, answer, identify, onWay }: ExecutorOptions<ContextValue>): Executor<ContextValue> {
  const compiler = new Compiler(schema);
  const parts = new MutationParts();
  const uses = new WeakMap<OperationDefinitionNode, number>();
  const isFrequent = (document: DocumentNode, operation: OperationDefinitionNode): boolean => {
    const used = (uses.get(operation) ?? 0) + 1;
    // Looked at once: a size does not change. What is too large never comes often enough.
    const isTooLarge = used === compileAfter + 1 && !isWorthCompiling(document, operation);
    uses.set(operation, isTooLarge ? -Infinity : used);
    return used > compileAfter && !isTooLarge;
  };
  return async (request) => {
    const { document, operation, contextValue } = request;
    if (operation === undefined) return interpret(schema, request);
    const variables = isFrequent(document, operation) ? coerced(schema, request) : null;
    const text = variables === null ? null : await answer(request, operation, variables);
    // What answers are made of takes it for any other data: only `stringified` looks.
    if (text !== null) {
      onWay(contextValue, 'database');
      return { data: text as unknown as Record<string, unknown> };
    }
    const refusal = await identify(request, operation);
    if (refusal !== null) return { errors: [refusal] };
    const asked = parts.of(document, operation);
    const executed = (part: Part): Promise<ExecutionResult> => executePart({ ...request, ...part }, part, variables);
    return asked === null ? executed({ document, operation }) : executeParts(asked, contextValue, executed);
  };

  async function executePart(request: ExecutionRequest<ContextValue>, { document, operation }: Part, variables: Variables | null): Promise<ExecutionResult> {
    const query = variables === null ? null : await compiler.find(document, operation);
    if (query === null || variables === null) {
      onWay(request.contextValue, 'interpreted');
      return interpret(schema, request);
    }
    onWay(request.contextValue, 'compiled');
    const result = await run(query, variables, request.contextValue);
    // Of several errors below one field the compiler reports each, graphql-js the first: what it says of a query, it may say twice.
    // Not of a database in trouble, which would be waited for a second time.
    const isAmbiguous = (result.errors?.length ?? 0) > 1 && operation.operation === OperationTypeNode.QUERY && !result.errors?.some(({ originalError }) => originalError instanceof UnavailableError);
    return isAmbiguous ? interpret(schema, request) : result;
  }
}

/** An operation, or one field of it as an operation. */
interface Part {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** The text of an answer. */
export function stringified(answer: { readonly data?: unknown; readonly extensions?: unknown }): string {
  const { data, extensions } = answer;
  if (!(data instanceof JsonText)) return JSON.stringify(answer);
  return extensions === undefined ? `{"data":${data.text}}` : `{"data":${data.text},"extensions":${JSON.stringify(extensions)}}`;
}

function interpret(schema: GraphQLSchema, { document, operationName, variables, contextValue }: ExecutionRequest<unknown>): Promise<ExecutionResult> | ExecutionResult {
  return execute({ schema, document, contextValue, variableValues: variables, operationName });
}

type Variables = Record<string, unknown>;

/** The variables as resolvers get them; null where some are wrong, which graphql-js is to tell of. */
function coerced(schema: GraphQLSchema, { operation, variables = {} }: ExecutionRequest<unknown>): Variables | null {
  const { variableDefinitions = [] } = operation ?? {};
  if (variableDefinitions.length === 0) return {};
  return getVariableValues(schema, variableDefinitions, variables, { maxErrors: 1 }).coerced ?? null;
}

async function run({ query }: CompiledQuery, variables: Variables, contextValue: unknown): Promise<ExecutionResult> {
  const result = await query(undefined, contextValue, variables);
  return result.errors === undefined ? result : { ...result, errors: result.errors.map(asGraphQLError) };
}

/** The compiler's errors have neither extensions nor what GraphQLError makes of the error that a resolver threw. */
function asGraphQLError(error: GraphQLError): GraphQLError {
  const { originalError, path, locations } = error;
  const same = new GraphQLError(error.message, { originalError: originalError ?? null, path: path ?? null });
  return Object.defineProperty(same, 'locations', { value: locations, enumerable: locations !== undefined });
}
