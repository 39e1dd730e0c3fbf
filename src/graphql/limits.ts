import { GraphQLError, Kind, type ASTVisitor, type FragmentDefinitionNode, type OperationDefinitionNode, type SelectionSetNode, type ValidationContext, type ValidationRule } from 'graphql';
import { LimitError, type ErrorCode } from '../errors.js';

/** How large a document may be, whatever it costs. */
export interface DocumentLimits {
  /** Fields below each other. */
  readonly maxDepth: number;
  readonly maxAliases: number;
  /** Fields of Query, Mutation or Subscription in one operation. */
  readonly maxRootFields: number;
  readonly maxDirectives: number;
}

/** Refuses documents beyond the limits, each with a code and the number that was received. */
export function limitRules({ maxDepth, maxAliases, maxRootFields, maxDirectives }: DocumentLimits): ValidationRule[] {
  return [
    (context) => perOperation(context, { code: 'DEPTH_EXCEEDED', rule: 'fields below each other', limit: maxDepth, measure: deepest }),
    (context) => perOperation(context, { code: 'ROOT_FIELDS_EXCEEDED', rule: 'fields of an operation itself', limit: maxRootFields, measure: widest }),
    (context) => perDocument(context, { code: 'ALIASES_EXCEEDED', rule: 'aliases in a document', limit: maxAliases }, (count) => ({ Field: ({ alias }) => { if (alias !== undefined) count(); } })),
    (context) => perDocument(context, { code: 'DIRECTIVES_EXCEEDED', rule: 'directives in a document', limit: maxDirectives }, (count) => ({ Directive: count })),
  ];
}

interface Limit {
  readonly code: ErrorCode;
  readonly rule: string;
  readonly limit: number;
}

function refuse(context: ValidationContext, { code, rule, limit }: Limit, received: number): void {
  if (received <= limit) return;
  const originalError = new LimitError(code, `there may be at most ${limit} ${rule}, received ${received}`, { limit, received });
  context.reportError(new GraphQLError(originalError.message, { originalError }));
}

function perDocument(context: ValidationContext, limit: Limit, counting: (count: () => void) => ASTVisitor): ASTVisitor {
  let received = 0;
  return { ...counting(() => { received += 1; }), Document: { leave: () => { refuse(context, limit, received); } } };
}

type Fragments = (name: string) => FragmentDefinitionNode | null | undefined;

function perOperation(context: ValidationContext, { measure, ...limit }: Limit & { readonly measure: (selections: SelectionSetNode, fragments: Fragments) => number }): ASTVisitor {
  const fragments: Fragments = (name) => context.getFragment(name);
  return { OperationDefinition: ({ selectionSet }: OperationDefinitionNode) => { refuse(context, limit, measure(selectionSet, fragments)); } };
}

/** Each fragment is looked through once; one that spreads itself is refused elsewhere. */
function deepest(selections: SelectionSetNode, fragments: Fragments): number {
  const depths = new Map<string, number>();
  const ofSpread = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    depths.set(name, 0);
    const fragment = fragments(name);
    const depth = fragment == null ? 0 : depthOf(fragment.selectionSet);
    depths.set(name, depth);
    return depth;
  };
  const depthOf = (set: SelectionSetNode | undefined): number =>
    set === undefined ? 0 : set.selections.reduce((depth, selection) => Math.max(depth, selection.kind === Kind.FIELD ? 1 + depthOf(selection.selectionSet) : selection.kind === Kind.INLINE_FRAGMENT ? depthOf(selection.selectionSet) : ofSpread(selection.name.value)), 0);
  return depthOf(selections);
}

/** By their names in the answer: what is asked for twice is answered once. */
function widest(selections: SelectionSetNode, fragments: Fragments): number {
  const keys = new Set<string>();
  const seen = new Set<string>();
  const collect = (set: SelectionSetNode | undefined): void => {
    for (const selection of set?.selections ?? []) {
      if (selection.kind === Kind.FIELD) keys.add(selection.alias?.value ?? selection.name.value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet);
      else if (!seen.has(selection.name.value)) {
        seen.add(selection.name.value);
        collect(fragments(selection.name.value)?.selectionSet);
      }
    }
  };
  collect(selections);
  return keys.size;
}
