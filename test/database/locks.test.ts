import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServices, type Services } from '../../src/services.js';
import { checkedRecord, type RawRecord } from '../../src/submissions/paperRecord.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

// PGlite has one connection: there, these only show that nothing hangs.
describe(`writers at once, on ${isOnServer ? 'PostgreSQL' : 'PGlite'}, all succeed`, () => {
  let testDatabase: TestDatabase;
  let services: Services;
  const write = (records: readonly RawRecord[]): ReturnType<Services['submissions']['writeAll']> =>
    services.submissions.writeAll(records.map((record) => checkedRecord(record, new Date())));

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    services = createServices(testDatabase.database, { sessionDays: 1 });
    for (const slug of ['one', 'two']) await services.tags.create({ slug, name: slug, kind: 'TASK' });
  });
  afterAll(() => testDatabase.drop());

  test('when bylines swap their authors', async () => {
    const papers = await write(['Ada', 'Alan', 'Ada', 'Alan'].map((name, index) => ({ title: `Byline ${index}`, authors: [name] })));
    for (let round = 0; round < 5; round += 1) {
      const names = round % 2 === 0 ? ['Alan', 'Ada'] : ['Ada', 'Alan'];
      await Promise.all(papers.map(({ paperId }, index) => services.submissions.update(paperId, { authors: [names[index % 2] as string] })));
    }
  });

  test('when the same papers come in two imports, in opposite orders', async () => {
    for (let round = 0; round < 5; round += 1) {
      const records = Array.from({ length: 6 }, (_, index) => ({
        title: `Paper ${index}`,
        abstract: `Abstract of round ${round}`,
        authors: [`Author ${(index + round) % 6}`],
        tags: [{ slug: index % 2 === 0 ? 'one' : 'two', weight: (1 + round) / 10 }],
        repos: [{ url: `https://github.com/owner/repo-${(index + round) % 3}`, stars: round }],
      }));
      if (round === 0) await write(records);
      await Promise.all([write(records), write([...records].reverse())]);
    }
  });

  test('when readers sign up with one name: one gets it', async () => {
    const account = { username: 'wanted', password: 'a long password' };
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => services.users.signUp(account)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'CONFLICT', field: 'username' });
  });

  test('when one paper is submitted by many: one is new', async () => {
    const record = checkedRecord({ title: 'Submitted at once', arxivId: '2501.00001', authors: ['Ada', 'Alan'] }, new Date());
    const results = await Promise.all([1, 2, 3, 4].map(() => services.submissions.submit(record)));
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(results.map(({ paper }) => paper.rowId)).size).toBe(1);
  });

  test('when a tag is made by many: one is new', async () => {
    const results = await Promise.all([1, 2, 3, 4].map(() => services.tags.create({ name: 'Wanted', kind: 'TASK' })));
    expect(results.filter(({ isNew }) => isNew)).toHaveLength(1);
  });
});
