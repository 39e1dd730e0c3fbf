import type { Sql } from '../database/database.js';
import type { Order } from '../database/lists.js';
import type { NodeType } from './globalId.js';
import type { Selected } from './selection.js';

// How PostgreSQL writes objects as the JSON that clients get: a page with all its edges is then one statement, whose text
// goes to the socket as it is. A type's fields are named once more here, beside the rows that resolvers read; the tests of
// the API run both ways.

/** The types whose objects the database writes: those that have a global id, and those that stand within these. */
export type WrittenType = NodeType | 'PaperOrigin' | 'LibraryEntry';

/** An expression of SQL for a text of JSON, never null, of a row of the type's table. */
export type JsonSql = string;

/** The object of another table that a row refers to, or null. */
export interface ToOne {
  readonly kind: 'one';
  readonly type: WrittenType;
  /** `table alias` */
  readonly from: string;
  /** Its unique key, and the column of the row that has it. */
  readonly key: string;
  readonly column: string;
}

/** A connection of the rows that a row is linked to. */
export interface ToMany {
  readonly kind: 'many';
  readonly type: WrittenType;
  readonly list: LinkedList | ((args: Selected['args']) => LinkedList);
  /** The row's column that the list is joined by. */
  readonly id: string;
  /** Fields that an edge has beside its cursor and node. */
  readonly edge: Readonly<Record<string, JsonSql>>;
  /** Its length, of the parent's row. */
  readonly totalCount: JsonSql;
}

/** The list of a connection, as its service pages it. */
export interface LinkedList {
  readonly from: Sql;
  /** Joins the list to its parent. */
  readonly parentColumn: string;
  readonly order: Order;
}

/** A field that depends on who asks: `viewer` stands for the id. */
export type ForViewer<Written = JsonSql | ToOne | ToMany> = (viewer: string) => Written;

export type Projection = Readonly<Record<string, JsonSql | ForViewer | ToOne | ToMany>>;

/** By type; each domain adds its fields to the types of others. */
export type Projections = Readonly<Record<string, Projection>>;

/** All that domains say of types, together. */
export function mergedProjections(parts: readonly Partial<Record<WrittenType, Projection>>[]): Projections {
  const merged: Record<string, Projection> = {};
  for (const part of parts) for (const [type, fields] of Object.entries(part)) merged[type] = { ...merged[type], ...fields };
  return merged;
}

/** For columns that are never null: */
export const json = {
  text: (column: string): JsonSql => `to_json(${column})::text`,
  /** Arrays of them. */
  texts: (column: string): JsonSql => `array_to_json(${column})::text`,
  /** Integers and floats. */
  number: (column: string): JsonSql => `(${column})::text`,
  /** Conditions, too. */
  boolean: (column: string): JsonSql => `CASE WHEN ${column} THEN 'true' ELSE 'false' END`,
  /** Of letters, digits, hyphens and dots alone, or an enum. */
  word: (column: string): JsonSql => `'"' || ${column} || '"'`,
  instant: (column: string): JsonSql => `to_char(${column} AT TIME ZONE 'UTC', '"\\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\\""')`,
  globalId: (type: NodeType, column: string): JsonSql => base64url(`'${type}:' || ${column}`),
};

/** For columns that may be null: */
export const nullableJson = {
  text: (column: string): JsonSql => orNull(json.text(column)),
  number: (column: string): JsonSql => orNull(json.number(column)),
  boolean: (column: string): JsonSql => orNull(`CASE ${column} WHEN true THEN 'true' WHEN false THEN 'false' END`),
  instant: (column: string): JsonSql => orNull(json.instant(column)),
  /** Of a column of type jsonb. */
  value: (column: string): JsonSql => orNull(`(${column})::text`),
};

/** The cursor of a row by the texts of its keys: see encodeCursor. */
export function cursorJson(name: string, keys: readonly string[]): JsonSql {
  return base64url([`'["${name}"'`, ...keys.map((key) => `',' || to_json(${key})::text`), `']'`].join(' || '));
}

function orNull(value: JsonSql): JsonSql {
  return `coalesce(${value}, 'null')`;
}

// PostgreSQL breaks base64 into lines of 76 characters.
function base64url(text: string): string {
  return `'"' || translate(encode(convert_to(${text}, 'UTF8'), 'base64'), E'+/=\\n', '-_') || '"'`;
}
