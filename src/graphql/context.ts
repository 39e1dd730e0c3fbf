import type { Role, Scope } from '../generated/prisma/enums.js';
import { DomainError } from '../errors.js';
import type { Bill } from './bill.js';
import type { KeyedStep } from './idempotencyKey.js';

/** Somebody with an account. */
export interface Account {
  readonly id: number;
  readonly username: string;
  readonly role: Role;
}

/** Who is asking, as the token says. By a token without the scope ADMIN, nobody is more than a READER. */
export interface Viewer extends Account {
  /** What may be done by the token. */
  readonly scopes: readonly Scope[];
}

/** What one request carries through its resolvers. */
export interface Context {
  /** Null for an anonymous request; signing in or out within the request sets it. */
  viewer: Viewer | null;
  /** Who asks by a token that may not read: they are the viewer while one of their mutations is done, and read as nobody does. */
  unread: Viewer | null;
  /** What the request has read so far belongs to this object; a mutation replaces it. */
  scope: object;
  /** Whether it was answered already, since it took too long: nobody waits for what it would still read or write. */
  isOver: boolean;
  /** What the operation costs; null before it is admitted. */
  bill: Bill | null;
  /** What the mutation that is being executed does under an idempotency key; null without one. */
  keyedStep: KeyedStep | null;
  /** The viewer's bearer token; as received, until the viewer is another. */
  token: string | null;
  /** Where the request came from. */
  readonly address: () => string;
  /** Names the request in the log and in masked errors. */
  readonly requestId: string;
}

/** Makes the rest of the request read anew; called after each write. */
export function forgetReads(context: Context): void {
  context.scope = {};
}

/** Who a token stands for, as a context has them. */
export function asking(caller: Viewer | null): Pick<Context, 'viewer' | 'unread'> {
  return caller?.scopes.includes('READ') === false ? { viewer: null, unread: caller } : { viewer: caller, unread: null };
}

/** Makes the rest of the request that of who signed in; anonymous without. */
export function enter(context: Context, session: { readonly viewer: Viewer; readonly token: string } | null): void {
  Object.assign(context, asking(session?.viewer ?? null));
  context.token = session?.token ?? null;
  forgetReads(context);
}

const RANK: Record<Role, number> = { READER: 0, CURATOR: 1, ADMIN: 2 };

/** The viewer; throws UNAUTHENTICATED for an anonymous request, which a field whose rule asks for a viewer does not meet. */
export function requireViewer({ viewer, unread }: Context): Viewer {
  if (viewer !== null) return viewer;
  throw unread === null ? new DomainError('UNAUTHENTICATED', 'this needs a signed-in viewer: send Authorization: Bearer <token>') : withoutScope(unread, 'READ');
}

/** Throws FORBIDDEN where the viewer's token may not do so much. */
export function requireScope(viewer: Viewer, scope: Scope): void {
  if (!viewer.scopes.includes(scope)) throw withoutScope(viewer, scope);
}

/** Throws FORBIDDEN where the viewer has not this role or a higher one. */
export function requireRole(viewer: Viewer, role: Role): void {
  if (!hasRole(viewer, role)) throw new DomainError('FORBIDDEN', `this needs the role ${role}, the viewer has ${viewer.role}`);
}

function withoutScope({ scopes }: Viewer, scope: Scope): DomainError {
  return new DomainError('FORBIDDEN', `this needs a token with the scope ${scope}, this one has ${scopes.join(', ')}`);
}

/** Whether the viewer has this role or a higher one. */
export function hasRole(viewer: Viewer, role: Role): boolean {
  return RANK[viewer.role] >= RANK[role];
}

/** Whether what is this reader's may be shown to the viewer, who is the reader or a curator. */
export function isOwnerOrCurator(viewer: Viewer | null, ownerId: number | null): boolean {
  return viewer !== null && (viewer.id === ownerId || hasRole(viewer, 'CURATOR'));
}
