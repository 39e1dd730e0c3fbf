import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { busy, instead } from '../support/fakeService.js';
import { contentOf } from '../support/ingestWorld.js';
import { isOnServer } from '../support/testDatabase.js';
import { inventedPapers, oaiPage, oaiRecord } from './arxivFeeds.js';
import { halvesOf, startE2eWorld, type Asked, type E2eWorld } from './e2eWorld.js';

/** What one transaction takes; pages are as large. */
const BATCH = isOnServer ? 1000 : 200;
const ASKED: Asked = { source: 'arxiv-oai' };
const papers = inventedPapers(2 * BATCH + 10, '2025-03-31').map((paper) => ({ ...paper, day: '2025-03-31' }));

let world: E2eWorld;
let isBusy = false;
beforeAll(async () => {
  world = await startE2eWorld();
  world.service.spoil('/arxiv-oai', (response, answer) => { (isBusy ? busy(503) : instead(answer))(response, answer); });
});
beforeEach(async () => {
  await world.clear();
  serve(papers.length);
});
afterEach(() => { isBusy = false; });
afterAll(() => world.stop());

/** Pages of the first papers, of which the one from `busyFrom` on and those after it are refused. */
function serve(count: number, busyFrom = Infinity): void {
  world.service.on('/arxiv-oai', ({ query }) => {
    const start = Number(query.get('resumptionToken') ?? 0);
    isBusy = start >= busyFrom;
    const next = start + BATCH;
    const token = `<resumptionToken>${next < count ? next : ''}</resumptionToken>`;
    return { body: oaiPage(papers.slice(0, count).slice(start, next).map(oaiRecord), token) };
  });
}

async function contentOfFirst(count: number): Promise<string[]> {
  await world.clear();
  serve(count);
  expect(await world.run(ASKED)).toMatchObject({ ending: 'SUCCEEDED', added: count });
  return contentOf(world.database);
}

test('a service that fails after two batches leaves these two, and the run goes on with the third', async () => {
  serve(papers.length, 2 * BATCH);
  const ended = await world.run(ASKED);
  expect(ended).toMatchObject({ ending: 'FAILED', added: 2 * BATCH, error: expect.stringMatching(/^GET .+ answered 503, after 5 attempts$/) });
  expect(await halvesOf(world)).toEqual([]);
  const content = await contentOf(world.database);
  serve(papers.length);
  expect(await world.goOn(ended.id)).toMatchObject({ ending: 'SUCCEEDED', added: papers.length });
  const whole = await contentOf(world.database);
  expect(whole).toEqual(await contentOfFirst(papers.length));
  expect(content).toEqual(await contentOfFirst(2 * BATCH));
});

test('a database that fails within the second batch leaves the first alone', async () => {
  const execute = (statement: string): Promise<unknown> => world.database.prisma.$executeRawUnsafe(statement);
  // Where a paper comes from is written last: by then its row, byline and tags are there.
  await execute(`CREATE FUNCTION fail_in_the_middle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$`);
  await execute(`CREATE TRIGGER fail_in_the_middle BEFORE INSERT ON paper_origins FOR EACH ROW WHEN (NEW.external_id = '${papers[BATCH + 7]!.id}') EXECUTE FUNCTION fail_in_the_middle()`);
  try {
    const ended = await world.run(ASKED);
    expect(ended).toMatchObject({ ending: 'FAILED', added: BATCH, rejected: 0, error: 'the database has no space left: come again in 30 s' });
    expect(await halvesOf(world)).toEqual([]);
    const content = await contentOf(world.database);
    await execute('DROP TRIGGER fail_in_the_middle ON paper_origins');
    expect(await world.goOn(ended.id)).toMatchObject({ ending: 'SUCCEEDED', added: papers.length, rejected: 0 });
    const whole = await contentOf(world.database);
    expect(whole).toEqual(await contentOfFirst(papers.length));
    expect(content).toEqual(await contentOfFirst(BATCH));
  } finally {
    await execute('DROP FUNCTION fail_in_the_middle CASCADE');
  }
});
