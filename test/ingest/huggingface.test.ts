import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpClient } from '../../src/ingest/http/createHttpClient.js';
import { HttpError } from '../../src/ingest/http/httpClient.js';
import { SourceError, type Item, type Json, type Parcel, type SourceContext } from '../../src/ingest/source.js';
import { source } from '../../src/ingest/sources/huggingface.js';
import { busy, cutShort, drip, instead, reset, startFakeService, type FakeAnswer, type FakeService, type Misbehaviour, type SeenRequest } from '../support/fakeService.js';

const FEED = '/api/daily_papers';

let service: FakeService;

beforeEach(async () => {
  service = await startFakeService();
});
afterEach(() => service.close());

function context(more: Partial<SourceContext> = {}): SourceContext {
  return {
    http: createHttpClient({ userAgent: 'tests/1', delayScale: 0.001 }),
    url: `${service.url}/api`,
    token: null,
    now: new Date('2025-03-10T12:00:00Z'),
    clock: () => new Date('2025-03-10T12:00:00Z'),
    since: null,
    signal: new AbortController().signal,
    onTotal: () => undefined,
    staleRepos: () => Promise.reject(new Error('no repos are asked for here')),
    ...more,
  };
}

async function read(options: object, more: Partial<SourceContext> = {}, checkpoint: Json = null): Promise<Parcel[]> {
  const reading = await source.open(source.options.parse(options), context(more));
  const parcels: Parcel[] = [];
  for await (const parcel of reading.read(checkpoint)) parcels.push(parcel);
  return parcels;
}

/** Ids of papers; other items by their kind and what is wrong with them. */
function idsOf(parcels: readonly Parcel[]): string[] {
  return parcels.flatMap(({ items }) => items.map(nameOf));
}
function nameOf(item: Item): string {
  if (item.kind === 'PAPER') return item.record.externalId;
  return item.kind === 'REJECT' ? `REJECT ${item.fault.field} ${item.fault.rule}` : item.kind;
}

function element(id: string, more: object = {}): object {
  return { paper: { id, title: `Paper ${id}`, ...more }, publishedAt: '2025-03-07T10:00:00.000Z' };
}
function elements(count: number, from = 0): object[] {
  return Array.from({ length: count }, (_, index) => element(idAt(from + index)));
}
function idAt(index: number): string {
  return `2503.${String(index).padStart(5, '0')}`;
}

/** A feed of so many papers, whose pages link the next one as the service does. */
function feedOf(total: number, size = 100): (request: SeenRequest) => FakeAnswer {
  return ({ query }) => {
    const page = Number(query.get('p'));
    const body = elements(Math.max(0, Math.min(size, total - page * size)), page * size);
    const next = new URLSearchParams(query);
    next.set('p', String(page + 1));
    const link = `<https://elsewhere.example/first>; rel="first", <${service.url}${FEED}?${next.toString()}>; rel="next"`;
    return { body, headers: (page + 1) * size < total ? { link } : {} };
  };
}

describe('options', () => {
  test.each([
    [{ date: '2025-13-01' }, 'must be a day in the form YYYY-MM-DD'],
    [{ week: '2025-7' }, 'must be a week in the form YYYY-Www'],
    [{ month: '2025' }, 'must be a month in the form YYYY-MM'],
    [{ ids: '2503.00001,../admin' }, 'must be arXiv ids'],
    [{ submitter: 'a b' }, 'must be the name of a user'],
    [{ date: '2025-03-01', month: '2025-03' }, 'at most one'],
    [{ ids: '2503.00001', submitter: 'quill' }, 'cannot be given together'],
    [{ unknown: '1' }, 'unknown'],
  ])('%j breaks a rule', (options, message) => {
    const parsed = source.options.safeParse(options);
    expect(parsed.success).toBe(false);
    expect(parsed.error?.message).toContain(message);
  });

  test.each<[object, Partial<SourceContext>, string]>([
    [{ until: '2025-03-08' }, {}, 'until needs a start and no date, week or month, received "2025-03-08"'],
    [{ until: '2025-03-01' }, { since: new Date('2025-03-02T09:00:00Z') }, 'until must not be before the start 2025-03-02, received "2025-03-01"'],
  ])('%j does not fit', async (options, more, message) => {
    await expect(source.open(source.options.parse(options), context(more))).rejects.toThrow(new SourceError(message));
  });

  test('each has a description', () => {
    const { shape } = source.options as unknown as { shape: Record<string, { description?: string }> };
    expect(Object.keys(shape)).toEqual(['date', 'week', 'month', 'submitter', 'ids', 'until']);
    for (const option of Object.values(shape)) expect(option.description).toEqual(expect.any(String));
  });
});

describe('what is asked', () => {
  test.each<[object, string]>([
    [{}, 'p=0&limit=100'],
    [{ date: '2025-03-04' }, 'date=2025-03-04&p=0&limit=100'],
    [{ week: '2025-W10', submitter: 'quill' }, 'week=2025-W10&submitter=quill&p=0&limit=100'],
    [{ month: '2025-03' }, 'month=2025-03&p=0&limit=100'],
    [{ submitter: 'quill' }, 'submitter=quill&p=0&limit=100'],
  ])('%j', async (options, search) => {
    service.on(FEED, feedOf(2));
    expect(idsOf(await read(options))).toEqual([idAt(0), idAt(1)]);
    expect(service.requests.map(({ query }) => query.toString())).toEqual([search]);
  });

  test('a day after the other since a start, to today', async () => {
    service.on(FEED, ({ query }) => ({ body: [element(`2503.000${query.get('date')!.slice(-2)}`)] }));
    expect(idsOf(await read({}, { since: new Date('2025-03-07T23:59:00Z') }))).toEqual(['2503.00007', '2503.00008', '2503.00009', '2503.00010']);
  });

  test('or until a day, of one submitter', async () => {
    service.on(FEED, { body: [] });
    await read({ until: '2025-03-08', submitter: 'quill' }, { since: new Date('2025-02-28T00:00:00Z'), now: new Date('2025-03-20T00:00:00Z') });
    const days = service.requests.map(({ query }) => query.get('date'));
    expect(days).toEqual(['2025-02-28', ...Array.from({ length: 8 }, (_, index) => `2025-03-0${index + 1}`)]);
    expect(service.requests.every(({ query }) => query.get('submitter') === 'quill')).toBe(true);
  });

  test('a period by name alone, whatever the start', async () => {
    service.on(FEED, { body: [] });
    await read({ month: '2025-01' }, { since: new Date('2025-03-08T00:00:00Z') });
    expect(service.requests.map(({ query }) => query.get('month'))).toEqual(['2025-01']);
  });

  test('with the token where there is one', async () => {
    service.on(FEED, { body: [] });
    await read({});
    await read({}, { token: 'secret' });
    expect(service.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer secret']);
  });

  test('no faster than its courtesy', async () => {
    service.on(FEED, feedOf(350));
    await read({}, { http: createHttpClient({ userAgent: 'tests/1', delayScale: 0.1 }) });
    // The first request comes late by what the connection takes, and the others are a little less even than they were sent.
    const pauses = service.pausesOf(FEED).slice(1);
    expect(pauses).toHaveLength(2);
    for (const pause of pauses) expect(pause).toBeGreaterThan(50);
  });
});

describe('pages', () => {
  test('are followed by their links, each paper once', async () => {
    service.on(FEED, feedOf(250));
    const parcels = await read({ date: '2025-03-04' });
    expect(idsOf(parcels)).toEqual(Array.from({ length: 250 }, (_, index) => idAt(index)));
    expect(parcels.map(({ done }) => done)).toEqual([100, 200, 250]);
    expect(parcels.map(({ items }) => items[0]?.place)).toEqual([0, 1, 2].map((page) => `/daily_papers?date=2025-03-04&p=${page}&limit=100 item 1`));
  });

  test('are counted on where nothing links them', async () => {
    service.on(FEED, (request) => ({ ...feedOf(250)(request), headers: {} }));
    expect(idsOf(await read({}))).toHaveLength(250);
    expect(service.requests).toHaveLength(3);
  });

  test('end where the links do, though the last page is full', async () => {
    service.on(FEED, { body: elements(100), headers: { link: `<${FEED}?p=0>; rel="prev"` } });
    await read({});
    expect(service.requests).toHaveLength(1);
  });

  test('a relative link with several relations leads on', async () => {
    service.on(FEED, ({ query }) => (query.has('cursor') ? { body: [element('2503.00002')] } : { body: [element('2503.00001')], headers: { link: '<?cursor=x>; title="b"; rel="last next"' } }));
    expect(idsOf(await read({}))).toEqual(['2503.00001', '2503.00002']);
  });

  test('one that comes twice costs nothing but its request', async () => {
    const feed = feedOf(290);
    // The second page has moved down: it is the first one again.
    service.on(FEED, (request) =>
      request.query.get('p') === '1' ? { body: elements(100), headers: { link: `<${FEED}?p=2&limit=100>; rel=next` } } : feed(request),
    );
    expect(idsOf(await read({}))).toEqual([...Array(100).keys(), ...Array.from({ length: 90 }, (_, index) => 200 + index)].map(idAt));
    expect(service.requests).toHaveLength(3);
  });

  test.each<[string, (request: SeenRequest) => FakeAnswer, number]>([
    ['that lead to themselves', () => ({ body: elements(100), headers: { link: `<${FEED}?p=0&limit=100>; rel="next"` } }), 1],
    ['without end over one page', ({ query }) => ({ body: elements(100), headers: { link: `<${FEED}?p=${Number(query.get('p')) + 1}>; rel="next"` } }), 4],
    ['without end over nothing', ({ query }) => ({ body: [], headers: { link: `<${FEED}?p=${Number(query.get('p')) + 1}>; rel="next"` } }), 3],
    ['without end over what is no paper', ({ query }) => ({ body: [null, 7], headers: { link: `<${FEED}?p=${Number(query.get('p')) + 1}>; rel="next"` } }), 4],
  ])('links %s do not hold the run', async (_name, answer, requests) => {
    service.on(FEED, answer);
    await read({});
    expect(service.requests).toHaveLength(requests);
  });

  test('a link to another place is told and not followed, nor is the token sent there', async () => {
    const other = await startFakeService();
    try {
      other.on(FEED, { body: elements(5) });
      for (const target of [`${other.url}${FEED}?p=1`, `${service.url}/api/whoami`, 'http://[']) {
        service.requests.length = 0;
        service.on(FEED, { body: elements(2), headers: { link: `<${target}>; rel="next"` } });
        const items = (await read({ date: '2025-03-04' }, { token: 'secret' })).flatMap((parcel) => parcel.items);
        expect(items.slice(0, 2).map(nameOf)).toEqual([idAt(0), idAt(1)]);
        expect(items.slice(2)).toEqual([
          {
            kind: 'REJECT',
            place: '/daily_papers?date=2025-03-04&p=0&limit=100',
            title: null,
            fault: { field: 'Link', rule: `must lead to a page of ${service.url}${FEED}`, received: target },
          },
        ]);
        expect(service.requests).toHaveLength(1);
      }
      expect(other.requests).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test('a broken element is named by its place, and the others go on', async () => {
    service.on(FEED, { body: [element('2503.00001'), { paper: { id: 7, title: 'Odd' } }, element('2503.00003')] });
    expect((await read({}))[0]?.items).toMatchObject([
      { kind: 'PAPER' },
      { kind: 'REJECT', place: '/daily_papers?p=0&limit=100 item 2', title: 'Odd', fault: { field: 'paper.id', received: 7 } },
      { kind: 'PAPER' },
    ]);
  });
});

describe('ids', () => {
  const all = Array.from({ length: 45 }, (_, index) => idAt(index));
  beforeEach(() => {
    for (const id of all) service.on(`/api/papers/${id}`, { body: { id, title: `Paper ${id}`, numTotalModels: 2 } });
  });

  test('are asked for one by one, each once, twenty a parcel', async () => {
    const reading = await source.open({ ids: [...all, ' 2503.00000 '].join(', ') }, context());
    expect(reading.total).toBe(45);
    const parcels = await read({ ids: [...all, all[0]].join(', ') });
    expect(idsOf(parcels)).toEqual(all);
    expect(parcels.map(({ done }) => done)).toEqual([20, 40, 45]);
    expect(service.requests).toHaveLength(45);
  });

  test('one that the service has not is named', async () => {
    expect((await read({ ids: '2503.00001,2503.99999' }))[0]?.items).toMatchObject([
      { kind: 'PAPER', place: '/papers/2503.00001', record: { facts: { linkedModels: 2 } } },
      { kind: 'REJECT', place: '/papers/2503.99999', fault: { field: 'ids', rule: 'must be papers that the service has', received: '2503.99999' } },
    ]);
  });

  test('go on after each checkpoint', async () => {
    const ids = all.join(',');
    const parcels = await read({ ids });
    for (const [index, { checkpoint, done }] of parcels.entries()) {
      const rest = await read({ ids }, {}, checkpoint);
      expect(idsOf(rest)).toEqual(all.slice(done));
      expect(rest).toEqual(parcels.slice(index + 1));
    }
  });
});

describe('a run that was broken off', () => {
  test('goes on after each checkpoint as if nothing had happened', async () => {
    service.on(FEED, (request) => {
      const day = Number(request.query.get('date')!.slice(-2));
      const { body, headers } = feedOf(day === 8 ? 0 : 150)(request);
      return { body: (body as { paper: { id: string } }[]).map(({ paper }) => element(`25${String(day).padStart(2, '0')}.${paper.id.slice(5)}`)), headers: headers! };
    });
    const since = new Date('2025-03-07T00:00:00Z');
    const parcels = await read({}, { since });
    expect(idsOf(parcels)).toHaveLength(450);
    expect(parcels).toHaveLength(7);
    for (const [index, { checkpoint }] of parcels.entries()) {
      const stored = JSON.parse(JSON.stringify(checkpoint)) as Json;
      expect(await read({}, { since }, stored)).toEqual(parcels.slice(index + 1));
    }
  });

  test('refuses a checkpoint of something else', async () => {
    await expect(read({}, {}, { page: 3 })).rejects.toThrow(new SourceError('the checkpoint must be one of this source, received {"page":3}'));
    await expect(read({}, {}, { list: 'date=2025-01-01', page: null, done: 0 })).rejects.toThrow(
      new SourceError('the checkpoint must name a list that is asked for, received "date=2025-01-01"'),
    );
  });
});

describe('misbehaviour', () => {
  const kinds: [string, Misbehaviour, string][] = [
    ['429', busy(429, '1'), 'answered 429 with Retry-After 1'],
    ['503', busy(503), 'answered 503'],
    ['a cut', cutShort(), 'could not be read'],
    ['a reset', reset(), 'could not be read'],
    ['an HTML page', instead({ body: '<html>Sorry</html>' }), 'the answer must be JSON, received <html>Sorry</html>'],
    ['JSON that breaks off', instead({ body: '[{"paper":' }), 'the answer must be JSON, received [{"paper":'],
    ['an object', instead({ body: { error: 'busy' } }), 'the answer must be a list of papers, received {"error":"busy"}'],
    ['far too much', instead({ body: Array(1001).fill(0) }), 'a page must have at most 100 papers, received 1001'],
  ];
  test.each(kinds)('%s: the page is asked for again', async (_name, misbehave) => {
    service.on(FEED, feedOf(150));
    service.spoil(FEED, misbehave, 2);
    expect(idsOf(await read({}))).toEqual(Array.from({ length: 150 }, (_, index) => idAt(index)));
    expect(service.requests).toHaveLength(4);
  });

  test.each(kinds)('%s without end fails by name', async (_name, misbehave, message) => {
    service.on(FEED, feedOf(150));
    service.spoil(FEED, misbehave);
    const error = await read({}).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HttpError);
    expect((error as HttpError).message).toContain(message);
    expect(service.requests).toHaveLength(5);
  });

  test('a refusal for good fails at once', async () => {
    service.spoil(FEED, busy(400));
    await expect(read({})).rejects.toThrow(/daily_papers\?… answered 400$/);
    expect(service.requests).toHaveLength(1);
  });

  test('a run that is stopped ends while it waits', async () => {
    const controller = new AbortController();
    service.on(FEED, (request) => {
      setTimeout(() => { controller.abort(new Error('stopped')); }, 50);
      return feedOf(150)(request);
    });
    service.spoil(FEED, drip(1, 50));
    await expect(read({}, { signal: controller.signal })).rejects.toThrow('stopped');
  });
});
