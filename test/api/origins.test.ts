import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { seedPapers, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const ORIGINS = '{ totalCount edges { cursor } nodes { source externalId fields facts firstSeenAt changedAt } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
const FIRST = { source: 'archive', externalId: '7', fields: ['title', 'abstract'], facts: { submitter: 'Ada "L"', history: [{ version: 1, on: '2026-01-01' }] }, firstSeenAt: '2026-01-02T03:04:05.678Z', changedAt: '2026-02-02T00:00:00.000Z' };
const SECOND = { ...FIRST, externalId: '7b', fields: [], facts: null };
const THIRD = { ...FIRST, source: 'catalogue', externalId: 'a/b?c="d"', fields: ['doi'], facts: {} };

let server: TestServer;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, [
    { title: 'Told by three', listedOn: '2026-01-02', authors: ['Ada', 'Bo'], repos: [{ url: 'https://github.com/lab/known' }, { url: 'https://github.com/lab/unknown' }] },
    { title: 'Submitted here', listedOn: '2026-01-01' },
  ]);
  // Those of seeding are not looked at.
  await server.database.rows(sql`DELETE FROM paper_origins`);
  for (const { source, externalId, fields, facts, firstSeenAt, changedAt } of [THIRD, SECOND, FIRST]) {
    await server.database.rows(sql`
      INSERT INTO paper_origins (source, external_id, paper_id, fields, facts, digest, first_seen_at, changed_at)
      VALUES (${source}, ${externalId}, ${papers[0]!.rowId}, ${fields}::text[], ${facts === null ? null : JSON.stringify(facts)}::text::jsonb, sha256('x'), ${firstSeenAt}::text::timestamptz, ${changedAt}::text::timestamptz)`);
  }
  await server.database.rows(sql`UPDATE authors SET orcid = '0000-0001-0000-0001' WHERE name = 'Ada'`);
  await server.database.rows(sql`UPDATE repos SET license = 'MIT', is_archived = false, refreshed_at = '2026-03-03T03:03:03.003Z' WHERE name = 'known'`);
});
afterAll(() => server.stop());

async function originsOf(paper: SeededPaper | undefined, page = ''): Promise<any> {
  return (await server.query(`query ($id: ID!) { paper(id: $id) { origins${page} ${ORIGINS} } }`, { variables: { id: paper!.id } })).paper.origins;
}

describe('the origins of a paper', () => {
  test('are by source and by name there, each with what it told', async () => {
    const { totalCount, nodes } = await originsOf(papers[0]);
    expect([totalCount, nodes]).toEqual([3, [FIRST, SECOND, THIRD]]);
  });

  test('are none of a paper of which nobody said anything', async () => {
    expect(await originsOf(papers[1])).toEqual({ totalCount: 0, edges: [], nodes: [], pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null } });
  });

  test('are paged through from either end', async () => {
    const forward: unknown[] = [];
    for (let page: string | null = '(first: 1)'; page !== null; ) {
      const { nodes, pageInfo, totalCount } = await originsOf(papers[0], page);
      forward.push(...nodes);
      expect([nodes.length, totalCount]).toEqual([1, 3]);
      page = pageInfo.hasNextPage === true ? `(first: 1, after: "${pageInfo.endCursor}")` : null;
    }
    expect(forward).toEqual([FIRST, SECOND, THIRD]);
    const last = await originsOf(papers[0], '(last: 2)');
    expect([last.nodes, last.pageInfo.hasPreviousPage]).toEqual([[SECOND, THIRD], true]);
    expect((await originsOf(papers[0], `(last: 2, before: "${last.pageInfo.startCursor}")`)).nodes).toEqual([FIRST]);
  });

  test('refuse a cursor of another list', async () => {
    const { papers: list } = await server.query('{ papers { edges { cursor } } }');
    expect((await server.error(`query ($id: ID!) { paper(id: $id) { origins(after: "${list.edges[0].cursor}") { totalCount } } }`, { variables: { id: papers[0]!.id } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  test('go with their paper', async () => {
    const [gone] = await seedPapers(server, [{ title: 'Gone', listedOn: '2026-01-03' }]);
    await server.database.rows(sql`DELETE FROM paper_origins WHERE paper_id = ${gone!.rowId}`);
    await server.database.rows(sql`INSERT INTO paper_origins (source, external_id, paper_id, digest) VALUES ('archive', '8', ${gone!.rowId}, sha256('x'))`);
    // No fields and no facts were given.
    expect((await originsOf(gone)).nodes).toMatchObject([{ source: 'archive', externalId: '8', fields: [], facts: null }]);
    await server.database.rows(sql`DELETE FROM papers WHERE id = ${gone!.rowId}`);
    expect(await server.database.rows(sql`SELECT 1 AS one FROM paper_origins WHERE external_id = '8'`)).toEqual([]);
  });
});

test('authors and repos say what is known of them alone', async () => {
  const { paper } = await server.query('query ($id: ID!) { paper(id: $id) { authors { nodes { name orcid } } repos { nodes { name license isArchived refreshedAt } } } }', { variables: { id: papers[0]!.id } });
  expect(paper.authors.nodes).toEqual([{ name: 'Ada', orcid: '0000-0001-0000-0001' }, { name: 'Bo', orcid: null }]);
  expect(paper.repos.nodes.sort((a: any, b: any) => a.name.length - b.name.length)).toEqual([
    { name: 'known', license: 'MIT', isArchived: false, refreshedAt: '2026-03-03T03:03:03.003Z' },
    { name: 'unknown', license: null, isArchived: null, refreshedAt: null },
  ]);
});
