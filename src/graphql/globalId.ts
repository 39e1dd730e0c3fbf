import { badInput } from '../errors.js';

/** The types that have a global id. */
export const NODE_TYPES = ['Paper', 'Author', 'Tag', 'Repo', 'User', 'Comment', 'IngestRun', 'Collection', 'FeedToken', 'Report', 'Notification', 'AuthorshipClaim', 'ExternalIdentity', 'Session'] as const;
export type NodeType = (typeof NODE_TYPES)[number];

export interface GlobalId {
  readonly type: NodeType;
  readonly id: number;
}

/** The opaque id of a row, unique over all types: base64url of `Type:row`. */
export function toGlobalId(type: NodeType, id: number): string {
  return Buffer.from(`${type}:${id}`).toString('base64url');
}

/** What a global id names; throws BAD_USER_INPUT for a text that is none. */
export function parseGlobalId(globalId: string, field: string): GlobalId {
  const [, type, digits] = /^([A-Za-z]+):([1-9]\d{0,9})$/.exec(Buffer.from(globalId, 'base64url').toString('utf8')) ?? [];
  const known = NODE_TYPES.find((name) => name === type);
  const id = Number(digits);
  // Base64 can be written in several ways; an object has one id.
  const isCanonical = known !== undefined && toGlobalId(known, id) === globalId;
  if (!isCanonical || id > 2_147_483_647) throw badInput(field, 'must be an id that this API gave out', globalId);
  return { type: known, id };
}

/** The row that a global id of this type names; throws BAD_USER_INPUT for an id of another type. */
export function rowIdOf(type: NodeType, globalId: string, field: string): number {
  const parsed = parseGlobalId(globalId, field);
  if (parsed.type !== type) throw badInput(field, `must be the id of a ${type}`, globalId);
  return parsed.id;
}
