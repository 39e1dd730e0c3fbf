import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { FEW } from '../../src/database/conditions.js';
import { Database } from '../../src/database/database.js';
import { SESSION_OPTIONS, openPostgres } from '../../src/database/postgres.js';
import { fillCommunity } from '../support/largeDatabase.js';
import { otherLists, otherOperations, paperLists, searches, totals } from '../support/pageOperations.js';
import { PLAN_KINDS, planOf, type PlanNode, type RecordedStatement } from '../support/plans.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';
import { startTestServer, type TestServer, comesByItself } from '../support/testServer.js';

const SIZE = { papers: 20_000, readers: 5000 };
const PAGE = 20;
/** What a page may read of one table: the rows of the rarest condition with what they link, or those on the way along an order. */
const MOST_ROWS = 4 * FEW;

// The embedded database has the same planner, but no second connection to set how it plans.
(isOnServer ? describe : describe.skip)('plans of 20,000 papers (PostgreSQL)', () => {
  let made: TestDatabase;
  let client: pg.Client;
  let servers: Record<'planned' | 'resolved', TestServer>;
  let rareTag: number;
  let token: string;

  beforeAll(async () => {
    made = await createTestDatabase();
    client = new pg.Client({ connectionString: made.url ?? '', options: SESSION_OPTIONS });
    await client.connect();
    await fillCommunity(client, SIZE);
    const { rows } = await client.query<{ id: number }>('SELECT id FROM tags WHERE paper_count > 0 ORDER BY paper_count, id LIMIT 1');
    rareTag = rows[0]!.id;
    const start = async (compileAfter: number): Promise<TestServer> =>
      startTestServer({ compileAfter }, { database: new Database(await openPostgres(made.url ?? '', 5)), drop: () => Promise.resolve() });
    servers = { planned: await start(0), resolved: await start(Infinity) };
    token = (await servers.planned.services.sessions.open({ id: 1, username: 'reader-1', role: 'READER' })).token;
    // So that what loads the recommender is not among what is recorded.
    await servers.planned.query('{ recommendations(first: 1) { nodes { id } } }');
    await servers.resolved.query('{ recommendations(first: 1) { nodes { id } } }');
  }, 300_000);
  afterAll(async () => {
    await Promise.all(Object.values(servers).map((server) => server.stop()));
    await client.end();
    await made.drop();
  });

  async function recorded(server: TestServer, work: () => Promise<void>): Promise<RecordedStatement[]> {
    const statements = new Map<string, RecordedStatement>();
    server.database.onStatement = (text, values = []) => statements.set(JSON.stringify([text, values]), { text, values });
    await work();
    server.database.onStatement = null;
    return [...statements.values()].filter(({ text }) => !text.startsWith('EXPLAIN') && !comesByItself(text));
  }

  async function problemsOf(statements: readonly RecordedStatement[], isWrong: (node: PlanNode) => string | null): Promise<string[]> {
    const problems = new Set<string>();
    for (const statement of statements) {
      for (const kind of PLAN_KINDS) {
        const nodes = await planOf(client, statement, kind);
        for (const what of nodes.map(isWrong)) if (what !== null) problems.add(`${what} by the ${kind} plan of ${statement.text} -- ${JSON.stringify(statement.values)}`);
      }
    }
    return [...problems];
  }

  /** The first page, the one after it, the last page, and the one before that. */
  async function readPages(server: TestServer, document: string): Promise<void> {
    const read = async (page: string): Promise<{ startCursor: string | null; endCursor: string | null } | null> =>
      pageInfoOf(await server.query(document.replace('PAGE', page), { token }));
    const first = await read(`first: ${PAGE}`);
    if (first?.endCursor != null) await read(`first: ${PAGE}, after: "${first.endCursor}"`);
    const last = await read(`last: ${PAGE}`);
    if (last?.startCursor != null) await read(`last: ${PAGE}, before: "${last.startCursor}"`);
  }

  // What a function reads is in no plan of its call: the transaction's own counts tell which tables were read as a whole.
  test('a vote, a burst and what is made of it read no table as a whole', async () => {
    const readWhole = async (what: string): Promise<unknown[]> =>
      (await client.query<{ name: string; scans: string }>('SELECT relname AS name, seq_scan AS scans FROM pg_stat_xact_user_tables WHERE seq_scan > 0')).rows.filter(({ name }) => !SMALL.has(name)).map(({ name, scans }) => `${name} ${scans} times: ${what}`);
    for (const kind of PLAN_KINDS) {
      await client.query(`SET plan_cache_mode = force_${kind}_plan`);
      await client.query('BEGIN');
      try {
        await client.query(`UPDATE settings SET value = '3 10 48' WHERE key = 'vote_bursts'`);
        await client.query('UPDATE users SET is_simulated = false, created_at = now() WHERE id BETWEEN 4000 AND 4010');
        const found: unknown[] = [];
        for (let n = 0; n < 11; n += 1) {
          // The busiest paper, and one with few votes.
          for (const paper of [1, 19_000]) await client.query('WITH target AS (SELECT id FROM listed_papers WHERE id = $2 FOR NO KEY UPDATE) SELECT cast_upvote($1, target.id, 100, 100) FROM target', [4000 + n, paper]);
        }
        found.push(...(await readWhole('votes')));
        const { rows } = await client.query('SELECT count(*)::int4 AS count FROM upvotes WHERE flagged_at IS NOT NULL AND user_id BETWEEN 4000 AND 4010 AND paper_id = 19000');
        found.push(...(await readWhole('a count')));
        await client.query('UPDATE upvotes SET flagged_at = NULL, cleared_at = now() WHERE paper_id = 19000 AND flagged_at IS NOT NULL AND user_id = 4000');
        await client.query('WITH gone AS (DELETE FROM upvotes WHERE paper_id = 19000 AND flagged_at IS NOT NULL RETURNING user_id, paper_id) INSERT INTO refused_upvotes (user_id, paper_id) SELECT user_id, paper_id FROM gone');
        found.push(...(await readWhole('judgements')));
        expect([found, rows[0]!.count]).toEqual([[], 11]);
      } finally {
        await client.query('ROLLBACK');
      }
    }
  }, 120_000);

  describe.each(['planned', 'resolved'] as const)('%s', (mode) => {
    test.each([['lists of papers', paperLists], ['other lists', otherLists]] as const)('%s read a page by an index', async (_, lists) => {
      const server = servers[mode];
      const statements = await recorded(server, async () => {
        for (const document of lists(rareTag)) await readPages(server, document);
      });
      expect(await problemsOf(statements, (node) => scansAll(node) ?? readsMany(node))).toEqual([]);
    }, 600_000);

    test('what is no list', async () => {
      const server = servers[mode];
      const statements = await recorded(server, async () => {
        for (const document of otherOperations()) await server.query(document, { token });
        for (const document of otherOperations()) await server.query(document);
      });
      expect(await problemsOf(statements, (node) => scansAll(node) ?? readsMany(node))).toEqual([]);
    }, 600_000);

    test('flagged votes', async () => {
      const server = servers[mode];
      const curator = (await server.services.sessions.open({ id: 2, username: 'reader-2', role: 'CURATOR' })).token;
      await client.query(`UPDATE users SET role = 'CURATOR' WHERE id = 2`);
      const statements = await recorded(server, async () => {
        for (const filter of ['{}', ...[1, 77].flatMap((row) => [`{ paper: "${toGlobalId('Paper', row)}" }`, `{ user: "${toGlobalId('User', row)}" }`]), `{ paper: "${toGlobalId('Paper', 1)}", user: "${toGlobalId('User', 1)}" }`]) {
          const list = (page: string): Promise<any> => server.query(`{ list: flaggedVotes(${page}, filter: ${filter}) { pageInfo { startCursor endCursor } nodes { why paper { title flaggedUpvoteCount } user { username } } } }`, { token: curator });
          const [first, last] = [(await list('first: 20')).list.pageInfo, (await list('last: 20')).list.pageInfo];
          if (first.endCursor !== null) await list(`first: 20, after: "${first.endCursor}"`);
          if (last.startCursor !== null) await list(`last: 20, before: "${last.startCursor}"`);
        }
      });
      expect(await problemsOf(statements, (node) => scansAll(node) ?? readsMany(node))).toEqual([]);
    }, 600_000);

    // A word that most papers have is counted, and its facets over as many as a pool takes.
    test.each([['few', (node: PlanNode) => scansAll(node) ?? readsMany(node)], ['many', scansAll]] as const)('searches that find %s', async (kind, isWrong) => {
      const server = servers[mode];
      const statements = await recorded(server, async () => {
        for (const document of searches(rareTag)[kind]) await server.query(document, { token });
      });
      expect(await problemsOf(statements, isWrong)).toEqual([]);
    }, 600_000);

    // Of 500 readers, two lists each, and of tags with few papers and with many: of a list 24 rows in a second round.
    test('a following feed', async () => {
      const server = servers[mode];
      const document = '{ followingFeed(first: 5, after: AFTER) { pageInfo { endCursor } edges { reasons { kind tag { slug } author { name } user { username } } node { title viewerLibraryEntry { note } } } } }';
      const statements = await recorded(server, async () => {
        for (const slug of [`tag-${rareTag}`, 'tag-1']) {
          await server.services.follows.addTag(1, slug);
          const { followingFeed } = await server.query(document.replace('AFTER', 'null'), { token });
          await server.query(document.replace('AFTER', JSON.stringify(followingFeed.pageInfo.endCursor)), { token });
        }
      });
      expect(await problemsOf(statements.filter(({ text }) => !text.includes('INSERT')), (node) => scansAll(node) ?? readsMany(node, 2 * 500 * 24))).toEqual([]);
    }, 600_000);

    // Counts read what they count, by an index.
    test('totals', async () => {
      const server = servers[mode];
      const statements = await recorded(server, async () => {
        for (const document of totals()) await server.query(document, { token });
      });
      expect(await problemsOf(statements, scansAll)).toEqual([]);
    }, 600_000);
  });
});

// Of settings, and of what was merged, there is none here: a page at most.
const SMALL = new Set(['settings', 'merged_papers', 'merged_authors', 'merged_tags']);

function scansAll(node: PlanNode): string | null {
  const table = node['Relation Name'];
  return node['Node Type'] === 'Seq Scan' && table !== undefined && !SMALL.has(table) ? `${table} is read as a whole` : null;
}

function readsMany(node: PlanNode, most = MOST_ROWS): string | null {
  const rows = node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0));
  return rows > most ? `${node['Node Type']} of ${node['Relation Name'] ?? ''} ${node['Index Name'] ?? ''} reads ${rows} rows` : null;
}

/** Of the first object named `list` that an answer has. */
function pageInfoOf(answer: unknown): { startCursor: string | null; endCursor: string | null } | null {
  if (answer === null || typeof answer !== 'object') return null;
  if ('list' in answer) return (answer.list as { pageInfo: { startCursor: string | null; endCursor: string | null } }).pageInfo;
  for (const value of Object.values(answer)) {
    const found = pageInfoOf(value);
    if (found !== null) return found;
  }
  return null;
}
