import { rawSql, sql, type Database, type Sql } from '../database/database.js';
import { countRows, latestFirst, readPage, type Order, type Page, type PageOf } from '../database/lists.js';
import type { ReadingState } from '../generated/prisma/enums.js';
import { checkedText } from '../inputRules.js';
import { PAPER_COLUMNS } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import { LibraryEntry, type LibraryOrder } from './libraryEntry.type.js';

export interface LibraryRow extends Paper {
  readonly entry: LibraryEntry;
}

type EntryColumns = Pick<LibraryEntry, 'state' | 'note' | 'addedAt' | 'changedAt' | 'readAt'>;

/** Columns of entries `e`. */
const ENTRY_COLUMNS = sql`e.state::text AS state, e.note, e.added_at AS "addedAt", e.changed_at AS "changedAt", e.read_at AS "readAt"`;

// library_entries_user_id_added_at_paper_id_idx and its like for changes; of one state, library_entries_user_id_state_….
const ORDERS: Record<LibraryOrder, Order> = {
  LATEST_ADDED: latestFirst('library.added', { createdAt: 'e.added_at', id: 'e.paper_id' }),
  LATEST_CHANGED: latestFirst('library.changed', { createdAt: 'e.changed_at', id: 'e.paper_id' }),
};

/** What readers keep for themselves. Each statement names the one reader whose it is. */
export class LibraryEntryService {
  constructor(private readonly database: Database) {}

  /** What the reader keeps of these papers. */
  async byPapers(userId: number, paperIds: readonly number[]): Promise<LibraryEntry[]> {
    // One by one, as readPresent does.
    const rows = await this.database.rows<LibraryEntry>(sql`
      SELECT x.id AS "paperId", e.* FROM unnest(${[...paperIds]}::int4[]) AS x (id)
      CROSS JOIN LATERAL (SELECT ${ENTRY_COLUMNS} FROM library_entries e WHERE e.user_id = ${userId} AND e.paper_id = x.id OFFSET 0) e`);
    return rows.map((row) => Object.assign(new LibraryEntry(), row));
  }

  async list(userId: number, { state, orderBy, page }: { readonly state: ReadingState | null; readonly orderBy: LibraryOrder; readonly page: Page }): Promise<PageOf<LibraryRow>> {
    const list = {
      columns: sql`${PAPER_COLUMNS}, ${ENTRY_COLUMNS}`,
      from: sql`library_entries e JOIN listed_papers p ON p.id = e.paper_id`,
      where: whereOf(userId, state),
      order: ORDERS[orderBy],
    };
    const found = await readPage<Paper & EntryColumns>(this.database, list, page);
    return { ...found, rows: found.rows.map(withEntry) };
  }

  count(userId: number, state: ReadingState | null): Promise<number> {
    return countRows(this.database, { from: sql`library_entries e JOIN listed_papers p ON p.id = e.paper_id`, where: whereOf(userId, state) });
  }

  /** Puts a paper into this state, and into the library; nothing of a paper that does not exist. */
  async setState(userId: number, paperId: number, state: ReadingState): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO library_entries AS e (user_id, paper_id, state, read_at)
      SELECT ${userId}::int4, id, ${state}::text::reading_state, CASE ${state}::text WHEN 'READ' THEN now() END FROM listed_papers WHERE id = ${paperId}
      ON CONFLICT (user_id, paper_id) DO UPDATE SET state = excluded.state, read_at = excluded.read_at, changed_at = now() WHERE e.state <> excluded.state`);
  }

  /** Notes something of a paper, which puts it into the library; null removes what was noted. Throws BAD_USER_INPUT. */
  async setNote(userId: number, paperId: number, text: string | null): Promise<void> {
    if (text === null) {
      await this.database.rows(sql`
        UPDATE library_entries SET note = NULL, changed_at = now() WHERE user_id = ${userId} AND paper_id = ${paperId} AND note IS NOT NULL`);
      return;
    }
    const note = checkedText('note', text, { min: 1, max: 10_000 });
    await this.database.rows(sql`
      INSERT INTO library_entries AS e (user_id, paper_id, note) SELECT ${userId}::int4, id, ${note}::text FROM listed_papers WHERE id = ${paperId}
      ON CONFLICT (user_id, paper_id) DO UPDATE SET note = excluded.note, changed_at = now() WHERE e.note IS DISTINCT FROM excluded.note`);
  }

  /** Takes a paper out of the library with what was noted of it; one that is not there changes nothing. */
  async remove(userId: number, paperId: number): Promise<void> {
    await this.database.rows(sql`DELETE FROM library_entries WHERE user_id = ${userId} AND paper_id = ${paperId}`);
  }
}

// The state is a literal: it has three values, and each has a plan of its own.
function whereOf(userId: number, state: ReadingState | null): Sql[] {
  return [sql`e.user_id = ${userId}`, ...(state === null ? [] : [sql`e.state = ${rawSql(`'${state}'`)}`])];
}

function withEntry({ state, note, addedAt, changedAt, readAt, ...paper }: Paper & EntryColumns): LibraryRow {
  const entry = Object.assign(new LibraryEntry(), { paperId: paper.rowId, state, note, addedAt, changedAt, readAt });
  return { ...paper, entry } as LibraryRow;
}
