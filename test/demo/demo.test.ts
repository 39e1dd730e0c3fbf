import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createServices, type Services } from '../../src/services.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

let folder: string;
let opened: TestDatabase;
let services: Services;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-demo-'));
  opened = await createTestDatabase();
  services = createServices(opened.database, { sessionDays: 1, recommenderThreads: 0 });
});
afterAll(async () => {
  await opened.drop();
  await rm(folder, { recursive: true, force: true });
});

const counts = async (): Promise<object> => {
  const { prisma } = opened.database;
  const [papers, tags, simulated, upvotes] = [prisma.paper.count(), prisma.tag.count(), prisma.user.count({ where: { isSimulated: true } }), prisma.upvote.count()];
  return { papers: await papers, tags: await tags, simulated: await simulated, upvotes: await upvotes };
};

describe('the demo', () => {
  test('finishes a load that was interrupted, and is loaded once', async () => {
    const { demo } = services;
    const { database } = opened;
    const transaction = database.bulkTransaction.bind(database);
    database.bulkTransaction = async (work, options) => {
      await transaction(work, options);
      throw new Error('interrupted');
    };
    await expect(demo.load()).rejects.toThrow('interrupted');
    database.bulkTransaction = transaction;
    expect(await counts()).toMatchObject({ papers: 43, simulated: 0 });
    expect(await demo.load()).toBe(true);
    const loaded = await counts();
    expect(loaded).toMatchObject({ papers: 43, tags: 45, simulated: 300 });
    expect(await demo.load()).toBe(false);
    expect(await counts()).toEqual(loaded);
  });

  test('what was deleted stays deleted', async () => {
    await opened.database.prisma.paper.deleteMany({});
    expect(await services.demo.load()).toBe(false);
    expect(await counts()).toMatchObject({ papers: 0 });
  });

  test('makes a password once and keeps it to its owner', async () => {
    const first = await services.demo.prepareAccount({ dataFolder: folder, password: null });
    const file = join(folder, 'demo-password');
    expect((await readFile(file, 'utf8')).trim()).toBe(first.password);
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(await services.demo.prepareAccount({ dataFolder: folder, password: null })).toEqual(first);
    expect(await services.users.findByPassword('demo', first.password ?? '')).toMatchObject({ username: 'demo', role: 'READER' });
    const elsewhere = await services.demo.prepareAccount({ dataFolder: join(folder, 'elsewhere'), password: null });
    expect(elsewhere.password).toBeNull();
  });
});

test('a database that has papers is left alone', async () => {
  const other = await createTestDatabase();
  try {
    await other.database.prisma.paper.create({ data: { title: 'Ours' } });
    const { demo } = createServices(other.database, { sessionDays: 1, recommenderThreads: 0 });
    expect(await demo.load()).toBe(false);
    await other.database.prisma.paper.deleteMany({});
    expect(await demo.load()).toBe(false);
  } finally {
    await other.drop();
  }
});
