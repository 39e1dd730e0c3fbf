import { rawSql, sql, type Database } from '../database/database.js';
import { readPage, type Page } from '../database/lists.js';
import { hashOf, newToken } from '../users/session.service.js';
import type { ExportMyDataPayload } from './account.type.js';
import { SECTIONS, objectJson, type Section } from './exportSections.js';

/** Path of documents, before their tokens. */
export const EXPORTS = '/export/';
const HOLDS_MS = 600_000;
/** Names what the document is like, for programs that read it. */
const FORMAT = 'daily-papers-export/1';

/**
 * All that is held of a reader. An answer of GraphQL would be held whole, as values and as text: of an account of 200,000
 * upvotes 58 MB. So a document is fetched by itself, a page at a time: 28 s on two busy cores, and 36 MB of memory.
 */
export class DataExportService {
  constructor(
    private readonly database: Database,
    private readonly publicUrl: string,
  ) {}

  /** Makes the one address at which the user's document is. */
  async open(userId: number, now: Date): Promise<ExportMyDataPayload> {
    const token = newToken('dpx_');
    const expiresAt = new Date(now.getTime() + HOLDS_MS);
    await this.database.rows(sql`
      INSERT INTO data_exports (user_id, token_hash, expires_at) VALUES (${userId}::int4, ${hashOf(token)}, ${expiresAt.toISOString()}::text::timestamptz)
      ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`);
    return { downloadUrl: `${this.publicUrl}${EXPORTS}${token}`, expiresAt };
  }

  /** Whose document a token opens, which it does once; null for one that does not hold. */
  async use(token: string, now: Date): Promise<{ readonly userId: number; readonly username: string } | null> {
    const [row] = await this.database.rows<{ userId: number; username: string; expiresAt: Date }>(sql`
      WITH used AS (DELETE FROM data_exports WHERE token_hash = ${hashOf(token)} RETURNING user_id, expires_at)
      SELECT u.id AS "userId", u.username, used.expires_at AS "expiresAt" FROM used JOIN users u ON u.id = used.user_id`);
    return row === undefined || row.expiresAt <= now ? null : row;
  }

  // Each page is a statement of its own: a transaction would hold the embedded database's one connection for as long as
  // somebody's download takes.
  /** The document of a user, in pieces. */
  async *write(userId: number, now: Date): AsyncGenerator<string> {
    yield `{"format":${JSON.stringify(FORMAT)},"generatedAt":${JSON.stringify(now.toISOString())}`;
    for (const section of SECTIONS) {
      yield `,\n${JSON.stringify(section.name)}:`;
      yield* section.isOne === true ? this.one(section, userId) : this.list(section, userId);
    }
    yield '}\n';
  }

  private async *one(section: Section, userId: number): AsyncGenerator<string> {
    yield (await this.page(section, userId, null)).items[0] ?? 'null';
  }

  private async *list(section: Section, userId: number): AsyncGenerator<string> {
    yield '[';
    for (let after: string | null = null, isFirst = true; ; isFirst = false) {
      const { items, next } = await this.page(section, userId, after);
      if (items.length > 0) yield `${isFirst ? '\n' : ',\n'}${items.join(',\n')}`;
      if (next === null) break;
      after = next;
    }
    yield ']';
  }

  private async page(section: Section, userId: number, after: string | null): Promise<{ readonly items: string[]; readonly next: string | null }> {
    const { table, alias, column, joins = '', where = 'true', order, fields, pageSize = 1000 } = section;
    const page: Page = { limit: pageSize, fromEnd: false, after, before: null };
    const list = {
      columns: rawSql(`${objectJson(fields)} AS item`),
      from: rawSql(`${table} ${alias} ${joins}`),
      where: [sql`${rawSql(`${alias}.${column}`)} = ${userId}::int4`, rawSql(where)],
      order,
    };
    const { rows, cursors, hasNextPage } = await readPage<{ item: string }>(this.database, list, page);
    return { items: rows.map(({ item }) => item), next: hasNextPage ? (cursors.at(-1) ?? null) : null };
  }
}
