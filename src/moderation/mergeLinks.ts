import { joinSql, rawSql, sql, type Reader, type Sql } from '../database/database.js';

// What hangs on a paper, an author or a tag that is merged into another one, table by table. A test holds these lists to
// the foreign keys: whoever adds a table that refers to one of the three says here what becomes of its rows.

/** How the values of two rows become one. */
type Combined = 'least' | 'greatest' | 'either' | 'known' | 'kept' | 'ifBoth';

/** Rows with a key that holds the object: of two that differ in it alone one stays, and what the columns say is combined. */
interface Joined {
  readonly way: 'joined';
  readonly table: string;
  readonly column: string;
  readonly key: readonly string[];
  readonly columns: Readonly<Record<string, Combined>>;
  /** A table of the same columns that contradicts: what its reader says there of the kept object holds. */
  readonly contrary?: string;
}

/** Rows with a key of their own: they get the other object. */
interface Moved {
  readonly way: 'moved';
  readonly table: string;
  readonly column: string;
}

/** Rows of which the merge itself takes care, or which go with the object. */
interface Apart {
  readonly way: 'apart';
  readonly table: string;
  readonly column: string;
}

export type Links = Joined | Moved | Apart;

const byReader = (table: string, column: string, contrary?: string): Joined => ({
  way: 'joined', table, column, key: ['user_id'], columns: { created_at: 'least' }, ...(contrary !== undefined && { contrary }),
});
// Of two that become one the recommender learns where it learned of either.
const signals = (table: string, column: string, contrary?: string): Joined => ({ ...byReader(table, column, contrary), columns: { created_at: 'least', unlearned_at: 'ifBoth' } });
// A vote counts where either counted; one that was cleared is not flagged again.
const votes = (table: string, column: string): Joined => ({ ...signals(table, column), columns: { created_at: 'least', unlearned_at: 'ifBoth', flagged_at: 'ifBoth', cleared_at: 'greatest' } });
const moved = (table: string, column: string): Moved => ({ way: 'moved', table, column });
const apart = (table: string, column: string): Apart => ({ way: 'apart', table, column });

export const PAPER_LINKS: readonly Links[] = [
  { way: 'joined', table: 'paper_tags', column: 'paper_id', key: ['tag_id'], columns: { weight: 'greatest' } },
  { way: 'joined', table: 'paper_repos', column: 'paper_id', key: ['repo_id'], columns: { is_official: 'either' } },
  // A trigger ends a dismissal of the kept paper by whoever upvoted the other: no vote is lost.
  votes('upvotes', 'paper_id'),
  // What was refused for the kept paper has kept its reader's vote for the duplicate away; a vote for the kept one stays.
  byReader('refused_upvotes', 'paper_id', 'upvotes'),
  byReader('dismissals', 'paper_id', 'upvotes'),
  { way: 'joined', table: 'collection_papers', column: 'paper_id', key: ['collection_id'], columns: { position: 'kept', note: 'known', added_at: 'least' } },
  // The kept entry says how far its reader is; the note of the other stays where it has none.
  { way: 'joined', table: 'library_entries', column: 'paper_id', key: ['user_id'], columns: { state: 'kept', note: 'known', added_at: 'least', changed_at: 'greatest', read_at: 'kept' } },
  moved('comments', 'paper_id'),
  moved('notifications', 'paper_id'),
  moved('merged_papers', 'paper_id'),
  apart('paper_authors', 'paper_id'),
  apart('paper_origins', 'paper_id'),
  apart('reports', 'paper_id'),
  apart('paper_search', 'paper_id'),
];

export const AUTHOR_LINKS: readonly Links[] = [
  signals('author_follows', 'author_id', 'author_mutes'),
  byReader('author_mutes', 'author_id', 'author_follows'),
  moved('notifications', 'author_id'),
  moved('merged_authors', 'author_id'),
  apart('paper_authors', 'author_id'),
  apart('authorship_claims', 'author_id'),
];

export const TAG_LINKS: readonly Links[] = [
  { way: 'joined', table: 'paper_tags', column: 'tag_id', key: ['paper_id'], columns: { weight: 'greatest' } },
  signals('tag_follows', 'tag_id', 'tag_mutes'),
  byReader('tag_mutes', 'tag_id', 'tag_follows'),
  moved('tag_aliases', 'tag_id'),
  moved('merged_tags', 'tag_id'),
];

export interface Merge {
  readonly keepId: number;
  readonly duplicateId: number;
}

/** Gives the kept object what hangs on the other one. What was joined goes with the duplicate, whose triggers count it off. */
export async function moveLinks(transaction: Reader, links: readonly Links[], merge: Merge): Promise<void> {
  for (const link of links) {
    if (link.way === 'joined') await transaction.rows(joining(link, merge));
    if (link.way === 'moved') await transaction.rows(moving(link, merge));
  }
}

function moving({ table, column }: Moved, { keepId, duplicateId }: Merge): Sql {
  const [rows, object] = [rawSql(table), rawSql(column)];
  return sql`WITH moved AS (UPDATE ${rows} SET ${object} = ${keepId}::int4 WHERE ${object} = ${duplicateId} RETURNING 1) SELECT count(*)::int4 AS count FROM moved`;
}

function joining({ table, column, key, columns, contrary }: Joined, { keepId, duplicateId }: Merge): Sql {
  const names = Object.keys(columns);
  const all = [...key, ...names].map((name) => rawSql(`l.${name}`));
  const [rows, object] = [rawSql(table), rawSql(column)];
  const combined = Object.entries(columns).flatMap(([name, how]) => (how === 'kept' ? [] : [{ name: rawSql(name), value: COMBINED[how](name) }]));
  const isSilent = contrary === undefined ? sql`true` : sql`NOT EXISTS (SELECT FROM ${rawSql(contrary)} c WHERE c.user_id = l.user_id AND c.${object} = ${keepId})`;
  const target = joinSql([object, ...key.map((name) => rawSql(name))]);
  return sql`
    WITH joined AS (
      INSERT INTO ${rows} AS x (${joinSql([object, ...[...key, ...names].map((name) => rawSql(name))])})
      SELECT ${keepId}::int4, ${joinSql(all)} FROM ${rows} l WHERE l.${object} = ${duplicateId} AND ${isSilent}
      ORDER BY ${joinSql(key.map((name) => rawSql(`l.${name}`)))}
      ON CONFLICT (${target}) DO UPDATE SET ${joinSql(combined.map(({ name, value }) => sql`${name} = ${value}`))}
      WHERE ${joinSql(combined.map(({ name, value }) => sql`x.${name} IS DISTINCT FROM ${value}`), ' OR ')}
      RETURNING 1)
    SELECT count(*)::int4 AS count FROM joined`;
}

const COMBINED: Record<Exclude<Combined, 'kept'>, (column: string) => Sql> = {
  least: (column) => rawSql(`least(x.${column}, excluded.${column})`),
  greatest: (column) => rawSql(`greatest(x.${column}, excluded.${column})`),
  either: (column) => rawSql(`(x.${column} OR excluded.${column})`),
  known: (column) => rawSql(`coalesce(x.${column}, excluded.${column})`),
  ifBoth: (column) => rawSql(`CASE WHEN x.${column} IS NOT NULL AND excluded.${column} IS NOT NULL THEN greatest(x.${column}, excluded.${column}) END`),
};
