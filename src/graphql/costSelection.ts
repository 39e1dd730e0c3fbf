import {
  Kind,
  isAbstractType,
  valueFromASTUntyped,
  type DirectiveNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import type { Variables } from './amount.js';

/** Variables that must be true, or with `!` false, for a selection to count; empty where it always does. */
export type Conditions = readonly string[];

/** A selection set, and when it counts. */
export interface Selecting {
  readonly selectionSet: SelectionSetNode;
  readonly conditions: Conditions;
}

/** A field as it stands in one place of a document. */
export interface Occurrence {
  readonly node: FieldNode;
  readonly conditions: Conditions;
}

/** How many selections are looked through, fragments wherever they are spread: 20 ms. */
const MOST_SELECTIONS = 50_000;

/** Says that an operation spreads its fragments to more selections than are worth looking through. */
export class TooManySelections extends Error {
  override readonly name = 'TooManySelections';
}

/** A document's operation with what its selections refer to. */
export interface CostSource {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Selections that were looked through so far. */
  readonly seen: { selections: number };
}

/**
 * The fields that an object of this type gets, by their names in the answer: what is asked for twice is answered once. Throws
 * TooManySelections.
 */
export function occurrencesOf(source: CostSource, type: GraphQLObjectType, selecting: readonly Selecting[]): ReadonlyMap<string, readonly Occurrence[]> {
  const byKey = new Map<string, Occurrence[]>();
  const seen = new Set<string>();
  const visit = ({ selectionSet, conditions: above }: Selecting): void => {
    for (const selection of selectionSet.selections) {
      source.seen.selections += 1;
      if (source.seen.selections > MOST_SELECTIONS) throw new TooManySelections();
      const conditions = conditionsOf(selection.directives, above);
      if (conditions === null) continue;
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        const known = byKey.get(key);
        if (known === undefined) byKey.set(key, [{ node: selection, conditions }]);
        else known.push({ node: selection, conditions });
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : source.fragments.get(selection.name.value);
      if (fragment === undefined || !appliesTo(source.schema, type, fragment.typeCondition?.name.value)) continue;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        // Once under the same conditions: spreads of spreads would grow without end.
        const spread = `${selection.name.value} ${conditions.join(' ')}`;
        if (seen.has(spread) || seen.has(`${selection.name.value} `)) continue;
        seen.add(spread);
      }
      visit({ selectionSet: fragment.selectionSet, conditions });
    }
  };
  for (const part of selecting) visit(part);
  return byKey;
}

function appliesTo(schema: GraphQLSchema, type: GraphQLObjectType, condition: string | undefined): boolean {
  if (condition === undefined || condition === type.name) return true;
  const other = schema.getType(condition);
  return isAbstractType(other) && schema.isSubType(other, type);
}

/** With those of @skip and @include; null for what never counts. */
function conditionsOf(directives: readonly DirectiveNode[] | undefined, above: Conditions): Conditions | null {
  if (directives === undefined || directives.length === 0) return above;
  const all = new Set(above);
  for (const { name, arguments: args = [] } of directives) {
    const isSkip = name.value === 'skip';
    if (!isSkip && name.value !== 'include') continue;
    const value = args.find((arg) => arg.name.value === 'if')?.value;
    if (value?.kind === Kind.BOOLEAN && value.value === isSkip) return null;
    if (value?.kind === Kind.VARIABLE) all.add(isSkip ? `!${value.name.value}` : value.name.value);
  }
  return [...all].sort();
}

/** Whether these hold; null where they do for any variables. */
export function holds({ operation }: CostSource, alternatives: readonly Conditions[]): ((variables: Variables) => boolean) | null {
  if (alternatives.some((conditions) => conditions.length === 0)) return null;
  const tests = alternatives.map((conditions) =>
    conditions.map((condition) => {
      const isFalse = condition.startsWith('!');
      const value = variableOf(operation, isFalse ? condition.slice(1) : condition);
      return (variables: Variables): boolean => (value(variables) === true) !== isFalse;
    }),
  );
  return (variables) => tests.some((each) => each.every((test) => test(variables)));
}

/** A value as it stands in a document, or as it comes with each request. */
export type Given = { readonly value: unknown } | ((variables: Variables) => unknown);

/** The value of a field's argument; of what is not given, the one that it has by default. */
export function argumentOf({ operation }: CostSource, node: FieldNode, { name, defaultValue }: { readonly name: string; readonly defaultValue?: unknown }): Given {
  const given = node.arguments?.find((argument) => argument.name.value === name)?.value;
  if (given === undefined) return { value: defaultValue };
  if (given.kind !== Kind.VARIABLE) return { value: untyped(given) };
  const value = variableOf(operation, given.name.value);
  return (variables) => {
    const sent = value(variables);
    return sent === undefined ? defaultValue : sent;
  };
}

function variableOf({ variableDefinitions = [] }: OperationDefinitionNode, name: string): (variables: Variables) => unknown {
  const byDefault = variableDefinitions.find(({ variable }) => variable.name.value === name)?.defaultValue;
  const value = byDefault === undefined ? undefined : untyped(byDefault);
  return (variables) => (variables[name] === undefined ? value : variables[name]);
}

function untyped(node: ValueNode): unknown {
  return valueFromASTUntyped(node);
}
