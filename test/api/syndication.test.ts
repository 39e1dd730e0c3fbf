import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom';
import { parseAtomFeed, parseJsonFeed } from 'feedsmith';
import { sql } from '../../src/database/database.js';
import { seedPaper, seedPapers, seedReader, seedUpvotes, type SeededPaper } from '../support/seed.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const PUBLIC = 'https://papers.example';
const HOSTILE = 'A < B & C > "D" ]]> \u0007\u0000 😀 \uFFFE <script>alert(1)</script> &amp; é';

let server: TestServer;
let hostile: SeededPaper;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, Array.from({ length: 60 }, (_, n) => ({
    title: `Paper ${n} of models`, listedOn: n < 55 ? '2026-01-05' : `2025-12-${n - 30}`, arxivId: n % 2 === 0 ? `2601.${String(n).padStart(5, '0')}` : null,
    authors: ['Ada Lovelace', ...(n === 3 ? Array.from({ length: 30 }, (_other, m) => `Other ${m}`) : [])], tags: [{ slug: 'common', weight: 1 }, ...(n % 10 === 0 ? [{ slug: 'some', weight: 0.5 }] : [])],
  })));
  // No import lets such characters pass, and a database may hold them from elsewhere; but never NUL.
  hostile = await seedPaper(server, { title: 'hostile', listedOn: '2026-01-04', tags: [{ slug: 'odd', weight: 1 }], doi: '10.1000/a<b>&c"', projectUrl: 'https://example.org/?a=1&b=2', authors: ['Q & "A" <x>'] });
  await server.database.rows(sql`UPDATE papers SET title = ${HOSTILE.replace('\0', '')} WHERE id = ${hostile.rowId}`);
  await server.database.rows(sql`UPDATE tags SET name = 'R&D <b>' WHERE slug = 'odd'`);
});
afterAll(() => server.stop());

const base = (): string => server.url.replace(/\/graphql$/, '');
const get = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> => fetch(`${base()}${path}`, { headers, method });

/** The entries of a feed in both formats, which must be whole and tell the same. */
async function read(path: string): Promise<{ atom: any; json: any }> {
  const { atom: xml, json: text } = await textsOf(path);
  new DOMParser({ onError: onErrorStopParsing }).parseFromString(xml, 'text/xml');
  const parsed: any = parseAtomFeed(xml);
  const atom = { ...parsed, title: parsed.title.value, entries: (parsed.entries ?? []).map((entry: any) => ({ ...entry, title: entry.title.value, summary: entry.summary.value })) };
  const json: any = { items: [], ...parseJsonFeed(text), version: JSON.parse(text).version };
  expect(json.items.map(({ id, title, url }: any) => [id, title, url])).toEqual(atom.entries.map(({ id, title, links }: any) => [id, title, links?.[0].href]));
  return { atom, json };
}

async function textsOf(path: string): Promise<{ atom: string; json: string }> {
  const [before, after = ''] = path.split('?');
  const [atom, json] = await Promise.all((['atom', 'json'] as const).map(async (format) => {
    const response = await get(`${before}.${format}${after === '' ? '' : `?${after}`}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, `application/${format === 'atom' ? 'atom+xml' : 'feed+json'}; charset=utf-8`]);
    return response.text();
  }));
  return { atom: atom!, json: json! };
}

describe('a feed', () => {
  test('of the latest papers is Atom with all that RFC 4287 asks for, and JSON Feed 1.1', async () => {
    const { atom, json } = await read('/feeds/latest');
    expect([atom.entries.length, atom.title, json.version]).toEqual([50, 'Daily Papers: the latest', 'https://jsonfeed.org/version/1.1']);
    expect(atom.links).toEqual([{ rel: 'self', type: 'application/atom+xml', href: `${PUBLIC}/feeds/latest.atom` }, { rel: 'alternate', type: 'text/html', href: `${PUBLIC}/` }]);
    expect([json.feed_url, json.home_page_url]).toEqual([`${PUBLIC}/feeds/latest.json`, `${PUBLIC}/`]);
    expect(atom.id).toMatch(/^tag:papers\.example,\d{4}-\d\d-\d\d:[0-9a-f]{12}\/feed\/latest$/);
    const [entry] = atom.entries.filter(({ title }: any) => title === 'Paper 54 of models');
    expect(entry).toMatchObject({ published: '2026-01-05T00:00:00.000Z', authors: [{ name: 'Ada Lovelace' }], categories: [{ term: 'common', label: 'common' }], links: [{ rel: 'alternate', href: 'https://arxiv.org/abs/2601.00054' }] });
    expect(entry.summary).toBe('By Ada Lovelace. 0 upvotes. Tags: common.');
    expect(entry.id).toBe(`${atom.id.replace('feed/latest', 'paper/')}${papers[54]!.rowId}`);
    expect(atom.updated).toBe(atom.entries.map(({ updated }: any) => updated as string).sort().at(-1));
    expect(json.items.every(({ id, content_html }: any) => id !== undefined && content_html !== undefined)).toBe(true);
  });

  test('of a period, a tag, an author and a search has their papers', async () => {
    const titles = async (path: string): Promise<string[]> => (await read(path)).atom.entries.map(({ title }: any) => title);
    const [voter] = [await seedReader(server)];
    await seedUpvotes(server, [[voter, papers[7]!]]);
    expect([(await titles('/feeds/today'))[0], (await titles('/feeds/today')).length]).toEqual(['Paper 7 of models', 50]);
    expect((await titles('/feeds/week?order=top'))[0]).toBe('Paper 7 of models');
    expect((await titles('/feeds/month?order=newest'))[0]).toBe('Paper 54 of models');
    expect(await titles('/feeds/tags/some')).toEqual([50, 40, 30, 20, 10, 0].map((n) => `Paper ${n} of models`));
    expect((await titles('/feeds/search?q=paper%2044'))).toEqual(['Paper 44 of models']);
    const { authors } = await server.query('{ authors(prefix: "Other 1") { nodes { id } } }');
    const { atom } = await read(`/feeds/authors/${authors.nodes[0].id}`);
    expect(atom.entries.map(({ title, summary }: any) => [title, /and 11 others\./.test(summary)])).toEqual([['Paper 3 of models', true]]);
    expect((await read('/feeds/search?q=nothing-of-the-kind')).atom.updated).toBe('1970-01-01T00:00:00.000Z');
  });

  test('by an alias is the feed of the tag', async () => {
    await server.database.rows(sql`INSERT INTO tag_aliases (slug, tag_id) SELECT 'several', id FROM tags WHERE slug = 'some'`);
    expect((await read('/feeds/tags/several')).atom.links[0].href).toBe(`${PUBLIC}/feeds/tags/some.atom`);
  });

  test('takes any text for text', async () => {
    const { atom, json } = await read('/feeds/tags/odd');
    const expected = 'A < B & C > "D" ]]>  😀  <script>alert(1)</script> &amp; é';
    const [{ title, authors, categories, links, content }] = atom.entries;
    expect([title, json.items[0].title]).toEqual([expected, expected]);
    expect([authors[0].name, categories[0].label, atom.title]).toEqual(['Q & "A" <x>', 'R&D <b>', 'Daily Papers: R&D <b>']);
    expect(links[0].href).toBe('https://doi.org/10.1000/a%3Cb%3E%26c%22');
    expect(json.items[0].content_html).toContain('<p>By Q &amp; &quot;A&quot; &lt;x&gt;</p>');
    expect(json.items[0].content_html).toContain('<a href="https://example.org/?a=1&amp;b=2">Project page</a>');
    expect(JSON.stringify(content)).not.toContain('<b>');
  });

  test('costs a fixed number of statements', async () => {
    await get('/feeds/latest.atom');
    for (const [path, count] of [['/feeds/latest.atom', 3], ['/feeds/today.atom', 4], ['/feeds/tags/common.json', 4]] as const) {
      const { statements } = await server.countStatements(() => get(path).then((response) => response.text()));
      expect([path, statements.length]).toEqual([path, count]);
    }
  });

  test('keeps the ids of its entries when the server moves', async () => {
    const other = await startBeside(server, { publicUrl: 'https://elsewhere.example/papers' });
    const { items, feed_url } = (await (await fetch(other.url.replace('/graphql', '/feeds/latest.json'))).json());
    await other.stop();
    expect([items[0].id, feed_url]).toEqual([(await read('/feeds/latest')).json.items[0].id, 'https://elsewhere.example/papers/feeds/latest.json']);
  });
});

describe('what has not changed is not sent again', () => {
  test('by ETag, and by date', async () => {
    const first = await get('/feeds/tags/some.atom');
    const [etag, modified] = [first.headers.get('etag')!, first.headers.get('last-modified')!];
    expect([first.headers.get('cache-control'), etag]).toEqual(['public, max-age=60', expect.stringMatching(/^"[\w-]{43}"$/)]);
    for (const headers of [{ 'if-none-match': etag }, { 'if-none-match': `"other", W/${etag}` }, { 'if-none-match': '*' }, { 'if-modified-since': modified }, { 'if-none-match': etag, 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }]) {
      const again = await get('/feeds/tags/some.atom', headers);
      expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    }
    for (const headers of [{ 'if-none-match': '"other"', 'if-modified-since': modified }, { 'if-modified-since': 'Thu, 01 Jan 1970 00:00:00 GMT' }, { 'if-modified-since': 'nonsense' }]) {
      expect((await get('/feeds/tags/some.atom', headers as Record<string, string>)).status).toBe(200);
    }
    await seedUpvotes(server, [[await seedReader(server), papers[10]!]]);
    const changed = await get('/feeds/tags/some.atom', { 'if-none-match': etag });
    expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
    // Whatever the second in which it changed: the date that came before does not hold any more.
    expect((await get('/feeds/tags/some.atom', { 'if-modified-since': modified })).status).toBe(200);
  });

  test('and HEAD tells what GET would', async () => {
    const [head, whole] = [await get('/feeds/latest.json', {}, 'HEAD'), await get('/feeds/latest.json')];
    const text = await whole.text();
    expect([head.status, await head.text(), head.headers.get('etag'), head.headers.get('content-length')]).toEqual([200, '', whole.headers.get('etag'), String(Buffer.byteLength(text))]);
  });
});

describe('what is no feed', () => {
  test.each([
    ['/feeds/none.atom', 404], ['/feeds/latest.rss', 404], ['/feeds/latest', 404], ['/feeds/', 404], ['/feeds/tags/no-such-tag.atom', 404], ['/feeds/tags/some/more.atom', 404], ['/feeds/tags/a%00b.atom', 404], ['/feeds/authors/QXV0aG9yOjk5OTk5OQ.atom', 404], ['/feeds/authors/UGFwZXI6MQ.atom', 404],
    ['/feeds/for/none.atom', 404], ['/feeds/authors/nonsense.atom', 400], ['/feeds/today.atom?order=worst', 400], ['/feeds/today.atom?order=top&order=newest', 400], ['/feeds/search.atom', 400], ['/feeds/search.atom?q=', 400], ['/feeds/search.atom?q=a&q=b', 400], ['/feeds/search.atom?q=%00', 400], [`/feeds/search.atom?q=${'x'.repeat(251)}`, 400],
  ])('%s is %i, with the reason', async (path, status) => {
    const response = await get(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, expect.stringContaining('application/problem+json')]);
    expect(await response.json()).toEqual({ title: expect.any(String), status, detail: expect.any(String) });
  });
});

test('the API says where feeds are, and there they are', async () => {
  const { authors } = await server.query('{ authors(first: 1) { nodes { id } } }');
  const document = `query ($id: ID!) {
    feed(period: WEEK, orderBy: TOP) { syndication { atomUrl jsonFeedUrl } } day: feed { syndication { atomUrl } } tag(slug: "some") { syndication { atomUrl jsonFeedUrl } } author(id: $id) { syndication { atomUrl } }
    latestSyndication { atomUrl } searchSyndication(text: " sparse & \\"wide\\" ") { jsonFeedUrl }
  }`;
  const answer = await server.query(document, { variables: { id: authors.nodes[0].id } });
  expect(answer).toMatchObject({
    feed: { syndication: { atomUrl: `${PUBLIC}/feeds/week.atom?order=top`, jsonFeedUrl: `${PUBLIC}/feeds/week.json?order=top` } }, day: { syndication: { atomUrl: `${PUBLIC}/feeds/today.atom` } },
    latestSyndication: { atomUrl: `${PUBLIC}/feeds/latest.atom` }, searchSyndication: { jsonFeedUrl: `${PUBLIC}/feeds/search.json?q=sparse%20%26%20%22wide%22` },
  });
  const urls = JSON.stringify(answer).match(/https:[^"\\]+/g)!;
  for (const url of urls) expect([url, (await get(url.slice(PUBLIC.length))).status]).toEqual([url, 200]);
  expect(urls).toHaveLength(8);
  expect((await server.error('{ searchSyndication(text: " ") { atomUrl } }')).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'text' });
});
