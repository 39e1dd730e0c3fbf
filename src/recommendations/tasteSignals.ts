import { joinSql, rawSql, sql, type Sql } from '../database/database.js';
import { decodeCursor, directionOf, type Order, type Page } from '../database/lists.js';
import { badInput } from '../errors.js';

/** The kinds of signals, each with its table. Their places here are part of the order, and so of cursors: new ones go to the end. */
export const SIGNAL_KINDS = ['UPVOTE', 'FOLLOWED_TAG', 'FOLLOWED_AUTHOR', 'DISMISSAL', 'MUTED_TAG', 'MUTED_AUTHOR'] as const;
export type SignalKind = (typeof SIGNAL_KINDS)[number];

/** A signal of a reader: what it is of, by the row of a paper, a tag or an author. */
export interface SignalKey {
  readonly kind: SignalKind;
  readonly objectId: number;
}

interface SignalTable {
  readonly table: Sql;
  readonly object: Sql;
  /** Whether its rows may be kept without teaching anything. */
  readonly isRemovable: boolean;
}

/** Each is read by its index on (user_id, created_at, object), such as upvotes_user_id_created_at_paper_id_idx. */
export const SIGNAL_TABLES: Readonly<Record<SignalKind, SignalTable>> = {
  UPVOTE: { table: sql`upvotes`, object: sql`paper_id`, isRemovable: true },
  FOLLOWED_TAG: { table: sql`tag_follows`, object: sql`tag_id`, isRemovable: true },
  FOLLOWED_AUTHOR: { table: sql`author_follows`, object: sql`author_id`, isRemovable: true },
  DISMISSAL: { table: sql`dismissals`, object: sql`paper_id`, isRemovable: false },
  MUTED_TAG: { table: sql`tag_mutes`, object: sql`tag_id`, isRemovable: false },
  MUTED_AUTHOR: { table: sql`author_mutes`, object: sql`author_id`, isRemovable: false },
};

export const REMOVABLE_KINDS = SIGNAL_KINDS.filter((kind) => SIGNAL_TABLES[kind].isRemovable);

/** The latest first; of one time by kind, and then by what they are of. */
export const SIGNALS_LATEST_FIRST: Order = {
  name: 'viewer.taste-signals',
  descending: true,
  keys: [
    { column: 's.created_at', type: 'timestamptz' },
    { column: 's.kind', type: 'int4' },
    { column: 's.object_id', type: 'int4' },
  ],
};

export const SIGNAL_COLUMNS = sql`s.kind AS "kindRank", s.object_id AS "objectId", s.created_at AS "createdAt", s.unlearned_at AS "removedAt"`;

/** The signals `s` of a reader; of each kind no more than a page may take. */
export function signalsForPage(userId: number, kinds: readonly SignalKind[], page: Page): Sql {
  const direction = rawSql(directionOf(SIGNALS_LATEST_FIRST, page));
  const limit = rawSql(String(page.limit + 1));
  const branches = kinds.map((kind) => {
    const where = joinSql([sql`x.user_id = ${userId}::int4`, ...boundsOf(kind, page)], ' AND ');
    return sql`(SELECT ${rowOf(kind)} WHERE ${where} ORDER BY x.created_at ${direction}, x.${SIGNAL_TABLES[kind].object} ${direction} LIMIT ${limit})`;
  });
  return sql`(${joinSql(branches, ' UNION ALL ')}) s`;
}

/** A signal `s` of a reader, if it is there. */
export function signalNamed(userId: number, { kind, objectId }: SignalKey): Sql {
  return sql`(SELECT ${rowOf(kind)} WHERE x.user_id = ${userId}::int4 AND x.${SIGNAL_TABLES[kind].object} = ${objectId}::int4) s`;
}

/** How many signals a reader has. */
export function signalCount(userId: number, kinds: readonly SignalKind[]): Sql {
  const counts = kinds.map((kind) => sql`(SELECT count(*) FROM ${SIGNAL_TABLES[kind].table} WHERE user_id = ${userId}::int4)`);
  return sql`SELECT (${joinSql(counts, ' + ')})::int4 AS count`;
}

function rowOf(kind: SignalKind): Sql {
  const { table, object, isRemovable } = SIGNAL_TABLES[kind];
  return sql`x.created_at, ${rawSql(String(SIGNAL_KINDS.indexOf(kind)))}::int4 AS kind, x.${object} AS object_id,
    ${isRemovable ? sql`x.unlearned_at` : sql`NULL::timestamptz AS unlearned_at`} FROM ${table} x`;
}

/**
 * What the cursors say of the rows of one kind, as ranges of its index: a row comparison with the kind in its middle would
 * walk through all rows of one time, such as those of an import.
 */
function boundsOf(kind: SignalKind, { after, before }: Page): Sql[] {
  const bound = (field: 'after' | 'before', cursor: string | null): Sql[] => {
    if (cursor === null) return [];
    const [at = '', rank = '', object = ''] = decodeCursor(SIGNALS_LATEST_FIRST, cursor, field);
    const towards = rawSql(field === 'after' ? '<' : '>');
    const step = (SIGNAL_KINDS.indexOf(kind) - Number(rank)) * (field === 'after' ? 1 : -1);
    if (step === 0) return [sql`(x.created_at, x.${SIGNAL_TABLES[kind].object}) ${towards} (${at}::text::timestamptz, ${object}::text::int4)`];
    return [sql`x.created_at ${step < 0 ? sql`${towards}=` : towards} ${at}::text::timestamptz`];
  };
  return [...bound('after', after), ...bound('before', before)];
}

/** The opaque id of a signal among those of its reader: base64url of `TasteSignal:kind:row`. */
export function toSignalId({ kind, objectId }: SignalKey): string {
  return Buffer.from(`TasteSignal:${kind}:${objectId}`).toString('base64url');
}

/** What an id names; throws BAD_USER_INPUT for a text that is none. */
export function parseSignalId(id: string, field: string): SignalKey {
  const [, name, digits] = /^TasteSignal:([A-Z_]+):([1-9]\d{0,9})$/.exec(Buffer.from(id, 'base64url').toString('utf8')) ?? [];
  const kind = SIGNAL_KINDS.find((known) => known === name);
  const objectId = Number(digits);
  if (kind === undefined || objectId > 2_147_483_647 || toSignalId({ kind, objectId }) !== id) throw badInput(field, 'must be the id of a signal of tasteProfile', id);
  return { kind, objectId };
}
