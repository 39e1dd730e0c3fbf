import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { githubSource } from '../../src/ingest/github/githubSource.js';
import { createHttpClient } from '../../src/ingest/http/createHttpClient.js';
import { HttpError } from '../../src/ingest/http/httpClient.js';
import { SourceError, type Item, type Json, type Parcel, type SourceContext, type StaleRepo } from '../../src/ingest/source.js';
import { source as wired } from '../../src/ingest/sources/github.js';
import { busy, cutShort, instead, reset, startFakeService, type FakeAnswer, type FakeService, type Misbehaviour, type SeenRequest } from '../support/fakeService.js';

const NOW = new Date('2025-03-10T12:00:00Z');
const DATE = NOW.toUTCString();
const NOW_SECONDS = NOW.getTime() / 1000;

let service: FakeService;
let waits: number[];
let asked: { before: string; afterRowId: number; limit: number }[];

beforeEach(async () => {
  service = await startFakeService();
  waits = [];
  asked = [];
});
afterEach(() => service.close());

const source = githubSource((ms) => {
  waits.push(ms);
  return Promise.resolve();
});

function repoAt(rowId: number, more: { owner?: string; name?: string; etag?: string } = {}): StaleRepo {
  return { rowId, address: { host: 'github.com', owner: more.owner ?? `lab-${rowId}`, name: more.name ?? 'tool' }, etag: more.etag ?? null };
}
function reposTo(count: number): StaleRepo[] {
  return Array.from({ length: count }, (_, index) => repoAt(index + 1));
}

function contextOf(repos: readonly StaleRepo[], more: Partial<SourceContext> = {}): SourceContext {
  return {
    http: createHttpClient({ userAgent: 'tests/1', delayScale: 0.001 }),
    url: service.url,
    token: null,
    now: NOW,
    clock: () => NOW,
    since: null,
    signal: new AbortController().signal,
    onTotal: () => undefined,
    staleRepos: ({ host, before, afterRowId, limit }) => {
      expect(host).toBe('github.com');
      asked.push({ before: before.toISOString(), afterRowId, limit });
      return Promise.resolve(repos.filter(({ rowId }) => rowId > afterRowId).slice(0, limit));
    },
    ...more,
  };
}

interface Question {
  readonly options?: object;
  readonly more?: Partial<SourceContext>;
  readonly checkpoint?: Json;
}

async function read(repos: readonly StaleRepo[], { options = {}, more = {}, checkpoint = null }: Question = {}): Promise<Parcel[]> {
  const reading = await source.open(source.options.parse(options), contextOf(repos, more));
  const parcels: Parcel[] = [];
  for await (const parcel of reading.read(checkpoint)) parcels.push(parcel);
  return parcels;
}

function itemsOf(parcels: readonly Parcel[]): Item[] {
  return parcels.flatMap(({ items }) => items);
}
/** Names of what was asked about, with the stars; what was rejected by its rule. */
function summaryOf(parcels: readonly Parcel[]): string[] {
  return itemsOf(parcels).map((item) => {
    if (item.kind === 'REJECT') return `${item.place}: ${item.fault.rule}`;
    if (item.kind !== 'REPO') return item.kind;
    const said = item.facts === null ? 'gone' : item.facts.unchanged ? 'unchanged' : item.facts.stars;
    return `${item.address.owner}/${item.address.name}: ${said}`;
  });
}

describe('options', () => {
  test('a week is what counts as stale, and a run has no bound', () => {
    expect(source.options.parse({})).toEqual({ 'older-than': 7 });
    expect(source.options.safeParse({ 'older-than': -1 }).success).toBe(false);
    expect(source.options.safeParse({ limit: 0 }).success).toBe(false);
    expect(source.options.safeParse({ token: 'x' }).success).toBe(false);
  });

  test('the source that is found in the folder really waits, until it is stopped', async () => {
    expect(wired.name).toBe('github');
    const controller = new AbortController();
    service.on('/repos/lab-1/tool', () => {
      setTimeout(() => { controller.abort(new Error('stopped')); }, 100);
      return { status: 429, headers: { 'retry-after': '1000' } };
    });
    const reading = await wired.open({ 'older-than': 7 }, contextOf([repoAt(1)], { signal: controller.signal }));
    await expect(reading.read(null)[Symbol.asyncIterator]().next()).rejects.toThrow('stopped');
    expect(service.requests).toHaveLength(1);
  });
});

describe('without a token', () => {
  const REPO = { stargazers_count: 12, language: 'Zig', license: { key: 'mit', spdx_id: 'MIT' }, archived: true, private: false };

  function serveAll(repos: readonly StaleRepo[], more: (request: SeenRequest) => FakeAnswer = () => ({})): void {
    for (const { rowId, address } of repos) {
      service.on(`/repos/${address.owner}/${address.name}`, (request) => ({ body: { ...REPO, stargazers_count: rowId }, ...more(request) }));
    }
  }

  test('each field has its place in the facts', async () => {
    service.on('/repos/lab-1/tool', { body: REPO, headers: { etag: 'W/"abc"' } });
    const parcels = await read([repoAt(1)]);
    expect(itemsOf(parcels)).toEqual([
      {
        kind: 'REPO',
        place: 'github.com/lab-1/tool',
        address: { host: 'github.com', owner: 'lab-1', name: 'tool' },
        facts: { unchanged: false, stars: 12, language: 'Zig', license: 'MIT', isArchived: true, etag: 'W/"abc"' },
      },
    ]);
    expect(service.requests[0]?.headers).toMatchObject({ accept: 'application/vnd.github+json', 'user-agent': 'tests/1' });
    expect(service.requests[0]?.headers.authorization).toBeUndefined();
    expect(asked[0]).toEqual({ before: '2025-03-03T12:00:00.000Z', afterRowId: 0, limit: 20 });
  });

  test.each<[string, object, object]>([
    ['no language, no licence', { language: null, license: null }, { language: null, license: null }],
    ['a licence that is not known', { license: { spdx_id: 'NOASSERTION' } }, { license: null }],
    ['a licence without a name', { license: { spdx_id: null } }, { license: null }],
  ])('%s', async (_name, change, facts) => {
    service.on('/repos/lab-1/tool', { body: { ...REPO, ...change } });
    expect(itemsOf(await read([repoAt(1)]))).toMatchObject([{ kind: 'REPO', facts }]);
  });

  test('an ETag too long to keep is not kept', async () => {
    service.on('/repos/lab-1/tool', { body: REPO, headers: { etag: `"${'x'.repeat(200)}"` } });
    expect(itemsOf(await read([repoAt(1)]))).toMatchObject([{ facts: { stars: 12, etag: null } }]);
  });

  test('with an ETag it is asked whether anything has changed', async () => {
    service.on('/repos/lab-1/tool', ({ headers }) => (headers['if-none-match'] === '"v1"' ? { status: 304 } : { body: REPO }));
    service.on('/repos/lab-2/tool', ({ headers }) => (headers['if-none-match'] === '"v1"' ? { status: 304 } : { body: REPO }));
    expect(summaryOf(await read([repoAt(1, { etag: '"v1"' }), repoAt(2, { etag: '"v0"' })]))).toEqual(['lab-1/tool: unchanged', 'lab-2/tool: 12']);
  });

  test.each([404, 410, 451])('%i: it is gone', async (status) => {
    service.on('/repos/lab-1/tool', { status, body: { message: 'Not here' } });
    expect(itemsOf(await read([repoAt(1)]))).toMatchObject([{ kind: 'REPO', facts: null }]);
  });

  test('one that has moved is followed', async () => {
    service.on('/repos/lab-1/tool', { status: 301, headers: { location: `${service.url}/repositories/77` } });
    service.on('/repositories/77', { body: REPO });
    expect(summaryOf(await read([repoAt(1)]))).toEqual(['lab-1/tool: 12']);
  });

  test.each<[string, object | string, { field: string; rule: string; received: unknown }]>([
    ['stars', { ...REPO, stargazers_count: 'many' }, { field: 'stargazers_count', rule: 'must be a whole number', received: 'many' }],
    ['negative stars', { ...REPO, stargazers_count: -1 }, { field: 'stargazers_count', rule: 'must be at least 0', received: -1 }],
    ['a licence', { ...REPO, license: 'MIT' }, { field: 'license', rule: 'must be an object', received: 'MIT' }],
    ["a licence's name", { ...REPO, license: { spdx_id: 7 } }, { field: 'license.spdx_id', rule: 'must be text', received: 7 }],
    ['everything', '[]', { field: 'repository', rule: 'must be an object', received: [] }],
  ])('a broken answer is named and the others go on: %s', async (_name, body, fault) => {
    serveAll(reposTo(2));
    service.on('/repos/lab-1/tool', { body });
    expect(itemsOf(await read(reposTo(2)))).toMatchObject([{ kind: 'REJECT', place: 'github.com/lab-1/tool', fault }, { kind: 'REPO', facts: { stars: 2 } }]);
  });

  test('a repo that is forbidden for good is named and the others go on', async () => {
    serveAll(reposTo(2));
    service.on('/repos/lab-1/tool', { status: 403, headers: { 'x-ratelimit-remaining': '40' }, body: 'Repository access blocked' });
    expect(itemsOf(await read(reposTo(2)))).toMatchObject([
      { kind: 'REJECT', fault: { field: 'repository', rule: 'must be readable', received: 'Repository access blocked' } },
      { kind: 'REPO' },
    ]);
    expect(waits).toEqual([]);
  });

  test('what cannot be an address of GitHub is skipped', async () => {
    const repos = [repoAt(1, { owner: 'group/sub' }), repoAt(2, { name: '..' }), repoAt(3, { owner: '-x' }), repoAt(4, { owner: 'a.b' }), repoAt(5, { name: '.' }), repoAt(6)];
    serveAll([repoAt(6)]);
    expect(summaryOf(await read(repos))).toEqual(['lab-6/tool: 6']);
    expect(service.requests.map(({ path }) => path)).toEqual(['/repos/lab-6/tool']);
  });

  test('twenty such in a row do not end the run', async () => {
    const repos = [...Array.from({ length: 20 }, (_, index) => repoAt(index + 1, { owner: 'a/b' })), repoAt(21)];
    serveAll([repoAt(21)]);
    const parcels = await read(repos, { options: { limit: 1 } });
    expect(summaryOf(parcels)).toEqual(['lab-21/tool: 21']);
  });

  test('twenty make a parcel, until a limit', async () => {
    const repos = reposTo(50);
    serveAll(repos);
    expect((await read(repos)).map(({ items, done }) => [items.length, done])).toEqual([[20, 20], [20, 40], [10, 50]]);
    expect((await read(repos, { options: { limit: 25, 'older-than': 0 } })).map(({ done }) => done)).toEqual([20, 25]);
    expect(asked.at(-1)).toEqual({ before: NOW.toISOString(), afterRowId: 20, limit: 5 });
  });

  test('a run ends, having said so, when the requests of the hour are used up', async () => {
    const repos = reposTo(50);
    let left = 25;
    serveAll(repos, () => ({ headers: { date: DATE, 'x-ratelimit-remaining': String((left -= 1)), 'x-ratelimit-reset': String(NOW_SECONDS + 1800) } }));
    const parcels = await read(repos);
    expect(service.requests).toHaveLength(25);
    expect(parcels.map(({ done }) => done)).toEqual([20, 25]);
    expect(itemsOf(parcels).at(-1)).toEqual({
      kind: 'REJECT',
      place: service.url,
      title: null,
      fault: {
        field: 'x-ratelimit-remaining',
        rule: 'must be above 0 to go on: what is left is for a run after 2025-03-10T12:30:00.000Z, or for one with a token',
        received: 0,
      },
    });
    expect(waits).toEqual([]);
    left = 1000;
    expect(summaryOf(await read(repos, { checkpoint: parcels.at(-1)!.checkpoint }))).toEqual(Array.from({ length: 25 }, (_, index) => `lab-${index + 26}/tool: ${index + 26}`));
  });

  test('and ends without a word when that was the last repo', async () => {
    serveAll(reposTo(2), () => ({ headers: { 'x-ratelimit-remaining': '1' } }));
    serveAll([repoAt(3)], () => ({ headers: { 'x-ratelimit-remaining': '0' } }));
    expect(summaryOf(await read(reposTo(3)))).toEqual(['lab-1/tool: 1', 'lab-2/tool: 2', 'lab-3/tool: 3']);
  });

  test('a refusal because others have used the hour up loses no repo', async () => {
    serveAll(reposTo(1));
    const repos = reposTo(3);
    service.on('/repos/lab-2/tool', { status: 403, headers: { 'x-ratelimit-remaining': '0' }, body: { message: 'API rate limit exceeded' } });
    const [parcel, ...rest] = await read(repos);
    expect(rest).toEqual([]);
    expect(parcel).toMatchObject({ done: 1, checkpoint: { before: '2025-03-03T12:00:00.000Z', afterRowId: 1, done: 1 } });
    expect(parcel?.items).toHaveLength(2);
    expect(service.requests).toHaveLength(2);
  });

  test('or none at all', async () => {
    service.on('/repos/lab-1/tool', { status: 429, headers: { 'x-ratelimit-remaining': '0' } });
    expect(await read(reposTo(3))).toMatchObject([{ done: 0, checkpoint: { afterRowId: 0, done: 0 }, items: [{ kind: 'REJECT' }] }]);
  });

  test.each<[string, FakeAnswer, number]>([
    ['403 with Retry-After', { status: 403, headers: { 'retry-after': '30' } }, 30_000],
    ['429 with Retry-After', { status: 429, headers: { 'retry-after': '7' } }, 7000],
    ['429 alone', { status: 429 }, 60_000],
    ['403 that speaks of it', { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } }, 60_000],
    ['429 for longer than an hour', { status: 429, headers: { 'retry-after': '90000' } }, 3_600_000],
  ])('requests that came too fast wait: %s', async (_name, answer, ms) => {
    serveAll(reposTo(1));
    service.spoil('/repos/lab-1/tool', instead(answer), 2);
    expect(summaryOf(await read(reposTo(1)))).toEqual(['lab-1/tool: 1']);
    expect(waits).toEqual([ms, ms]);
  });

  test('refusals without end fail by name', async () => {
    service.on('/repos/lab-1/tool', { status: 429, headers: { 'retry-after': '30' } });
    await expect(read(reposTo(1))).rejects.toThrow(new SourceError('GitHub refused 5 times in a row, last for 30 s'));
    expect(waits).toEqual([30_000, 30_000, 30_000, 30_000]);
  });

  test('each checkpoint leads to the rest, and no repo is asked about twice', async () => {
    const repos = reposTo(50);
    serveAll(repos);
    const parcels = await read(repos);
    for (const [index, { checkpoint }] of parcels.entries()) {
      service.requests.length = 0;
      const stored = JSON.parse(JSON.stringify(checkpoint)) as Json;
      const later = new Date('2025-03-10T18:00:00Z');
      expect(await read(repos, { checkpoint: stored, more: { now: later } })).toEqual(parcels.slice(index + 1));
      expect(service.requests).toHaveLength(50 - parcels[index]!.done);
      expect(asked.at(-1)?.before).toBe('2025-03-03T12:00:00.000Z');
    }
    await expect(read(repos, { checkpoint: { row: 1 } })).rejects.toThrow(new SourceError('the checkpoint must be one of this source, received {"row":1}'));
  });

  const failures: [string, Misbehaviour, string][] = [
    ['500', busy(500), 'answered 500'],
    ['a cut', cutShort(), 'could not be read'],
    ['a reset', reset(), 'could not be read'],
    ['HTML', instead({ body: '<html>' }), 'the answer must be JSON, received <html>'],
  ];
  test.each(failures)('%s that passes by is asked for again', async (_name, misbehave) => {
    serveAll(reposTo(2));
    service.spoil('/repos/lab-1/tool', misbehave, 2);
    expect(summaryOf(await read(reposTo(2)))).toEqual(['lab-1/tool: 1', 'lab-2/tool: 2']);
    expect(service.requestsOf('/repos/lab-1/tool')).toHaveLength(3);
  });

  test.each(failures)('%s of one repo for good is named, and the others go on', async (_name, misbehave, message) => {
    serveAll(reposTo(2));
    service.spoil('/repos/lab-1/tool', misbehave);
    expect(itemsOf(await read(reposTo(2)))).toMatchObject([
      { kind: 'REJECT', place: 'github.com/lab-1/tool', fault: { field: 'repository', rule: 'must be readable', received: expect.stringContaining(message) } },
      { kind: 'REPO' },
    ]);
  });

  test('three in a row that cannot be read end the run', async () => {
    const repos = reposTo(5);
    serveAll(repos);
    for (const rowId of [1, 2, 4, 5]) service.spoil(`/repos/lab-${rowId}/tool`, busy(500));
    expect(summaryOf(await read(repos))).toHaveLength(5);
    service.spoil('/repos/lab-3/tool', busy(500));
    await expect(read(repos)).rejects.toThrow(HttpError);
  });
});

describe('with a token', () => {
  const FACTS = { stargazerCount: 12, primaryLanguage: { name: 'Zig' }, licenseInfo: { spdxId: 'Apache-2.0' }, isArchived: false };
  const AMPLE = { remaining: 4000, resetAt: '2025-03-10T12:40:00Z' };

  interface Query {
    readonly query: string;
    readonly variables: Readonly<Record<string, string>>;
  }

  /** Answers with the number in each owner's name as the stars; `change` may put something else there. */
  function serve(change: (data: Record<string, unknown>, query: Query) => FakeAnswer | undefined = () => undefined): void {
    service.on('/graphql', ({ body }) => {
      const query = JSON.parse(body) as Query;
      const data: Record<string, unknown> = { rateLimit: AMPLE };
      for (const [, alias, owner] of query.query.matchAll(/(r\d+): repository\(owner: \$(o\d+), /g)) {
        data[alias!] = { ...FACTS, stargazerCount: Number(query.variables[owner!]!.slice(4)) };
      }
      return change(data, query) ?? { body: { data }, headers: { date: DATE } };
    });
  }
  const token = { token: 'ghp_secret' };

  test('each field has its place in the facts', async () => {
    serve();
    expect(itemsOf(await read([repoAt(12)], { more: token }))).toEqual([
      {
        kind: 'REPO',
        place: 'github.com/lab-12/tool',
        address: { host: 'github.com', owner: 'lab-12', name: 'tool' },
        facts: { unchanged: false, stars: 12, language: 'Zig', license: 'Apache-2.0', isArchived: false, etag: null },
      },
    ]);
  });

  test('a hundred are asked about at once, by variables', async () => {
    serve();
    const repos = reposTo(230);
    const parcels = await read(repos, { more: token });
    expect(summaryOf(parcels)).toEqual(repos.map(({ rowId }) => `lab-${rowId}/tool: ${rowId}`));
    expect(parcels.map(({ done }) => done)).toEqual([100, 200, 230]);
    expect(service.requests.map(({ method, path, headers }) => [method, path, headers.authorization])).toEqual(Array(3).fill(['POST', '/graphql', 'Bearer ghp_secret']));
    const { query, variables } = JSON.parse(service.requests[2]!.body) as Query;
    expect(query).not.toContain('lab-');
    expect(query).toContain('r29: repository(owner: $o29, name: $n29, followRenames: true)');
    expect(query).toContain('rateLimit { remaining resetAt }');
    expect(variables).toMatchObject({ o0: 'lab-201', n0: 'tool', o29: 'lab-230' });
    expect(waits).toEqual([]);
  });

  test('what is not there is gone, what is in error is named, the others go on', async () => {
    serve((data) => ({
      body: {
        data: { ...data, r0: null, r1: null, r2: null, r4: { ...FACTS, stargazerCount: 1.5 }, r5: { ...FACTS, licenseInfo: null } },
        errors: [
          { type: 'NOT_FOUND', path: ['r0'], message: 'Could not resolve' },
          { type: 'FORBIDDEN', path: ['r1'], message: 'Barred' },
          { type: 'NOT_FOUND', path: ['r5', 'licenseInfo'], message: 'No such licence' },
        ],
      },
    }));
    expect(itemsOf(await read(reposTo(6), { more: token }))).toMatchObject([
      { kind: 'REPO', facts: null },
      { kind: 'REJECT', place: 'github.com/lab-2/tool', fault: { field: 'repository', rule: 'must not be an error', received: 'Barred' } },
      { kind: 'REJECT', place: 'github.com/lab-3/tool', fault: { field: 'repository', rule: 'must be an object', received: null } },
      { kind: 'REPO', facts: { stars: 4 } },
      { kind: 'REJECT', fault: { field: 'stargazerCount', rule: 'must be a whole number', received: 1.5 } },
      { kind: 'REJECT', fault: { field: 'licenseInfo', rule: 'must not be an error', received: 'No such licence' } },
    ]);
  });

  test('a language or licence that there is none of is null', async () => {
    serve((data) => ({ body: { data: { ...data, r0: { ...FACTS, primaryLanguage: null, licenseInfo: { spdxId: 'NOASSERTION' } } } } }));
    expect(itemsOf(await read([repoAt(1)], { more: token }))).toMatchObject([{ facts: { language: null, license: null } }]);
  });

  test('points that are used up are waited for, by the clock of the service, before the next query alone', async () => {
    serve((data) => ({ body: { data: { ...data, rateLimit: { remaining: 0, resetAt: '2025-03-10T12:20:00Z' } } }, headers: { date: DATE } }));
    const reading = await source.open(source.options.parse({}), contextOf(reposTo(150), token));
    const parcels = reading.read(null)[Symbol.asyncIterator]();
    await parcels.next();
    expect(waits).toEqual([]);
    await parcels.next();
    expect(waits).toEqual([20 * 60_000]);
    expect((await parcels.next()).done).toBe(true);
    expect(waits).toHaveLength(1);
  });

  test.each<[string, FakeAnswer, number]>([
    ['the error RATE_LIMITED', { body: { errors: [{ type: 'RATE_LIMITED', message: 'used up' }] }, headers: { date: DATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW_SECONDS + 90) } }, 90_000],
    ['the error RATE_LIMIT, whatever the header', { body: { data: null, errors: [{ type: 'RATE_LIMIT', message: 'used up' }] }, headers: { date: DATE, 'x-ratelimit-remaining': '12', 'x-ratelimit-reset': String(NOW_SECONDS + 91) } }, 91_000],
    ['403 with a reset', { status: 403, headers: { date: DATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW_SECONDS + 600) } }, 600_000],
    ['a reset later than an hour', { status: 403, headers: { date: DATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW_SECONDS + 90_000) } }, 3_600_000],
    ['a reset that is over', { status: 403, headers: { date: DATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW_SECONDS - 5) } }, 1000],
    ['a reset that is no number', { status: 403, headers: { date: DATE, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': 'soon' } }, 60_000],
    ['403 with Retry-After', { status: 403, headers: { 'retry-after': '30' } }, 30_000],
    ['429 alone', { status: 429 }, 60_000],
    ['an error that speaks of the secondary limit', { body: { errors: [{ message: 'You have exceeded a secondary rate limit' }] } }, 60_000],
  ])('a refusal is waited for: %s', async (_name, answer, ms) => {
    serve();
    service.spoil('/graphql', instead(answer), 1);
    expect(summaryOf(await read([repoAt(5)], { more: token }))).toEqual(['lab-5/tool: 5']);
    expect(waits).toEqual([ms]);
  });

  test('refusals without end, and a token that may not, fail by name', async () => {
    service.on('/graphql', { status: 429, headers: { 'retry-after': '30' } });
    await expect(read([repoAt(1)], { more: token })).rejects.toThrow(new SourceError('GitHub refused 5 times in a row, last for 30 s'));
    service.on('/graphql', { status: 403, body: 'Resource not accessible' });
    await expect(read([repoAt(1)], { more: token })).rejects.toThrow(new SourceError('GitHub answered 403: Resource not accessible'));
    service.requests.length = 0;
    service.on('/graphql', { status: 401, body: 'Bad credentials' });
    await expect(read([repoAt(1)], { more: token })).rejects.toThrow(/\/graphql answered 401$/);
    expect(service.requests).toHaveLength(1);
  });

  test('each checkpoint leads to the rest', async () => {
    serve();
    const repos = reposTo(230);
    const parcels = await read(repos, { more: token });
    for (const [index, { checkpoint }] of parcels.entries()) expect(await read(repos, { checkpoint, more: token })).toEqual(parcels.slice(index + 1));
  });

  const failures: [string, Misbehaviour, string][] = [
    ['502', busy(502), 'answered 502'],
    ['a cut', cutShort(), 'could not be read'],
    ['HTML', instead({ body: '<html>' }), 'the answer must be JSON, received <html>'],
    ['a list', instead({ body: '[]' }), 'the answer must be data or a list of errors, received []'],
    ['an error of the whole query', instead({ body: { data: null, errors: [{ message: 'Something went wrong' }] } }), 'the answer must have data, received the error "Something went wrong"'],
  ];
  test.each(failures)('%s is asked for again, and fails by name in the end', async (_name, misbehave, message) => {
    serve();
    service.spoil('/graphql', misbehave, 2);
    expect(summaryOf(await read([repoAt(5)], { more: token }))).toEqual(['lab-5/tool: 5']);
    expect(service.requests).toHaveLength(3);
    service.spoil('/graphql', misbehave);
    const error = await read([repoAt(5)], { more: token }).catch((thrown: unknown) => thrown as HttpError);
    expect(error).toBeInstanceOf(HttpError);
    expect((error as HttpError).message).toContain(message);
  });
});
