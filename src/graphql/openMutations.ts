import { Kind, OperationTypeNode, type OperationDefinitionNode } from 'graphql';
import { UnavailableError } from '../errors.js';
import type { Viewer } from './context.js';

// A reader whose token ended must learn so, rather than get anonymous answers; but with the old token still in the
// header they can sign in again.
const OPENING = new Set(['signIn', 'signUp']);
const OPEN_MUTATIONS = new Set([...OPENING, 'signOut']);

/** Whether an operation is executed whatever its token. */
export function isOpenToAll(operation: OperationDefinitionNode): boolean {
  return consistsOf(OPEN_MUTATIONS, operation);
}

/**
 * Who a token stands for; null as well where that cannot be found out now and does not matter: who signs in is another from then on. Who
 * signs out must not be told that it is done.
 */
export async function callerOf(token: string, operation: OperationDefinitionNode, findViewer: (token: string) => Promise<Viewer | null>): Promise<Viewer | null> {
  try {
    return await findViewer(token);
  } catch (error) {
    if (error instanceof UnavailableError && consistsOf(OPENING, operation)) return null;
    throw error;
  }
}

function consistsOf(names: ReadonlySet<string>, { operation, selectionSet }: OperationDefinitionNode): boolean {
  return operation === OperationTypeNode.MUTATION && selectionSet.selections.every((field) => field.kind === Kind.FIELD && names.has(field.name.value));
}
