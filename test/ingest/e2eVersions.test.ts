import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import type { FakeAnswer } from '../support/fakeService.js';
import { contentOf } from '../support/ingestWorld.js';
import { atomFeed, oaiPage, oaiRecord, type FeedPaper } from './arxivFeeds.js';
import { halvesOf, startE2eWorld, type Asked, type E2eWorld, type Ended } from './e2eWorld.js';

let world: E2eWorld;
beforeAll(async () => { world = await startE2eWorld(); });
beforeEach(() => world.clear());
afterAll(() => world.stop());

const ID = '2502.00007';
const FIRST: FeedPaper = { id: ID, title: 'On the Slowness of Snails: a Long Look', summary: 'Snails are slow.', created: '2025-02-03' };
const SECOND: FeedPaper = { ...FIRST, title: 'Snails Are Slow', summary: 'Snails are slow, and we say how slow.', updated: '2025-02-20', day: '2025-02-20' };
const WITHDRAWN: FeedPaper = { ...SECOND, day: '2025-03-05', more: '<updated>2025-03-04</updated><comments>This paper has been withdrawn by the author: the snails were asleep</comments>' };

const ATOM: Asked = { source: 'arxiv', options: { search: 'cat:q-bio.PE' } };
const OAI: Asked = { source: 'arxiv-oai', options: { set: 'q-bio' } };
const FEED: Asked = { source: 'huggingface', options: { date: '2025-02-05' } };
const since = (day: string): Date => new Date(`${day}T00:00:00Z`);

/** The entry of a version. */
const entry = (paper: FeedPaper, version: number): string => atomFeed([paper], 1).replace(`${paper.id}v1`, `${paper.id}v${version}`);
const deleted = (id: string, day: string): string => `<record><header status="deleted"><identifier>oai:arXiv.org:${id}</identifier><datestamp>${day}</datestamp></header></record>`;
const feed = (upvotes: number): FakeAnswer => ({
  body: [{
    paper: {
      id: ID, title: 'Slow Snails!', summary: 'A shorter word.', publishedAt: '2025-02-03T10:00:00.000Z', upvotes, authors: [{ name: 'A. Example' }],
      ai_keywords: ['Gastropods'], githubRepo: 'https://github.com/snails/slow', githubStars: 5, projectPage: 'https://snails.example/',
    },
    publishedAt: '2025-02-05T08:00:00.000Z',
  }],
});

/** What a service says, and what it is asked then. */
interface Step {
  readonly path: string;
  readonly answer: FakeAnswer;
  readonly asked: Asked;
}
const STEPS = {
  first: { path: '/arxiv', answer: { body: entry(FIRST, 1) }, asked: ATOM },
  second: { path: '/arxiv', answer: { body: entry(SECOND, 2) }, asked: { ...ATOM, since: since('2025-02-19') } },
  harvested: { path: '/arxiv-oai', answer: { body: oaiPage([oaiRecord(SECOND)]) }, asked: OAI },
  withdrawn: { path: '/arxiv-oai', answer: { body: oaiPage([oaiRecord(WITHDRAWN)]) }, asked: { ...OAI, since: since('2025-03-01') } },
  deleted: { path: '/arxiv-oai', answer: { body: oaiPage([deleted(ID, '2025-03-09')]) }, asked: { ...OAI, since: since('2025-03-06') } },
  fed: { path: '/huggingface/daily_papers', answer: feed(7), asked: FEED },
} satisfies Record<string, Step>;

function take({ path, answer, asked }: Step): Promise<Ended> {
  world.service.on(path, answer);
  return world.run(asked);
}

async function paper(): Promise<object> {
  const papers = await world.database.rows<object>(sql`
    SELECT title, abstract, arxiv_version AS version, to_char(withdrawn_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "withdrawnOn",
      to_char(listed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS "listedOn", upvote_count AS upvotes, origin_upvote_count AS "originUpvotes" FROM papers`);
  expect(papers).toHaveLength(1);
  return papers[0]!;
}

describe('a paper', () => {
  test('follows its versions, its withdrawal and its deletion', async () => {
    expect(await take(STEPS.first)).toMatchObject({ ending: 'SUCCEEDED', added: 1 });
    expect(await paper()).toMatchObject({ title: FIRST.title, abstract: FIRST.summary, version: 1, withdrawnOn: null, listedOn: '2025-02-03' });
    // A shorter title replaces a longer one of the same source.
    expect(await take(STEPS.second)).toMatchObject({ added: 0, changed: 1 });
    expect(await paper()).toMatchObject({ title: SECOND.title, abstract: SECOND.summary, version: 2, withdrawnOn: null });
    expect(await take(STEPS.second)).toMatchObject({ added: 0, changed: 0, unchanged: 1 });
    // The harvest tells of no version; its second category is news.
    expect(await take(STEPS.harvested)).toMatchObject({ added: 0, changed: 1 });
    expect(await paper()).toMatchObject({ title: SECOND.title, version: 2 });
    expect(await take(STEPS.withdrawn)).toMatchObject({ added: 0, changed: 1 });
    expect(await paper()).toMatchObject({ title: SECOND.title, version: 2, withdrawnOn: '2025-03-04' });
    // What is withdrawn already stays so since its first day.
    expect(await take(STEPS.deleted)).toMatchObject({ added: 0, changed: 0, unchanged: 1 });
    expect(await paper()).toMatchObject({ title: SECOND.title, version: 2, withdrawnOn: '2025-03-04', listedOn: '2025-02-03' });
    expect(await halvesOf(world)).toEqual([]);
  });

  test('that is deleted without a word is withdrawn on that day, and back when it is told of again', async () => {
    await take(STEPS.harvested);
    expect(await take(STEPS.deleted)).toMatchObject({ changed: 1, unchanged: 0 });
    expect(await paper()).toMatchObject({ withdrawnOn: '2025-03-09' });
    expect(await take(STEPS.deleted)).toMatchObject({ changed: 0, unchanged: 1 });
    expect(await take(STEPS.harvested)).toMatchObject({ changed: 1 });
    expect(await paper()).toMatchObject({ title: SECOND.title, withdrawnOn: null });
  });

  test('of which only a deletion is known is not made', async () => {
    expect(await take(STEPS.deleted)).toMatchObject({ ending: 'SUCCEEDED', added: 0, changed: 0, unchanged: 1, rejected: 0 });
    expect(await contentOf(world.database)).toEqual([]);
  });
});

describe('two sources of a paper', () => {
  const steps: Step[] = [STEPS.first, STEPS.second, STEPS.harvested, STEPS.withdrawn, STEPS.deleted];

  test('end in the same, whenever the second one says its part', async () => {
    const contents: string[][] = [];
    for (let place = 0; place <= steps.length; place += 1) {
      await world.clear();
      for (const step of [...steps.slice(0, place), STEPS.fed, ...steps.slice(place)]) expect(await take(step)).toMatchObject({ ending: 'SUCCEEDED', rejectRows: 0 });
      expect(await paper()).toEqual({ title: SECOND.title, abstract: SECOND.summary, version: 2, withdrawnOn: '2025-03-04', listedOn: '2025-02-05', upvotes: 0, originUpvotes: 7 });
      // The name of a byline that was replaced stays, without papers.
      expect((await halvesOf(world)).filter((half) => half !== 'author: A. Example')).toEqual([]);
      contents.push((await contentOf(world.database)).filter((line) => line !== 'author ["a. example", null, 0]'));
    }
    for (const content of contents) expect(content).toEqual(contents[0]);
    expect(contents[0]!.filter((line) => line.startsWith('repo') || line.startsWith('linked'))).toEqual([
      `linked ["${SECOND.title}", "${ID}", "github.com/snails/slow", false]`,
      'repo ["github.com/snails/slow", 5, null, null, null, 1]',
    ]);
  });

  test('leave the votes of readers alone, and figures of elsewhere are none', async () => {
    await take(STEPS.first);
    const reader = await world.database.prisma.user.create({ data: { username: 'ada' } });
    const [{ id }] = (await world.database.rows<{ id: number }>(sql`SELECT id FROM papers`)) as [{ id: number }];
    await world.services.upvotes.add(reader.id, id);
    await take(STEPS.fed);
    for (const step of steps.slice(1)) await take(step);
    expect(await paper()).toMatchObject({ upvotes: 1, originUpvotes: 7 });
    expect(await take({ ...STEPS.fed, answer: feed(9) })).toMatchObject({ changed: 1 });
    expect(await paper()).toMatchObject({ upvotes: 1, originUpvotes: 9 });
    expect(await world.database.rows(sql`SELECT user_id AS "userId", paper_id AS "paperId" FROM upvotes`)).toEqual([{ userId: reader.id, paperId: id }]);
  });
});
