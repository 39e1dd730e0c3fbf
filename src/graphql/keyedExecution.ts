import { BREAK, Kind, OperationTypeNode, print, visit, type DocumentNode, type ExecutionResult, type FieldNode, type FragmentDefinitionNode, type OperationDefinitionNode, type SelectionNode } from 'graphql';
import { KEY_ARGUMENT, type KeyedStep } from './idempotencyKey.js';
import { fragmentsOf } from './selection.js';

/** One field of a mutation, as an operation by itself. */
export interface MutationPart {
  /** Its name in the answer. */
  readonly key: string;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/** What is executed one after the other, with what it does under a key. */
export interface Keyed {
  keyedStep: KeyedStep | null;
}

/** Takes mutations with idempotency keys apart, so that of several fields each has an answer to keep. */
export class MutationParts {
  private readonly known = new WeakMap<OperationDefinitionNode, readonly MutationPart[] | null>();

  /** The fields of the operation in their order; null where none of them has a key. */
  of(document: DocumentNode, operation: OperationDefinitionNode): readonly MutationPart[] | null {
    if (operation.operation !== OperationTypeNode.MUTATION) return null;
    let parts = this.known.get(operation);
    if (parts === undefined) {
      parts = partsOf(document, operation);
      this.known.set(operation, parts);
    }
    return parts;
  }
}

/** Executes the parts as the whole would be: one after the other, and none behind one that fails. */
export async function executeParts(parts: readonly MutationPart[], context: Keyed, execute: (part: MutationPart) => Promise<ExecutionResult>): Promise<ExecutionResult> {
  const data: Record<string, unknown> = {};
  const errors: NonNullable<ExecutionResult['errors']>[number][] = [];
  for (const part of parts) {
    context.keyedStep = null;
    const result = await settled(context, part.key, await execute(part).catch(async (error: unknown) => {
      await abandon(context);
      throw error;
    }));
    errors.push(...(result.errors ?? []));
    // Without data where nothing was executed, since variables are wrong.
    if (result.data == null) return { ...result, errors };
    Object.assign(data, result.data);
  }
  return errors.length === 0 ? { data } : { errors, data };
}

/** The result, kept where it is one to be kept, or the one that was kept. */
async function settled({ keyedStep: step }: Keyed, key: string, result: ExecutionResult): Promise<ExecutionResult> {
  if (step === null) return result;
  if ('answer' in step) return { data: { [key]: JSON.parse(step.answer) as unknown } };
  const { data, errors = [] } = result;
  if (step.refusal !== null) await step.holder.forget(step.refusal);
  else if (errors.length > 0 || data == null) await step.holder.leave();
  else await step.holder.complete(JSON.stringify(data[key]));
  return result;
}

async function abandon({ keyedStep: step }: Keyed): Promise<void> {
  if (step !== null && 'holder' in step) await step.holder.leave();
}

interface Found {
  readonly field: FieldNode;
  /** The field within what it stands in. */
  readonly selection: SelectionNode;
}

function partsOf(document: DocumentNode, operation: OperationDefinitionNode): readonly MutationPart[] | null {
  if (!mayHaveKey(document)) return null;
  const within = { fragments: fragmentsOf(document), seen: new Set<string>() };
  const found = operation.selectionSet.selections.flatMap((selection) => fieldsIn(selection, within, []));
  if (!found.some(({ field }) => field.arguments?.some(({ name }) => name.value === KEY_ARGUMENT))) return null;
  const byKey = new Map<string, SelectionNode[]>();
  for (const { field, selection } of found) {
    const key = (field.alias ?? field.name).value;
    byKey.set(key, [...(byKey.get(key) ?? []), selection]);
  }
  const others = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION);
  // A lone field is the operation that it is, which may be compiled already.
  if (byKey.size === 1) return [...byKey.keys()].map((key) => ({ key, document, operation }));
  return [...byKey].map(([key, selections]) => {
    const part: OperationDefinitionNode = { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } };
    return { key, document: { kind: Kind.DOCUMENT, definitions: [part, ...others] }, operation: part };
  });
}

function mayHaveKey(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Argument: ({ name }) => {
      if (name.value !== KEY_ARGUMENT) return undefined;
      isFound = true;
      return BREAK;
    },
  });
  return isFound;
}

interface Within {
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Fragments that were spread, each with the directives that it stands under. */
  readonly seen: Set<string>;
}

/** The fields that a selection stands for, each within the fragments, and so the directives, that it is in. */
function fieldsIn(selection: SelectionNode, within: Within, above: readonly string[]): Found[] {
  if (selection.kind === Kind.FIELD) return [{ field: selection, selection }];
  const { directives } = selection;
  const under = directives === undefined || directives.length === 0 ? above : [...new Set([...above, ...directives.map((directive) => print(directive))])].sort();
  if (selection.kind === Kind.FRAGMENT_SPREAD) {
    // Once under the same directives: spreads of spreads would grow without end.
    const name = selection.name.value;
    const spread = `${name} ${under.join(' ')}`;
    if (within.seen.has(spread) || within.seen.has(`${name} `)) return [];
    within.seen.add(spread);
  }
  const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : within.fragments.get(selection.name.value);
  if (fragment === undefined) return [];
  return fragment.selectionSet.selections
    .flatMap((inner) => fieldsIn(inner, within, under))
    .map(({ field, selection: inner }) => ({
      field,
      selection: { kind: Kind.INLINE_FRAGMENT, ...(directives && { directives }), selectionSet: { kind: Kind.SELECTION_SET, selections: [inner] } },
    }));
}
