import type { CompiledQuery } from 'graphql-jit';
import {
  GraphQLBoolean,
  GraphQLScalarType,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { fragmentsOf } from './selection.js';

/** Compiled operations that are kept: a page of 20 papers with all edges takes about 0.2 MB. */
const MOST_COMPILED = 500;
/** Compiling takes 0.1 ms a field, and stops all else meanwhile. */
const MOST_FIELDS = 300;

/** Compiles operations to functions, and keeps those that were asked for last. */
export class Compiler {
  private readonly schema: GraphQLSchema;
  private readonly compiled = new LRUCache<OperationDefinitionNode, CompiledQuery>({ max: MOST_COMPILED });
  private readonly refused = new WeakSet<OperationDefinitionNode>();

  constructor(schema: GraphQLSchema) {
    this.schema = compilable(schema);
  }

  /** The operation as a function; null where it cannot be one. Its variables are to be coerced. */
  async find(document: DocumentNode, operation: OperationDefinitionNode): Promise<CompiledQuery | null> {
    const known = this.compiled.get(operation);
    if (known !== undefined) return known;
    if (this.refused.has(operation)) return null;
    if (mayLeaveOut(document, operation)) {
      this.refused.add(operation);
      return null;
    }
    // Imported when first needed: 90 ms that a start is spared.
    const { compileQuery, isCompiledQuery } = await import('graphql-jit');
    const made = compileQuery(this.schema, documentOf(document, operation), operation.name?.value);
    if (!isCompiledQuery(made)) {
      this.refused.add(operation);
      return null;
    }
    this.compiled.set(operation, made);
    return made;
  }
}

/** Whether an operation is small enough, with each fragment counted wherever it is spread. */
export function isWorthCompiling(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  return fieldsLeft(operation.selectionSet, fragmentsOf(document), MOST_FIELDS) >= 0;
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

/**
 * Whether a field of an input object is a variable that need not be given: the compiler would put null there, which may mean
 * to remove what is to stay.
 */
function mayLeaveOut(document: DocumentNode, { variableDefinitions = [] }: OperationDefinitionNode): boolean {
  const optional = new Set(variableDefinitions.flatMap(({ variable, type, defaultValue }) => (type.kind === Kind.NON_NULL_TYPE || defaultValue !== undefined ? [] : [variable.name.value])));
  if (optional.size === 0) return false;
  let isFound = false;
  visit(document, {
    ObjectField: ({ value }) => {
      isFound ||= value.kind === Kind.VARIABLE && optional.has(value.name.value);
    },
  });
  return isFound;
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
