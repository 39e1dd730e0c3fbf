import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AuditService } from '../../src/audit/audit.service.js';
import { sql, type Database } from '../../src/database/database.js';
import { readPage, type Page, type PageOf } from '../../src/database/lists.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { PaperOrder, type Paper, type PaperFilter } from '../../src/papers/paper.type.js';
import { PaperService } from '../../src/papers/paper.service.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

const PAPERS = 300;
const ORDERS = Object.values(PaperOrder);
const DAYS = { from: '2026-01-20', to: '2026-02-18' };
const FILTERS: Record<string, PaperFilter> = {
  'any tag': { tags: { any: ['two', 'seven'] } },
  'all tags': { tags: { all: ['two', 'seven'] } },
  author: { author: toGlobalId('Author', 1) },
  repo: { repo: toGlobalId('Repo', 1) },
  'listed days': { listed: DAYS },
  'listed from': { listed: { from: '2026-02-01' } },
  'listed to': { listed: { to: '2026-01-20' } },
  'published days': { published: DAYS },
  'with code': { hasCode: true },
  'without code': { hasCode: false },
  text: { text: 'seventh' },
  'text and tags and days': { text: 'paper -seventh', tags: { any: ['two'] }, listed: DAYS, hasCode: true },
};

// Small databases would always be read in one way: each is forced here.
describe('ways of reading a filtered list', () => {
  let made: TestDatabase;
  let papers: PaperService;

  beforeAll(async () => {
    made = await createTestDatabase();
    papers = new PaperService(made.database, new AuditService(made.database));
    await fill(made.database);
  });
  afterAll(() => made.drop());

  const ids = ({ rows }: PageOf<Paper>): number[] => rows.map((row) => row.rowId);
  const pageOf = (part: Partial<Page>): Page => ({ limit: 3, fromEnd: false, after: null, before: null, ...part });

  /** The pages of a list, forwards and backwards, as `read` gives them. */
  async function walk(read: (page: Page) => Promise<PageOf<Paper>>): Promise<number[][]> {
    const pages: number[][] = [];
    for (const fromEnd of [false, true]) {
      for (let page: Page | null = pageOf({ fromEnd }); page !== null; ) {
        const found: PageOf<Paper> = await read(page);
        pages.push(ids(found));
        if (fromEnd) page = found.hasPreviousPage ? pageOf({ fromEnd, before: found.cursors[0]! }) : null;
        else page = found.hasNextPage ? pageOf({ after: found.cursors.at(-1)! }) : null;
      }
    }
    return pages;
  }

  describe.each(Object.entries(FILTERS))('%s', (_, filter) => {
    test.each(ORDERS)('%s: all give the papers that pass', async (order) => {
      const { from, where, order: by } = papers.listing(filter, order, null);
      const expected = await walk((page) => readPage<Paper>(made.database, { columns: sql`p.id AS "rowId"`, from, where, order: by }, page));
      expect(expected.flat().length).toBeGreaterThan(20);
      for (const start of [null, ...where.keys()]) {
        expect(await walk((page) => papers.page(papers.listing(filter, order, start), page))).toEqual(expected);
      }
    });
  });

  test.each(ORDERS)("%s: a tag's papers are the same along the order", async (order) => {
    const read = (ofMany: boolean) => walk(async (page) => (await papers.pagesByTag([1, 2], { order, ofMany }, page)).get(2)!);
    expect(await read(true)).toEqual(await read(false));
    expect((await read(true)).flat().length).toBeGreaterThan(20);
  });
});

/** Every second paper has the first tag, author and repo, every seventh the second ones; many are listed and voted alike. */
async function fill(database: Database): Promise<void> {
  await database.rows(sql`INSERT INTO users (username) SELECT 'reader-' || n FROM generate_series(1, 9) n`);
  await database.rows(sql`INSERT INTO tags (slug, name, kind) VALUES ('two', 'Two', 'TASK'), ('seven', 'Seven', 'TASK')`);
  await database.rows(sql`INSERT INTO authors (name) VALUES ('Ada')`);
  await database.rows(sql`INSERT INTO repos (host, owner, name) VALUES ('github.com', 'a', 'b')`);
  await database.rows(sql`
    INSERT INTO papers (title, listed_at, published_at)
    SELECT 'Paper ' || n || CASE WHEN n % 7 = 0 THEN ' seventh' ELSE '' END, timestamptz '2026-01-01Z' + (n * 7 % 60) * interval '1 day', timestamptz '2026-01-01Z' + n % 60 * interval '1 day'
    FROM generate_series(1, ${PAPERS}::int4) n`);
  await database.rows(sql`INSERT INTO paper_tags (paper_id, tag_id) SELECT id, 1 FROM papers WHERE id % 2 = 0 UNION ALL SELECT id, 2 FROM papers WHERE id % 7 = 0`);
  await database.rows(sql`INSERT INTO paper_authors (paper_id, author_id, position) SELECT id, 1, 0 FROM papers WHERE id % 2 = 0`);
  await database.rows(sql`INSERT INTO paper_repos (paper_id, repo_id) SELECT id, 1 FROM papers WHERE id % 3 = 0`);
  await database.rows(sql`INSERT INTO upvotes (user_id, paper_id) SELECT u.id, p.id FROM users u JOIN papers p ON p.id % 7 >= u.id`);
}
