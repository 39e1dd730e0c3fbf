import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rawSql, sql } from '../../src/database/database.js';
import { createServices, type Services } from '../../src/services.js';
import { checkedRecord, type RawRecord } from '../../src/submissions/paperRecord.js';
import type { Written } from '../../src/submissions/paperWriter.service.js';
import { writePapers } from '../support/seed.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

/** Edits what is his own: of that no log is kept. */
const EDITOR = { id: 1, username: 'editor', role: 'READER', scopes: ['READ', 'VOTE', 'WRITE', 'ADMIN'] } as const;

// PGlite has one connection: there, these only show that nothing hangs.
describe(`writers at once, on ${isOnServer ? 'PostgreSQL' : 'PGlite'}, all succeed`, () => {
  let testDatabase: TestDatabase;
  let services: Services;
  const write = (records: readonly RawRecord[]): Promise<Written[]> => writePapers({ services, database: testDatabase.database }, records);

  const contradictions = async (): Promise<number> => (await testDatabase.database.rows(sql`SELECT 1 AS one FROM upvotes JOIN dismissals USING (user_id, paper_id)`)).length;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    services = createServices(testDatabase.database, { sessionDays: 1, recommenderThreads: 0 });
    for (const slug of ['one', 'two']) await services.tags.create({ slug, name: slug, kind: 'TASK' });
  });
  afterAll(() => testDatabase.drop());

  test('when bylines swap their authors', async () => {
    const papers = await write(['Ada', 'Alan', 'Ada', 'Alan'].map((name, index) => ({ title: `Byline ${index}`, authors: [name] })));
    for (let round = 0; round < 5; round += 1) {
      const names = round % 2 === 0 ? ['Alan', 'Ada'] : ['Ada', 'Alan'];
      await Promise.all(papers.map(({ paperId }, index) => services.submissions.update({ rowId: paperId, submittedById: EDITOR.id }, { authors: [{ name: names[index % 2] as string, orcid: null }] }, EDITOR)));
    }
  });

  test('when the same papers come in two imports, in opposite orders', async () => {
    for (let round = 0; round < 5; round += 1) {
      const records = Array.from({ length: 6 }, (_, index) => ({
        title: `Paper ${index}`,
        arxivId: `2601.0000${index}`,
        abstract: `Abstract of round ${round}`,
        authors: [`Author ${(index + round) % 6}`],
        tags: [{ slug: index % 2 === 0 ? 'one' : 'two', weight: (1 + round) / 10 }],
        repos: [{ url: `https://github.com/owner/repo-${(index + round) % 3}`, stars: round }],
      }));
      if (round === 0) await write(records);
      await Promise.all([write(records), write([...records].reverse())]);
    }
  });

  test('when readers upvote, dismiss and take back the same papers', async () => {
    const papers = await write([1, 2].map((n) => ({ title: `Contested ${n}` })));
    const readers = await Promise.all([1, 2].map((n) => testDatabase.database.prisma.user.create({ data: { username: `contester-${n}` } })));
    const { upvotes, dismissals } = services;
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(readers.flatMap(({ id }) => papers.flatMap(({ paperId }) => [
        upvotes.add(id, paperId), dismissals.add(id, paperId), upvotes.remove(id, paperId), upvotes.add(id, paperId), dismissals.remove(id, paperId), dismissals.add(id, paperId),
      ])));
      expect(await contradictions()).toBe(0);
    }
  });

  (isOnServer ? test : test.skip).each(['upvotes', 'dismissals'] as const)('when a paper has one of the two and %s come second: they wait, and stay (PostgreSQL)', async (second) => {
    const [paper] = await write([{ title: `Decided by ${second}` }]);
    const { id } = await testDatabase.database.prisma.user.create({ data: { username: `decider-${second}` } });
    const first = second === 'upvotes' ? 'dismissals' : 'upvotes';
    let isWaiting = true;
    let later = Promise.resolve();
    await testDatabase.database.transaction(async ({ rows }) => {
      await rows(sql`INSERT INTO ${rawSql(first)} (user_id, paper_id) VALUES (${id}, ${paper!.paperId})`);
      later = services[second].add(id, paper!.paperId).then(() => {
        isWaiting = false;
      });
      await new Promise((done) => setTimeout(done, 200));
      expect(isWaiting).toBe(true);
    });
    await later;
    const counts = [await testDatabase.database.prisma.upvote.count({ where: { userId: id } }), await testDatabase.database.prisma.dismissal.count({ where: { userId: id } })];
    expect(counts).toEqual(second === 'upvotes' ? [1, 0] : [0, 1]);
  });

  test('when readers sign up with one name: one gets it', async () => {
    const account = { username: 'wanted', password: 'a long password' };
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => services.users.signUp(account)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT', field: 'username' });
  });

  test('when one paper is submitted by many: one is new', async () => {
    const record = checkedRecord({ title: 'Submitted at once', arxivId: '2501.00001', authors: ['Ada', 'Alan'] }, new Date());
    const submitters = await Promise.all([1, 2, 3, 4].map((n) => testDatabase.database.prisma.user.create({ data: { username: `submitter-${n}` } })));
    const results = await Promise.all(submitters.map(({ id }) => services.submissions.submit(record, { id, username: String(id), role: 'READER', scopes: ['READ', 'VOTE', 'WRITE', 'ADMIN'] })));
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
    const ids = new Set(results.map(({ paper }) => paper.rowId));
    expect(ids.size).toBe(1);
    expect(await services.papers.get([...ids][0]!)).toMatchObject({ upvoteCount: 3 });
  });

  test('when a tag is made by many: one is new', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => services.tags.create({ name: 'Wanted', kind: 'TASK' })));
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
  });
});
