import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Item, Reading, SourceContext } from '../../src/ingest/source.js';
import { source } from '../../src/ingest/sources/arxiv.js';
import { busy, cutChunked, cutShort, instead, mislabelled, reset, startFakeService, type FakeService, type Misbehaviour } from '../support/fakeService.js';
import { atomFeed, contextOf, inventedPapers, namesOf, parcelsOf, type FeedPaper } from './arxivFeeds.js';

let service: FakeService;

beforeEach(async () => {
  service = await startFakeService();
});
afterEach(() => service.close());

/** Serves papers as the API does: by index and size, or by ids. */
function serve(papers: readonly FeedPaper[], total = papers.length): void {
  service.on('/query', ({ query }) => {
    const ids = query.get('id_list');
    if (ids !== null) {
      const found = papers.filter(({ id }) => ids.split(',').includes(id));
      return { body: atomFeed(found, found.length) };
    }
    const start = Number(query.get('start'));
    return { body: atomFeed(papers.slice(start, start + Number(query.get('max_results'))), total) };
  });
}

function open(options: object, more: Partial<SourceContext> = {}): Promise<Reading> {
  return source.open(source.options.parse(options), contextOf(`${service.url}/query`, more));
}

async function itemsOf(options: object, more: Partial<SourceContext> = {}): Promise<Item[]> {
  return (await parcelsOf(await open(options, more))).flatMap(({ items }) => items);
}

/** The item that one entry becomes. */
async function itemOf(paper: FeedPaper): Promise<any> {
  serve([paper]);
  return (await itemsOf({ search: 'cat:cs.LG' }))[0];
}

const ids = (papers: readonly FeedPaper[]): string[] => papers.map(({ id }) => id);

describe('a search', () => {
  test('comes page by page, the newest first, with its total', async () => {
    const papers = inventedPapers(5);
    serve(papers);
    const context = contextOf(`${service.url}/query`);
    const parcels = await parcelsOf(await source.open(source.options.parse({ search: 'cat:cs.LG', 'page-size': 2 }), context));
    expect(parcels.map(({ items }) => namesOf(items))).toEqual([ids(papers.slice(0, 2)), ids(papers.slice(2, 4)), ids(papers.slice(4))]);
    expect(parcels.map(({ done }) => done)).toEqual([2, 4, 5]);
    expect(context.totals).toEqual([5, 5, 5]);
    expect(service.requests.map(({ query }) => Object.fromEntries(query))).toEqual(
      ['0', '2', '4'].map((start) => ({ search_query: 'cat:cs.LG', sortBy: 'submittedDate', sortOrder: 'descending', start, max_results: '2' })),
    );
  });

  test('ends at its limit, with a last page of that size', async () => {
    serve(inventedPapers(9));
    expect(await itemsOf({ search: 'cat:cs.LG', 'page-size': 2, limit: 3 })).toHaveLength(3);
    expect(service.requests.map(({ query }) => query.get('max_results'))).toEqual(['2', '1']);
  });

  test('that nothing matches is empty', async () => {
    serve([]);
    expect(await itemsOf({ search: 'cat:xx.XX' })).toEqual([]);
    expect(service.requests).toHaveLength(1);
  });

  test('goes on after each checkpoint without a loss', async () => {
    const papers = inventedPapers(7);
    serve(papers);
    const parcels = await parcelsOf(await open({ search: 'cat:cs.LG', 'page-size': 3 }));
    for (const [index, { checkpoint }] of parcels.entries()) {
      const rest = await parcelsOf(await open({ search: 'cat:cs.LG', 'page-size': 3 }), checkpoint);
      expect(rest.flatMap(({ items }) => namesOf(items))).toEqual(ids(papers).slice((index + 1) * 3));
    }
  });

  test('loses nothing to papers that come while it reads', async () => {
    const papers = inventedPapers(6);
    let isFirst = true;
    service.on('/query', ({ query }) => {
      const all = isFirst ? papers : [{ id: '2604.00001' }, { id: '2604.00002' }, ...papers];
      isFirst = false;
      const start = Number(query.get('start'));
      return { body: atomFeed(all.slice(start, start + 2), all.length) };
    });
    expect(new Set(namesOf(await itemsOf({ search: 'cat:cs.LG', 'page-size': 2 })))).toEqual(new Set(ids(papers)));
  });

  test('goes on behind a page that is shorter than asked for', async () => {
    const papers = inventedPapers(6);
    service.on('/query', ({ query }) => ({ body: atomFeed(papers.slice(Number(query.get('start'))).slice(0, 2), 6) }));
    expect(namesOf(await itemsOf({ search: 'cat:cs.LG', 'page-size': 4 }))).toEqual(ids(papers));
  });

  test('ends where every page is the same', async () => {
    const papers = inventedPapers(2);
    service.on('/query', { body: atomFeed(papers, 7) });
    expect(await itemsOf({ search: 'cat:cs.LG', 'page-size': 2 })).toHaveLength(8);
    expect(service.requests).toHaveLength(4);
  });

  test('ends where its total shrinks while it reads', async () => {
    const papers = inventedPapers(4);
    service.on('/query', ({ query }) => {
      const start = Number(query.get('start'));
      return { body: atomFeed(papers.slice(start, start + 2), start === 0 ? 5 : 4) };
    });
    expect(await itemsOf({ search: 'cat:cs.LG', 'page-size': 2 })).toHaveLength(4);
  });

  test('says what is beyond the reach of the API', async () => {
    service.on('/query', { body: atomFeed(inventedPapers(1), 40_000) });
    const checkpoint = { start: 29_999, total: 40_000 };
    const [parcel] = await parcelsOf(await open({ search: 'cat:cs.LG' }), checkpoint);
    expect(parcel!.items.at(-1)).toEqual({
      kind: 'REJECT',
      place: 'entry 30001',
      title: null,
      fault: { field: 'search', rule: 'must match at most 30000 papers, beyond which only arxiv-oai reads', received: 'cat:cs.LG (40000 papers)' },
    });
    const since = new Date('2020-01-01T00:00:00Z');
    await expect(open({ search: 'cat:cs.LG' }, { since }).then((reading) => parcelsOf(reading, checkpoint))).rejects.toThrow(
      'search must match at most 30000 papers, beyond which only arxiv-oai reads, received "cat:cs.LG" with more that has changed since 2019-12-25T00:00:00.000Z',
    );
  });

  test('keeps three seconds between requests', async () => {
    serve(inventedPapers(4));
    const context = contextOf(`${service.url}/query`, {}, 0.1);
    await parcelsOf(await source.open(source.options.parse({ search: 'cat:cs.LG', 'page-size': 1 }), context));
    // 300 ms between starts; the first also takes what a new connection takes.
    expect(Math.min(...service.pausesOf('/query'))).toBeGreaterThan(200);
  });
});

describe('since an instant', () => {
  test('it is what was changed a week before or later, by the last change', async () => {
    const papers = inventedPapers(30, '2026-03-31');
    serve(papers);
    const found = namesOf(await itemsOf({ search: 'cat:cs.LG', 'page-size': 4 }, { since: new Date('2026-03-28T12:00:00Z') }));
    // The 21st to the 31st: the paper of the 21st was changed at noon.
    expect(found).toEqual(ids(papers.slice(0, 11)));
    expect(service.requests).toHaveLength(3);
    expect(service.requests[0]!.query.get('sortBy')).toBe('lastUpdatedDate');
  });

  test('a run that has ended goes on with nothing', async () => {
    serve(inventedPapers(30));
    const more = { since: new Date('2026-03-28T12:00:00Z') };
    const parcels = await parcelsOf(await open({ search: 'cat:cs.LG', 'page-size': 20 }, more));
    expect(await parcelsOf(await open({ search: 'cat:cs.LG', 'page-size': 20 }, more), parcels.at(-1)!.checkpoint)).toEqual([]);
  });
});

describe('ids', () => {
  test('are asked for in slices, and those that arXiv does not know are rejected', async () => {
    const papers = inventedPapers(130);
    serve(papers.filter((_paper, index) => index !== 110));
    const parcels = await parcelsOf(await open({ ids: ids(papers).join(', ') }));
    expect(parcels.map(({ items, done }) => [items.length, done])).toEqual([[100, 100], [30, 130]]);
    expect(parcels[1]!.items.at(-1)).toEqual({
      kind: 'REJECT', place: '2603.00111', title: null, fault: { field: 'ids', rule: 'must be known to arXiv', received: '2603.00111' },
    });
    const rest = await parcelsOf(await open({ ids: ids(papers).join(',') }), parcels[0]!.checkpoint);
    expect(rest.flatMap(({ items }) => items)).toHaveLength(30);
  });

  test('must be ids, and not stand beside a search', async () => {
    await expect(open({ ids: '2603.00001,nonsense' })).rejects.toThrow('ids must be arXiv ids such as 2412.01234 or hep-th/9901001, received "nonsense"');
    await expect(open({})).rejects.toThrow('exactly one of search and ids must be given, received neither');
    await expect(open({ ids: '2603.00001', search: 'cat:cs.LG' })).rejects.toThrow('received both');
    expect(service.requests).toEqual([]);
  });
});

describe('an entry', () => {
  test('becomes a paper with all that it says', async () => {
    const item = await itemOf({
      id: '2603.00042',
      title: '\n  On &amp; off:\n    a <![CDATA[<b>]]> study of caf&#233;s &lt;i&gt;',
      summary: 'Line one\n  and line two &#x1F600;.',
      created: '2026-03-02',
      updated: '2026-03-09',
      more: `<author><name>  Émile   Beispiel </name><arxiv:affiliation>Nowhere</arxiv:affiliation></author>
        <category term="stat.ML"/><category term="math-ph"/><category term="cond-mat.mes-hall"/><category term="68T05"/><category term="I.2.6"/>
        <arxiv:comment>12 pages,
          3 figures</arxiv:comment><arxiv:journal_ref>J. Inv. Res. 7 (2026) 1</arxiv:journal_ref><arxiv:doi>10.5555/abc.1 10.5555/abc.2</arxiv:doi>`,
    });
    expect(item).toEqual({
      kind: 'PAPER',
      place: '2603.00042',
      record: {
        externalId: '2603.00042',
        arxivId: '2603.00042',
        arxivVersion: 1,
        title: 'On & off: a <b> study of cafés <i>',
        abstract: 'Line one and line two 😀.',
        publishedOn: '2026-03-02',
        authors: ['Ada Example', 'Émile Beispiel'],
        namedTags: [
          { name: 'cs.LG', kind: 'ARXIV_CATEGORY', weight: 1 },
          { name: 'stat.ML', kind: 'ARXIV_CATEGORY', weight: 0.5 },
          { name: 'math-ph', kind: 'ARXIV_CATEGORY', weight: 0.5 },
          { name: 'cond-mat.mes-hall', kind: 'ARXIV_CATEGORY', weight: 0.5 },
        ],
        doi: '10.5555/abc.1',
        withdrawnOn: null,
        facts: { comment: '12 pages, 3 figures', journalRef: 'J. Inv. Res. 7 (2026) 1', updatedOn: '2026-03-09' },
      },
    });
  });

  test('of the old style keeps its id', async () => {
    expect((await itemOf({ id: 'math.GT/0309136' })).record).toMatchObject({ externalId: 'math/0309136', arxivId: 'math/0309136' });
  });

  test.each([
    ['This paper has been withdrawn by the author due to a sign error', true],
    ['Withdrawn: superseded by a later paper', true],
    ['This submission has been withdrawn by arXiv administrators', true],
    ['12 pages. This manuscript has been temporarily withdrawn.', true],
    ['This paper was withdrawn from the Journal of Inventions, and is published elsewhere', false],
    ['We study how troops were withdrawn', false],
  ])('that says "%s" is withdrawn: %s', async (text, isWithdrawn) => {
    const more = `<arxiv:comment>${text}</arxiv:comment>`;
    expect((await itemOf({ id: '2603.00001', created: '2026-03-02', updated: '2026-03-09', more })).record.withdrawnOn).toBe(isWithdrawn ? '2026-03-09' : null);
  });

  test('is withdrawn by its summary too', async () => {
    expect((await itemOf({ id: '2603.00001', summary: 'This paper has been\n withdrawn.', created: '2026-03-02' })).record.withdrawnOn).toBe('2026-03-02');
  });

  test.each([
    [{ id: 'no id at all' }, 'entry 2', { field: 'id', rule: 'must be an arXiv id such as 2412.01234 or hep-th/9901001', received: 'no id at allv1' }],
    [{ id: '2603.00009', title: '  ' }, 'entry 2', { field: 'title', rule: 'must not be empty', received: null }],
  ])('that is broken (%j) is rejected, and the others of its page are not', async (broken, place, fault) => {
    const [first, third] = inventedPapers(2) as [FeedPaper, FeedPaper];
    serve([first, broken, third]);
    const items = await itemsOf({ search: 'cat:cs.LG' });
    expect(namesOf(items)).toEqual([first.id, `REJECT ${place}`, third.id]);
    expect(items[1]).toMatchObject({ fault });
  });

  test('whose day cannot be read is taken without it', async () => {
    const item = await itemOf({ id: '2603.00001', created: 'some day in March' });
    expect(item.record.publishedOn).toBeNull();
    expect(item.leftOut).toContainEqual({ field: 'created', rule: 'must begin with a day in the form YYYY-MM-DD', received: 'some day in March' });
  });
});

describe('trouble', () => {
  const papers = inventedPapers(5);

  test.each<[string, Misbehaviour]>([
    ['429 with Retry-After', busy(429, '1')],
    ['503', busy(503)],
    ['a body that breaks off', cutShort()],
    ['a chunked body that breaks off', cutChunked()],
    ['a reset connection', reset()],
    ['XML that breaks off', instead({ body: atomFeed(inventedPapers(2), 5).slice(0, -20) })],
    ['an HTML page', instead({ body: '<!DOCTYPE html><html><body><p>Over capacity</p></body></html>' })],
    ['HTML without a document type', instead({ body: '<html><body>Over capacity</body></html>' })],
    ['nothing', instead({ body: '' })],
    ['a page without entries', instead({ body: atomFeed([], 5) })],
    ['a page that says nothing matches', instead({ body: atomFeed([], 0) })],
    ['a feed with a document type', instead({ body: atomFeed(inventedPapers(2), 5).replace('?>', '?><!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa">]>') })],
    ['latin1 called UTF-8', instead({ headers: { 'content-type': 'text/xml; charset=utf-8' }, body: Buffer.from(atomFeed([{ id: '2603.00004', title: 'é' }], 5), 'latin1') })],
  ])('%s on the second page is asked for again', async (_name, misbehave) => {
    let requests = 0;
    service.on('/query', ({ query }) => {
      if (++requests === 1) service.spoil('/query', misbehave, 2);
      const start = Number(query.get('start'));
      return { body: atomFeed(papers.slice(start, start + 3), 5) };
    });
    expect(namesOf(await itemsOf({ search: 'cat:cs.LG', 'page-size': 3 }))).toEqual(ids(papers));
    expect(service.requests).toHaveLength(4);
    expect(service.requests.map(({ query }) => query.get('start'))).toEqual(['0', '3', '3', '3']);
  });

  test('names in a wrong character set are read right', async () => {
    serve([{ id: '2603.00001', title: 'Über Größen' }]);
    service.spoil('/query', mislabelled('utf8', 'iso-8859-1'));
    const [item] = (await itemsOf({ search: 'cat:cs.LG' })) as any[];
    expect(item.record.title).toBe('Über Größen');
  });

  test('that does not end is named', async () => {
    service.on('/query', { body: atomFeed([], 5) });
    await expect(itemsOf({ search: 'cat:cs.LG' })).rejects.toThrow(/^GET .+\/query\?… gave a broken answer \(a feed without entries from 0 on, though 5 papers match\), after 5 attempts$/);
  });

  test.each([200, 400])('an error of the API (status %d) is told in its words, at once', async (status) => {
    const body = `<feed xmlns="http://www.w3.org/2005/Atom"><totalResults>1</totalResults><entry>
      <id>http://arxiv.org/api/errors#bad_query</id><title>Error</title><summary>the query has an open bracket</summary></entry></feed>`;
    service.on('/query', { status, body });
    await expect(itemsOf({ search: '(cat:cs.LG' })).rejects.toMatchObject({ name: 'SourceError', message: 'arXiv refuses the query: the query has an open bracket' });
    expect(service.requests).toHaveLength(1);
  });

  test('a paper of the title Error is a paper', async () => {
    expect(await itemOf({ id: '2603.00001', title: 'Error' })).toMatchObject({ kind: 'PAPER', record: { title: 'Error' } });
  });
});
