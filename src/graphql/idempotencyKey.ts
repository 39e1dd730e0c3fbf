import { Kind, print, visit, type FragmentDefinitionNode, type GraphQLResolveInfo, type SelectionSetNode } from 'graphql';
import type { ErrorCode } from '../errors.js';
import { sha256 } from '../sha256.js';

/** The argument of mutations that names a use, by which they are done once. */
export const KEY_ARGUMENT = 'idempotencyKey';

/** What a reader asks of a mutation under a key. */
export interface KeyedUse {
  readonly viewerId: number;
  readonly key: string;
  readonly mutation: string;
  /** SHA-256 of the other arguments. */
  readonly argumentsHash: Uint8Array;
  /** SHA-256 of what is asked of the answer. */
  readonly selectionHash: Uint8Array;
  /** The answer has a secret, which is never kept. */
  readonly isSecret: boolean;
}

/** Who does what a key stands for, and nobody else meanwhile. */
export interface KeyHolder {
  /** Does it; what it has written already, before it was cut off, is not written again. */
  run<Result>(work: () => Promise<Result> | Result): Promise<Result>;
  /** It is done, and was answered with this JSON. */
  complete(answer: string): Promise<void>;
  /** It is done, or a part of it, and the answer is not worth keeping: who repeats it goes on from there. */
  leave(): Promise<void>;
  /** It was refused, with this code: the key is as though it had never been used, unless something was written. */
  forget(code: ErrorCode): Promise<void>;
}

/** What one mutation does under a key: it was answered before, or is done now. */
export type KeyedStep = { readonly answer: string } | { readonly holder: KeyHolder; refusal: ErrorCode | null };

/** Where keys are kept. */
export interface IdempotencyKeys {
  /** The answer that was given as JSON, or leave to do it. Throws IDEMPOTENCY_KEY_REUSED, IDEMPOTENCY_IN_PROGRESS, CONFLICT or RATE_LIMITED. */
  take(use: KeyedUse): Promise<{ readonly answer: string } | KeyHolder>;
}

/** The arguments of a field as one hash, whatever the order in which the fields of inputs are written. */
export function argumentsHash(args: Readonly<Record<string, unknown>>): Uint8Array {
  return sha256(canonical(args));
}

/**
 * What is asked of the answer as one hash: of the same document with the same variables, however it is laid out, by who is told
 * as much (`standing`).
 */
export function selectionHash({ fieldNodes, fragments, variableValues }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'variableValues'>, standing: string): Uint8Array {
  const texts: string[] = [];
  const variables = new Set<string>();
  const spread = new Set<FragmentDefinitionNode>();
  const read = (selectionSet: SelectionSetNode): void => {
    texts.push(print(selectionSet));
    visit(selectionSet, {
      [Kind.VARIABLE]: ({ name }) => { variables.add(name.value); },
      [Kind.FRAGMENT_SPREAD]: ({ name }) => {
        const fragment = fragments[name.value];
        if (fragment === undefined || spread.has(fragment)) return;
        spread.add(fragment);
        texts.push(`${fragment.name.value} ${fragment.typeCondition.name.value}`);
        read(fragment.selectionSet);
      },
    });
  };
  for (const { selectionSet } of fieldNodes) if (selectionSet !== undefined) read(selectionSet);
  return sha256(canonical([standing, texts, [...variables].sort().map((name) => [name, variableValues[name]])]));
}

/** JSON with the fields of objects in the order of their names; what is left out and what is null are not the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) => (isPlain(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
