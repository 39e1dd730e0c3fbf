import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  type DocumentNode,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { amountFor, largestOf, productOf, sumOf, type Amount, type Variables } from './amount.js';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from './connection.js';
import { TooManySelections, argumentOf, holds, occurrencesOf, type CostSource, type Given, type Occurrence, type Selecting } from './costSelection.js';
import { MUTATION_POINTS, SUBSCRIPTION_POINTS, fieldCostOf, isList, isPaged, type FieldCost } from './fieldCost.js';
import { fragmentsOf } from './selection.js';

/** Of a field on the schema itself: all types with their fields. */
const INTROSPECTION_POINTS = 100;
/** Of an operation that fragments make too large to be looked through. */
const BEYOND_POINTS = 1_000_000_000;

/**
 * What operations cost, in points, before they are executed: 1 for each object that the answer can have, as many as the pages
 * that are asked for can hold, and what dear fields say beside.
 *
 *     cost(operation) = Σ cost(field of the root), at least 1
 *     cost(field)     = points(field) + size(field) · (1 + Σ cost(field of the object))
 *     size(field)     = 1 of an object, 0 of a scalar; of edges and nodes `first` or `last` of their connection; of another
 *                       list what the field says
 *
 * An edge and its node are one object. Of a field of several possible types the dearest counts.
 */
export class OperationCosts {
  // An operation is looked at once: then its cost is a number, or a function of its variables.
  private readonly amounts = new WeakMap<OperationDefinitionNode, Amount>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** The cost of a validated operation; wrong variables are for the executor to tell of, and count as though left out. */
  of(document: DocumentNode, operation: OperationDefinitionNode, variables: Variables = {}): number {
    let amount = this.amounts.get(operation);
    if (amount === undefined) {
      amount = this.amountOf(document, operation);
      this.amounts.set(operation, amount);
    }
    return Math.max(1, amountFor(amount, variables));
  }

  private amountOf(document: DocumentNode, operation: OperationDefinitionNode): Amount {
    const { schema } = this;
    const root = schema.getRootType(operation.operation);
    if (root == null) return 0;
    const source = { schema, operation, fragments: fragmentsOf(document), seen: { selections: 0 } };
    try {
      return fieldsAmount(source, root, { selecting: [{ selectionSet: operation.selectionSet, conditions: [] }], page: null });
    } catch (error) {
      if (error instanceof TooManySelections) return BEYOND_POINTS;
      throw error;
    }
  }
}

interface Below {
  readonly selecting: readonly Selecting[];
  /** How long edges and nodes are, where the object is a connection. */
  readonly page: Amount | null;
}

/** Of the fields of one object. */
function objectAmount(source: CostSource, type: GraphQLCompositeType, below: Below): Amount {
  if (!isAbstractType(type)) return fieldsAmount(source, type, below);
  return largestOf(source.schema.getPossibleTypes(type).map((possible) => fieldsAmount(source, possible, below)));
}

function fieldsAmount(source: CostSource, type: GraphQLObjectType, { selecting, page }: Below): Amount {
  return sumOf([...occurrencesOf(source, type, selecting).values()].map((occurrences) => fieldAmount(source, type, { occurrences, page })));
}

function fieldAmount(source: CostSource, parent: GraphQLObjectType, { occurrences, page }: { readonly occurrences: readonly Occurrence[]; readonly page: Amount | null }): Amount {
  const [{ node }] = occurrences as readonly [Occurrence];
  const name = node.name.value;
  const field = parent.getFields()[name];
  if (field === undefined) return name === '__typename' ? 0 : INTROSPECTION_POINTS;
  const args = (argument: string): Given => argumentOf(source, node, field.args.find((arg) => arg.name === argument) ?? { name: argument });
  const amount = sumOf([pointsOf(source, parent, { field, args }), valuesAmount(source, parent, { field, occurrences, args, page })]);
  const isAsked = holds(source, occurrences.map(({ conditions }) => conditions));
  return isAsked === null ? amount : (variables) => (isAsked(variables) ? amountFor(amount, variables) : 0);
}

type Arguments = (name: string) => Given;

interface FieldOf {
  readonly field: GraphQLField<unknown, unknown>;
  readonly args: Arguments;
}

function pointsOf({ schema }: CostSource, parent: GraphQLObjectType, { field, args }: FieldOf): Amount {
  const { points, given = {} } = fieldCostOf(field);
  const usual = parent === schema.getMutationType() ? MUTATION_POINTS : parent === schema.getSubscriptionType() ? SUBSCRIPTION_POINTS : 0;
  return sumOf([points ?? usual, ...Object.entries(given).map(([name, by]) => pointsBy(by, args(name), field.args.find((arg) => arg.name === name)?.defaultValue))]);
}

function pointsBy(by: NonNullable<FieldCost['given']>[string], given: Given, byDefault: unknown): Amount {
  return fromGiven(given, (value) => (value == null || value === byDefault ? 0 : typeof by === 'number' ? by : typeof value === 'string' ? (by[value] ?? 0) : 0));
}

/** Of the objects that a field gives; 0 for scalars, however many. */
function valuesAmount(source: CostSource, parent: GraphQLObjectType, { field, occurrences, args, page }: FieldOf & { readonly occurrences: readonly Occurrence[]; readonly page: Amount | null }): Amount {
  const type = getNamedType(field.type);
  if (!isCompositeType(type)) return 0;
  const selecting = occurrences.flatMap(({ node: { selectionSet }, conditions }) => (selectionSet === undefined ? [] : [{ selectionSet, conditions }]));
  const below = objectAmount(source, type, { selecting, page: isPaged(field) ? pageAmount(args) : null });
  return productOf(sizeOf(field, args, page), sumOf([isNodeOfEdge(parent, field) ? 0 : 1, below]));
}

// An edge is the place of its node, which is counted with it.
function isNodeOfEdge(parent: GraphQLObjectType, { name }: GraphQLField<unknown, unknown>): boolean {
  return name === 'node' && parent.name.endsWith('Edge');
}

function sizeOf(field: GraphQLField<unknown, unknown>, args: Arguments, page: Amount | null): Amount {
  if (!isList(field.type)) return 1;
  const { size } = fieldCostOf(field);
  if (typeof size === 'number') return size;
  if (size !== undefined) return fromGiven(args(size.of), (value) => (Array.isArray(value) ? value.length : 1));
  return page ?? DEFAULT_PAGE_SIZE;
}

/** What `first` and `last` say, within their bounds: what is beyond is refused by the field. */
function pageAmount(args: Arguments): Amount {
  const asked = largestOf([fromGiven(args('first'), pageSize), fromGiven(args('last'), pageSize)]);
  const orDefault = (size: number): number => (size === 0 ? DEFAULT_PAGE_SIZE : size);
  return typeof asked === 'number' ? orDefault(asked) : (variables) => orDefault(asked(variables));
}

function pageSize(value: unknown): number {
  return typeof value === 'number' && !Number.isNaN(value) ? Math.min(MAX_PAGE_SIZE, Math.max(1, value)) : 0;
}

function fromGiven(given: Given, amount: (value: unknown) => number): Amount {
  return typeof given === 'function' ? (variables) => amount(given(variables)) : amount(given.value);
}
