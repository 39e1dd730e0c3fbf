import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Item, Json, Parcel, Reading, SourceContext } from '../../src/ingest/source.js';
import { source } from '../../src/ingest/sources/arxiv-oai.js';
import { busy, cutChunked, cutShort, instead, reset, startFakeService, Tokens, type FakeService, type Misbehaviour } from '../support/fakeService.js';
import { contextOf, namesOf, oaiAnswer, oaiPage, oaiRecord, parcelsOf, type FeedPaper } from './arxivFeeds.js';

let service: FakeService;
let tokens: Tokens<{ from: string; start: number }>;

beforeEach(async () => {
  service = await startFakeService();
  tokens = new Tokens();
});
afterEach(() => service.close());

const BAD_TOKEN = oaiAnswer('<error code="badResumptionToken">token has expired</error>');

/** Serves a list, three papers a page, from a day on; `attributes` of each token. */
function serve(papers: readonly FeedPaper[], attributes: (start: number) => string = () => ''): void {
  service.on('/oai', ({ query }) => {
    const token = query.get('resumptionToken');
    const place = token === null ? { from: query.get('from') ?? '', start: 0 } : tokens.placeOf(token);
    if (place === undefined) return { body: BAD_TOKEN };
    const list = papers.filter(({ day = '' }) => day >= place.from);
    if (list.length === 0) return { body: oaiAnswer('<error code="noRecordsMatch">none</error>') };
    const next = place.start + 3;
    const value = next < list.length ? tokens.issue({ ...place, start: next }) : '';
    const element = `<resumptionToken completeListSize="${list.length}" cursor="${place.start}" ${attributes(place.start)}>${value}</resumptionToken>`;
    return { body: oaiPage(list.slice(place.start, next).map(oaiRecord), element) };
  });
}

/** Two papers a day, from the first of March on. */
function papersByDay(count: number): FeedPaper[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `2603.${String(index + 1).padStart(5, '0')}`,
    day: `2026-03-${String(1 + (index >> 1)).padStart(2, '0')}`,
  }));
}

function open(options: object = {}, more: Partial<SourceContext> = {}): Promise<Reading> {
  return source.open(source.options.parse(options), contextOf(`${service.url}/oai`, more));
}

async function namesRead(options: object = {}, more: Partial<SourceContext> = {}): Promise<string[]> {
  return (await parcelsOf(await open(options, more))).flatMap(({ items }) => namesOf(items));
}

async function itemOf(record: string): Promise<Item> {
  service.on('/oai', { body: oaiPage([record]) });
  return (await parcelsOf(await open()))[0]!.items[0]!;
}

const ids = (papers: readonly FeedPaper[]): string[] => papers.map(({ id }) => id);
const queries = (): Record<string, string>[] => service.requests.map(({ query }) => Object.fromEntries(query));

/** Reads, and lets something happen after the parcel of an index. */
async function readWith(index: number, happen: () => void): Promise<Parcel[]> {
  const parcels: Parcel[] = [];
  for await (const parcel of (await open()).read(null)) {
    parcels.push(parcel);
    if (parcels.length === index + 1) happen();
  }
  return parcels;
}

describe('a list', () => {
  test('comes page by page, by its tokens, with its total', async () => {
    const papers = papersByDay(8);
    serve(papers);
    const context = contextOf(`${service.url}/oai`);
    const parcels = await parcelsOf(await source.open(source.options.parse({ set: 'cs', until: '2026-03-31' }), context));
    expect(parcels.map(({ items }) => namesOf(items))).toEqual([ids(papers.slice(0, 3)), ids(papers.slice(3, 6)), ids(papers.slice(6))]);
    expect(parcels.map(({ done }) => done)).toEqual([3, 6, 8]);
    expect(context.totals).toEqual([8, 8, 8]);
    expect(queries()).toEqual([
      { verb: 'ListRecords', metadataPrefix: 'arXiv', set: 'cs', until: '2026-03-31' },
      { verb: 'ListRecords', resumptionToken: 'token-1' },
      { verb: 'ListRecords', resumptionToken: 'token-2' },
    ]);
  });

  test('since an instant starts at its day', async () => {
    const papers = papersByDay(8);
    serve(papers);
    expect(await namesRead({}, { since: new Date('2026-03-03T23:00:00Z') })).toEqual(ids(papers.slice(4)));
    expect(queries()[0]).toEqual({ verb: 'ListRecords', metadataPrefix: 'arXiv', from: '2026-03-03' });
  });

  test('in which nothing matches is empty', async () => {
    serve([]);
    expect(await namesRead()).toEqual([]);
    expect(service.requests).toHaveLength(1);
  });

  test('goes on after each checkpoint without a loss', async () => {
    const papers = papersByDay(8);
    serve(papers);
    const parcels = await parcelsOf(await open());
    for (const [index, { checkpoint }] of parcels.entries()) {
      const rest = await parcelsOf(await open(), checkpoint);
      expect(rest.flatMap(({ items }) => namesOf(items))).toEqual(ids(papers).slice((index + 1) * 3));
    }
  });

  test('with pages beyond the size of a parcel comes in several, each of which can be gone on after', async () => {
    const papers = Array.from({ length: 4100 }, (_, index) => ({ id: `2603.${String(index + 1).padStart(5, '0')}` }));
    service.on('/oai', { body: oaiPage(papers.map(oaiRecord)) });
    const parcels = await parcelsOf(await open());
    expect(parcels.map(({ items, done }) => [items.length, done])).toEqual([[2000, 2000], [2000, 4000], [100, 4100]]);
    const rest = await Promise.all(parcels.map(async ({ checkpoint }) => (await parcelsOf(await open(), checkpoint)).flatMap(({ items }) => namesOf(items))));
    expect(rest.map((names) => new Set([...names, ...ids(papers.slice(0, 2000))]).size)).toEqual([4100, 4100, 2000]);
  });

  test('whose token leads nowhere is asked for again, and ends with an error', async () => {
    service.on('/oai', { body: oaiPage([oaiRecord({ id: '2603.00001' })], '<resumptionToken>again</resumptionToken>') });
    await expect(namesRead()).rejects.toThrow(/^GET .+ gave a broken answer \(resumptionToken must lead on, received again again\), after 5 attempts$/);
    expect(service.requests).toHaveLength(6);
  });

  test('keeps three seconds between requests', async () => {
    serve(papersByDay(8));
    await parcelsOf(await source.open({}, contextOf(`${service.url}/oai`, {}, 0.1)));
    // 300 ms between starts; the first also takes what a new connection takes.
    expect(Math.min(...service.pausesOf('/oai'))).toBeGreaterThan(200);
  });
});

describe('a token that has ended', () => {
  test('is followed by a list from the last day that was read', async () => {
    const papers = papersByDay(12);
    serve(papers);
    const parcels = await readWith(1, () => { tokens.expire(); });
    expect(new Set(parcels.flatMap(({ items }) => namesOf(items)))).toEqual(new Set(ids(papers)));
    expect(queries()[3]).toEqual({ verb: 'ListRecords', metadataPrefix: 'arXiv', from: '2026-03-03' });
    expect(parcels.at(-1)!.done).toBe(6 + 8);
  });

  test('after an interruption as well', async () => {
    const papers = papersByDay(12);
    serve(papers);
    const parcels = await parcelsOf(await open());
    tokens.expire();
    const checkpoint = parcels[1]!.checkpoint;
    const rest = (await parcelsOf(await open(), checkpoint)).flatMap(({ items }) => namesOf(items));
    expect(rest).toEqual(ids(papers.slice(4)));
  });

  test('a list in another order starts from its own first day again', async () => {
    const [first, second, ...others] = papersByDay(5) as [FeedPaper, FeedPaper, ...FeedPaper[]];
    const papers = [...others, first, { id: '2603.00098', day: '2026-03-05' }, { id: '2603.00099', day: '2026-03-05' }, second];
    serve(papers);
    const parcels = await readWith(1, () => { tokens.expire(); });
    expect(new Set(parcels.flatMap(({ items }) => namesOf(items)))).toEqual(new Set(ids(papers)));
    expect(queries()[3]).toEqual({ verb: 'ListRecords', metadataPrefix: 'arXiv' });
  });

  test('pages that are sorted by id within are in order', async () => {
    const papers = papersByDay(6);
    const shuffled = [papers[2]!, papers[0]!, papers[1]!, papers[4]!, papers[3]!, papers[5]!, { id: '2603.00098', day: '2026-03-04' }];
    serve(shuffled);
    const parcels = await readWith(1, () => { tokens.expire(); });
    expect(new Set(parcels.flatMap(({ items }) => namesOf(items)))).toEqual(new Set(ids(shuffled)));
    expect(queries()[3]).toMatchObject({ from: '2026-03-03' });
  });

  test.each(['expirationDate', 'expires'])('by its %s is not used, even where the service would take it', async (attribute) => {
    const papers = papersByDay(9);
    serve(papers, () => `${attribute}="2026-04-02T00:00:00Z"`);
    const parcels = await parcelsOf(await open());
    expect(service.requests).toHaveLength(3);
    const late = await parcelsOf(await open({}, { now: new Date('2026-04-02T00:00:01Z'), since: null }), parcels[1]!.checkpoint);
    expect(queries()[3]).toEqual({ verb: 'ListRecords', metadataPrefix: 'arXiv', from: '2026-03-03' });
    expect(namesOf(late[0]!.items)).toEqual(ids(papers.slice(4, 7)));
  });

  test('again and again without a day of progress is an error', async () => {
    const papers = papersByDay(12).map((paper) => ({ ...paper, day: '2026-03-01' }));
    serve(papers);
    const reading = await open({}, { since: new Date('2026-03-01T00:00:00Z') });
    const all = (async (): Promise<void> => {
      for await (const parcel of reading.read(null)) {
        expect(parcel.items).toHaveLength(3);
        tokens.expire();
      }
    })();
    await expect(all).rejects.toThrow('resumptionToken must hold until a day is read, received one that ended before 4 times from 2026-03-01 on');
    expect(service.requests).toHaveLength(8);
  });
});

describe('a record', () => {
  test('becomes a paper with all that it says', async () => {
    const item = await itemOf(`<record><header><identifier>oai:arXiv.org:hep-th/0603001</identifier><datestamp>2026-03-09</datestamp></header>
      <metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>hep-th/0603001</id><created>2026-03-01</created><updated>2026-03-08</updated>
        <authors><author><keyname>Beispiel</keyname><forenames>Émile</forenames><suffix>Jr</suffix><affiliation>Nowhere</affiliation></author>
          <author><keyname>The Invented Collaboration</keyname></author></authors>
        <title>On &amp;
          off</title><categories>hep-th math-ph math.MP</categories><comments>3 pages</comments><journal-ref>J. Inv. 1</journal-ref>
        <doi>10.5555/xyz</doi><license>http://creativecommons.org/licenses/by/4.0/</license><abstract>  Some
        text. </abstract></arXiv></metadata></record>`);
    expect(item).toEqual({
      kind: 'PAPER',
      place: 'hep-th/0603001',
      record: {
        externalId: 'hep-th/0603001',
        arxivId: 'hep-th/0603001',
        arxivVersion: null,
        title: 'On & off',
        abstract: 'Some text.',
        publishedOn: '2026-03-01',
        authors: ['Émile Beispiel Jr', 'The Invented Collaboration'],
        namedTags: [
          { name: 'hep-th', kind: 'ARXIV_CATEGORY', weight: 1 },
          { name: 'math-ph', kind: 'ARXIV_CATEGORY', weight: 0.5 },
          { name: 'math.MP', kind: 'ARXIV_CATEGORY', weight: 0.5 },
        ],
        doi: '10.5555/xyz',
        withdrawnOn: null,
        facts: { comment: '3 pages', journalRef: 'J. Inv. 1', license: 'http://creativecommons.org/licenses/by/4.0/', updatedOn: '2026-03-08' },
      },
    });
  });

  test('that is deleted withdraws its paper', async () => {
    const header = '<header status="deleted"><identifier>oai:arXiv.org:2603.00007</identifier><datestamp>2026-03-09</datestamp></header>';
    expect(await itemOf(`<record>${header}</record>`)).toEqual({ kind: 'WITHDRAWAL', place: '2603.00007', externalId: '2603.00007', on: '2026-03-09' });
  });

  test.each<[string, string, string, object]>([
    ['without a title', oaiRecord({ id: '2603.00002', title: '' }), '2603.00002', { field: 'title', rule: 'must not be empty', received: null }],
    ['with a broken id', oaiRecord({ id: 'x1' }), 'x1', { field: 'id', rule: 'must be an arXiv id such as 2412.01234 or hep-th/9901001', received: 'x1' }],
    ['without metadata', '<record><header><identifier>oai:arXiv.org:2603.00002</identifier></header></record>', '2603.00002', { field: 'metadata', rule: 'must have an arXiv element', received: null }],
    ['without anything', '<record/>', 'record 2 of a page', { field: 'metadata', rule: 'must have an arXiv element', received: null }],
    ['deleted without an id', '<record><header status="deleted"/></record>', 'record 2 of a page', { field: 'identifier', rule: 'must be of the form oai:arXiv.org:2412.01234', received: null }],
  ])('%s is rejected, and the others of its page are not', async (...[, record, place, fault]) => {
    service.on('/oai', { body: oaiPage([oaiRecord({ id: '2603.00001' }), record, oaiRecord({ id: '2603.00003' })]) });
    const [parcel] = await parcelsOf(await open());
    expect(namesOf(parcel!.items)).toEqual(['2603.00001', `REJECT ${place}`, '2603.00003']);
    expect(parcel!.items[1]).toMatchObject({ fault });
  });
});

describe('trouble', () => {
  test.each<[string, Misbehaviour]>([
    ['503 with Retry-After', busy(503, '1')],
    ['a body that breaks off', cutShort()],
    ['a chunked body that breaks off', cutChunked()],
    ['a reset connection', reset()],
    ['XML that breaks off', instead({ body: oaiPage([oaiRecord({ id: '2603.00001' })]).slice(0, -12) })],
    ['an HTML page', instead({ body: '<html><body>Sorry</body></html>' })],
    ['a page without records or error', instead({ body: oaiAnswer('') })],
  ])('%s on the second page is asked for again', async (_name, misbehave) => {
    const papers = papersByDay(5);
    serve(papers);
    const parcels = await readWith(0, () => { service.spoil('/oai', misbehave, 2); });
    expect(parcels.flatMap(({ items }) => namesOf(items))).toEqual(ids(papers));
    expect(service.requests).toHaveLength(4);
    expect(service.requests.slice(1).map(({ query }) => query.get('resumptionToken'))[0]).toBe('token-1');
  });

  test.each([200, 400])('an error of the protocol (status %d) is told with its code, at once', async (status) => {
    service.on('/oai', { status, body: oaiAnswer('<error code="badArgument">set does not exist</error>') });
    await expect(namesRead({ set: 'nothing' })).rejects.toMatchObject({
      name: 'SourceError',
      message: 'the service refuses the request: badArgument (set does not exist)',
    });
    expect(service.requests).toHaveLength(1);
  });

  test('an abort ends the reading with its reason', async () => {
    serve(papersByDay(9));
    const controller = new AbortController();
    const reading = await source.open({}, contextOf(`${service.url}/oai`, { signal: controller.signal }, 1));
    const reason = new Error('enough');
    const start = performance.now();
    const all = (async (checkpoint: Json): Promise<void> => {
      for await (const parcel of reading.read(checkpoint)) {
        expect(parcel.items).toHaveLength(3);
        setTimeout(() => { controller.abort(reason); }, 20);
      }
    })(null);
    await expect(all).rejects.toBe(reason);
    expect(performance.now() - start).toBeLessThan(2000);
    expect(service.requests).toHaveLength(1);
  });
});
