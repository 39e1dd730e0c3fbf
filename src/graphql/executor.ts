import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit';
import {
  GraphQLBoolean,
  GraphQLError,
  GraphQLScalarType,
  Kind,
  execute,
  getVariableValues,
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { LRUCache } from 'lru-cache';
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
}

/** Compiled operations that are kept: a page of 20 papers with all edges takes about 0.2 MB. */
const MOST_COMPILED = 500;
/** Compiling takes 0.1 ms a field, and stops all else meanwhile. */
const MOST_FIELDS = 300;

/**
 * Executes operations: as graphql-js does at first, compiled to a function once they have come more than `compileAfter`
 * times, with the same results. What only comes once is not worth compiling, and what is huge would hold everybody up.
 */
export function createExecutor<ContextValue>(schema: GraphQLSchema, { compileAfter, answer, identify }: ExecutorOptions<ContextValue>): Executor<ContextValue> {
  const compilableSchema = compilable(schema);
  const compiled = new LRUCache<OperationDefinitionNode, CompiledQuery>({ max: MOST_COMPILED });
  const uses = new WeakMap<OperationDefinitionNode, number>();
  const find = ({ document, operation }: ExecutionRequest<unknown>): CompiledQuery | undefined => {
    if (operation === undefined) return undefined;
    const known = compiled.get(operation);
    if (known !== undefined) return known;
    const used = (uses.get(operation) ?? 0) + 1;
    uses.set(operation, used);
    if (used <= compileAfter || !isWorthCompiling(document, operation)) return undefined;
    const made = compileQuery(compilableSchema, documentOf(document, operation), operation.name?.value);
    if (isCompiledQuery(made)) compiled.set(operation, made);
    // What cannot be compiled is not tried again.
    else uses.set(operation, -Infinity);
    return isCompiledQuery(made) ? made : undefined;
  };
  return async (request) => {
    const query = find(request);
    const variables = query === undefined ? null : coerced(schema, request);
    const { operation, contextValue } = request;
    if (operation === undefined) return interpret(schema, request);
    const text = variables === null ? null : await answer(request, operation, variables);
    // What answers are made of takes it for any other data: only `stringified` looks.
    if (text !== null) return { data: text as unknown as Record<string, unknown> };
    const refusal = await identify(request, operation);
    if (refusal !== null) return { errors: [refusal] };
    return query === undefined || variables === null ? interpret(schema, request) : run(query, variables, contextValue);
  };
}

/** The text of an answer. */
export function stringified(answer: { readonly data?: unknown }): string {
  return answer.data instanceof JsonText ? `{"data":${answer.data.text}}` : JSON.stringify(answer);
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

// Variables arrive coerced: the compiler, whose own rules for them differ (it refuses what only has a default), is to
// take them as they are. It insists on Boolean where a variable stands in @skip or @include.
const COERCED = new GraphQLScalarType({ name: '_Coerced' });
const COERCED_TYPE: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: COERCED.name } };

function compilable(schema: GraphQLSchema): GraphQLSchema {
  const getType = (name: string): GraphQLNamedType | undefined => (name === COERCED.name ? COERCED : schema.getType(name));
  return Object.create(schema, { getType: { value: getType } }) as GraphQLSchema;
}

/** The operation with all fragments: where none has a name, the compiler would take the first one of the document. */
function documentOf(document: DocumentNode, operation: OperationDefinitionNode): DocumentNode {
  const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  const variableDefinitions = operation.variableDefinitions?.map(({ kind, variable, type }) => ({ kind, variable, type: isBoolean(type) ? type : COERCED_TYPE }));
  return { ...document, definitions: [{ ...operation, ...(variableDefinitions && { variableDefinitions }) }, ...fragments] };
}

function isBoolean(type: TypeNode): boolean {
  const named = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  return named.kind === Kind.NAMED_TYPE && named.name.value === GraphQLBoolean.name;
}

function isWorthCompiling(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fieldsLeft(operation.selectionSet, fragments, MOST_FIELDS) >= 0;
}

/** What is left of a budget of fields after these, each fragment counted wherever it is spread; below 0 if they are too many. */
function fieldsLeft({ selections }: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>, budget: number): number {
  let left = budget;
  for (const selection of selections) {
    if (left < 0) return left;
    if (selection.kind === Kind.FIELD) left -= 1;
    const nested = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value)?.selectionSet : selection.selectionSet;
    if (nested !== undefined) left = fieldsLeft(nested, fragments, left);
  }
  return left;
}
