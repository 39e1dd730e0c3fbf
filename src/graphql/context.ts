import type { Role } from '../generated/prisma/enums.js';
import { DomainError } from '../errors.js';
import type { Bill } from './bill.js';

/** Who is asking, as the token says. */
export interface Viewer {
  readonly id: number;
  readonly username: string;
  readonly role: Role;
}

/** What one request carries through its resolvers. */
export interface Context {
  /** Null for an anonymous request; signing in or out within the request sets it. */
  viewer: Viewer | null;
  /** What the request has read so far belongs to this object; a mutation replaces it. */
  scope: object;
  /** What the operation costs; null before it is admitted. */
  bill: Bill | null;
  /** The bearer token as received, for signing out. */
  readonly token: string | null;
  /** Where the request came from. */
  readonly address: () => string;
  /** Names the request in the log and in masked errors. */
  readonly requestId: string;
}

/** Makes the rest of the request read anew; called after each write. */
export function forgetReads(context: Context): void {
  context.scope = {};
}

const RANK: Record<Role, number> = { READER: 0, CURATOR: 1, ADMIN: 2 };

/** The viewer; throws UNAUTHENTICATED for an anonymous request, which a field whose rule asks for a viewer does not meet. */
export function requireViewer(context: Context): Viewer {
  if (context.viewer === null) throw new DomainError('UNAUTHENTICATED', 'this needs a signed-in viewer: send Authorization: Bearer <token>');
  return context.viewer;
}

/** The viewer, who has this role or a higher one; throws UNAUTHENTICATED or FORBIDDEN. */
export function requireRole(context: Context, role: Role): Viewer {
  const viewer = requireViewer(context);
  if (!hasRole(viewer, role)) throw new DomainError('FORBIDDEN', `this needs the role ${role}, the viewer has ${viewer.role}`);
  return viewer;
}

/** Whether the viewer has this role or a higher one. */
export function hasRole(viewer: Viewer, role: Role): boolean {
  return RANK[viewer.role] >= RANK[role];
}

/** Whether what is this reader's may be shown to the viewer, who is the reader or a curator. */
export function isOwnerOrCurator(viewer: Viewer | null, ownerId: number | null): boolean {
  return viewer !== null && (viewer.id === ownerId || hasRole(viewer, 'CURATOR'));
}
