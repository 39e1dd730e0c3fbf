import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import type { FakeAnswer } from '../support/fakeService.js';
import { contentOf } from '../support/ingestWorld.js';
import { halvesOf, startE2eWorld, type Asked, type E2eWorld, type Ended } from './e2eWorld.js';

const REFRESH: Asked = { source: 'github' };
const AT_ONCE: Asked = { source: 'github', options: { 'older-than': 0 } };

let world: E2eWorld;
beforeAll(async () => { world = await startE2eWorld(); });
afterAll(() => world.stop());

/** As papers are fed: each with a repo, and how many stars it was seen with. */
function feed(stars: number): void {
  const repos = ['github.com/otters/raft', 'github.com/otters/holt', 'github.com/otters/gone', 'gitlab.com/otters/raft'];
  const body = repos.map((repo, index) => ({
    paper: { id: `2501.0000${index}`, title: `Otters ${index}`, publishedAt: '2025-01-07T09:00:00.000Z', githubRepo: `https://${repo}`, githubStars: stars },
    publishedAt: '2025-01-08T09:00:00.000Z',
  }));
  world.service.on('/huggingface/daily_papers', { body });
}

/** What the host says of a repo, unless it is asked for what has changed since that. */
function serve(name: string, etag: string, facts: object): void {
  world.service.on(`/github/repos/otters/${name}`, ({ headers }): FakeAnswer =>
    headers['if-none-match'] === etag ? { status: 304 } : { body: { language: null, license: null, archived: false, ...facts }, headers: { etag } });
}

const askedOf = (): string[] => world.service.requests.filter(({ path }) => path.startsWith('/github/')).map(({ path }) => path.replace('/github/repos/otters/', '')).sort();
const reposOf = (content: readonly string[]): string[] => content.filter((line) => line.startsWith('repo '));

async function refreshed(asked: Asked): Promise<{ ended: Ended; asked: string[]; repos: string[] }> {
  world.service.requests.length = 0;
  const ended = await world.run(asked);
  return { ended, asked: askedOf(), repos: reposOf(await contentOf(world.database)) };
}

const REFRESHED = [
  'repo ["github.com/otters/gone", 3, null, null, null, 1]',
  'repo ["github.com/otters/holt", 0, null, null, false, 1]',
  'repo ["github.com/otters/raft", 120, "Zig", "Apache-2.0", true, 1]',
  'repo ["gitlab.com/otters/raft", 3, null, null, null, 1]',
];

beforeEach(async () => {
  await world.clear();
  feed(3);
  await world.run({ source: 'huggingface', options: { date: '2025-01-08' } });
  serve('raft', '"r1"', { stargazers_count: 120, language: 'Zig', license: { spdx_id: 'Apache-2.0' }, archived: true });
  serve('holt', '"h1"', { stargazers_count: 0 });
});

test('repos that papers link get what their host says, and one that is gone is told and stays', async () => {
  const { ended, asked, repos } = await refreshed(REFRESH);
  expect(ended).toMatchObject({ ending: 'SUCCEEDED', added: 0, changed: 2, rejected: 0, rejectRows: 1 });
  expect(asked).toEqual(['gone', 'holt', 'raft']);
  expect(repos).toEqual(REFRESHED);
  const rejects = await world.ingestWith().rows.rejectsAfter(ended.id, 0);
  expect(rejects).toMatchObject([{ place: 'github.com/otters/gone', field: 'repo', rule: 'must be known to its host', received: '"github.com/otters/gone"', isWhole: false }]);
  expect(await halvesOf(world)).toEqual([]);
});

test('within the period nothing is asked, not even of what is gone', async () => {
  await refreshed(REFRESH);
  expect(await refreshed(REFRESH)).toMatchObject({ ended: { ending: 'SUCCEEDED', changed: 0, unchanged: 0, rejectRows: 0 }, asked: [], repos: REFRESHED });
  await world.database.rows(sql`UPDATE repos SET refreshed_at = refreshed_at - interval '8 days' WHERE name = 'holt'`);
  expect(await refreshed(REFRESH)).toMatchObject({ asked: ['holt'] });
});

test('what has not changed since is left as it is, and counts as asked', async () => {
  await refreshed(REFRESH);
  await world.database.rows(sql`UPDATE repos SET refreshed_at = refreshed_at - interval '8 days'`);
  expect(await refreshed(REFRESH)).toMatchObject({ ended: { ending: 'SUCCEEDED', changed: 0, rejectRows: 1 }, asked: ['gone', 'holt', 'raft'], repos: REFRESHED });
  const tagsSent = world.service.requests.filter(({ path }) => !path.endsWith('gone')).map(({ headers }) => headers['if-none-match']).sort();
  expect(tagsSent).toEqual(['"h1"', '"r1"']);
  expect(await refreshed(REFRESH)).toMatchObject({ asked: [] });
});

test('what has changed is written, also to nothing, and the figure of a feed does not take it back', async () => {
  await refreshed(REFRESH);
  serve('raft', '"r2"', { stargazers_count: 110, language: null, license: { spdx_id: 'NOASSERTION' } });
  const raft = 'repo ["github.com/otters/raft", 110, null, null, false, 1]';
  const { ended, repos } = await refreshed(AT_ONCE);
  expect(ended).toMatchObject({ ending: 'SUCCEEDED', changed: 1 });
  expect(repos).toEqual(REFRESHED.map((line) => (line.includes('github.com/otters/raft') ? raft : line)));
  feed(5000);
  await world.run({ source: 'huggingface', options: { date: '2025-01-08' } });
  const content = reposOf(await contentOf(world.database));
  expect(content).toContain(raft);
  expect(content).toContain('repo ["gitlab.com/otters/raft", 5000, null, null, null, 1]');
});
