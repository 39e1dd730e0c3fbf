import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import type { ChangeKind } from '../recommender/change.js';
import type { Engine } from './engine.js';

/** Rows that the recommender learns from: their key, of one column or two, in the order of an index. */
interface Source {
  readonly change: ChangeKind;
  readonly table: Sql;
  readonly subject: Sql;
  readonly object: Sql;
  /** Null where each row says 1. */
  readonly value: Sql | null;
  /** Which rows; all where left out. */
  readonly where?: Sql;
}

const ONE = sql`1`;
const SOURCES: readonly Source[] = [
  { change: 'PAPER', table: sql`listed_papers`, subject: sql`id`, object: sql`0::int4`, value: sql`extract(epoch FROM listed_at)::float8` },
  { change: 'TAG', table: sql`paper_tags`, subject: sql`paper_id`, object: sql`tag_id`, value: sql`weight` },
  { change: 'AUTHOR', table: sql`paper_authors`, subject: sql`paper_id`, object: sql`author_id`, value: null },
  { change: 'UPVOTE', table: sql`upvotes`, subject: sql`user_id`, object: sql`paper_id`, value: null },
  { change: 'DISMISSAL', table: sql`dismissals`, subject: sql`user_id`, object: sql`paper_id`, value: null },
  { change: 'TAG_FOLLOW', table: sql`tag_follows`, subject: sql`user_id`, object: sql`tag_id`, value: null },
  { change: 'AUTHOR_FOLLOW', table: sql`author_follows`, subject: sql`user_id`, object: sql`author_id`, value: null },
  { change: 'TAG_MUTE', table: sql`tag_mutes`, subject: sql`user_id`, object: sql`tag_id`, value: null },
  { change: 'AUTHOR_MUTE', table: sql`author_mutes`, subject: sql`user_id`, object: sql`author_id`, value: null },
];

const UNLEARNED = { value: sql`0::float8`, where: sql`unlearned_at IS NOT NULL` };
// By upvotes_unlearned_user_id_paper_id_idx, and its like for follows.
/**
 * Rows among them that teach nothing. They are loaded like all and then taken back: to leave them out, each row would have to
 * be looked at in its table, where the primary key's index says all of the others.
 */
const UNLEARNED_SOURCES: readonly Source[] = [
  { change: 'UPVOTE', table: sql`upvotes`, subject: sql`user_id`, object: sql`paper_id`, value: UNLEARNED.value, where: sql`(unlearned_at IS NOT NULL OR flagged_at IS NOT NULL)` },
  { change: 'TAG_FOLLOW', table: sql`tag_follows`, subject: sql`user_id`, object: sql`tag_id`, ...UNLEARNED },
  { change: 'AUTHOR_FOLLOW', table: sql`author_follows`, subject: sql`user_id`, object: sql`author_id`, ...UNLEARNED },
];

/** Rows a statement: the event loop parses one text of 320 kB for them, in under a millisecond. */
const ROWS_AT_ONCE = 20_000;

/**
 * Loads all tables into the engine, as they are in one snapshot, which it gives. They come as bytes that the database
 * packs and a thread unpacks: a row costs this thread 8 bytes of text, where an object a row costs microseconds.
 */
export function loadTaste(database: Database, engine: Engine): Promise<string> {
  return database.snapshot(async (reader) => {
    const [row] = await reader.rows<{ snapshot: string }>(sql`SELECT pg_current_snapshot()::text AS snapshot`);
    if (row === undefined) throw new Error('the database gave no snapshot');
    await engine.run({ kind: 'beginLoading' });
    for (const source of SOURCES) await load(reader, engine, source);
    await engine.run({ kind: 'endLoading' });
    for (const source of UNLEARNED_SOURCES) await load(reader, engine, source);
    return row.snapshot;
  });
}

async function load(reader: Reader, engine: Engine, source: Source): Promise<void> {
  for await (const packed of packedRows(reader, source)) {
    await engine.run({ kind: 'load', change: source.change, packed, isValued: source.value !== null });
  }
}

async function* packedRows(reader: Reader, { table, subject, object, value, where = sql`true` }: Source): AsyncGenerator<Uint8Array> {
  const width = value === null ? 8 : 16;
  const packedValue = value === null ? sql`` : sql` || float8send(r.value)`;
  for (let after = { subject: -1, object: -1 }; ; ) {
    const [row] = await reader.rows<{ packed: Uint8Array | null }>(sql`
      SELECT string_agg(int4send(r.subject) || int4send(r.object)${packedValue}, ''::bytea ORDER BY r.subject, r.object) AS packed
      FROM (
        SELECT ${subject} AS subject, ${object} AS object, ${value ?? ONE} AS value FROM ${table}
        WHERE ${where} AND (${subject}, ${object}) > (${after.subject}::int4, ${after.object}::int4)
        ORDER BY ${subject}, ${object} LIMIT ${ROWS_AT_ONCE}::int4
      ) r`);
    const packed = row?.packed ?? null;
    if (packed === null) return;
    yield packed;
    if (packed.byteLength < ROWS_AT_ONCE * width) return;
    const last = new DataView(packed.buffer, packed.byteOffset + packed.byteLength - width, 8);
    after = { subject: last.getInt32(0), object: last.getInt32(4) };
  }
}
