import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { mulberry32 } from '../../src/random.js';
import type { RawRecord } from '../../src/submissions/paperRecord.js';
import { seedPapers, seedReader, writePapers, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const SEARCH = `query ($query: String!, $filter: PaperFilter, $orderBy: SearchOrder, $personalWeight: Float, $first: Int, $after: String, $last: Int, $before: String) {
  search(query: $query, filter: $filter, orderBy: $orderBy, personalWeight: $personalWeight, first: $first, after: $after, last: $last, before: $before) {
    totalCount isRankedFully correctedQuery didYouMean nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { score relevance personal title { text isMatch } snippet { text isMatch } node { id title } }
    facets { isComplete tags { count tag { slug } } years { year count } code { withCode withoutCode } }
  }
}`;

const CODE = { url: 'https://github.com/lab/code' };
const RECORDS: RawRecord[] = [
  { title: 'Attention Transformers for Translation', abstract: 'Sequence models without recurrence.', listedOn: '2026-01-01', publishedOn: '2017-06-12', tags: [{ slug: 'language', weight: 1 }], authors: ['Ada Lovelace'], repos: [CODE] },
  { title: 'Graph Networks', abstract: 'We compare with transformers <b>and</b> attention & more, in a long abstract.', listedOn: '2026-01-02', publishedOn: '2018-01-01', tags: [{ slug: 'graphs', weight: 1 }], authors: ['Bernhard Schölkopf'] },
  { title: 'Deep Kernels', abstract: 'Nothing of the kind.', listedOn: '2026-01-03', publishedOn: '2018-05-05', tags: [{ slug: 'graphs', weight: 1 }, { slug: 'kernels', weight: 1 }], authors: ['Ada Lovelace', 'Grace Hopper'] },
  { title: 'Zebra and the Dataset', listedOn: '2026-01-04' },
];

let server: TestServer;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, RECORDS);
});
afterAll(() => server.stop());

const search = async (query: string, variables: Record<string, unknown> = {}, token: string | null = null): Promise<any> =>
  (await server.query(SEARCH, { token, variables: { query, ...variables } })).search;
const titles = async (query: string, variables: Record<string, unknown> = {}): Promise<string[]> => (await search(query, variables)).nodes.map((node: any) => node.title.split(' ')[0]);

describe('a search', () => {
  test.each([
    ['attention', ['Attention', 'Graph']],
    ['transformer', ['Attention', 'Graph']],
    ['attention -graph', ['Attention']],
    ['"attention transformers"', ['Attention']],
    ['"transformers attention"', []],
    ['-"attention transformers" transformers', ['Graph']],
    ['zebra or kernels', ['Deep', 'Zebra']],
    ['Lovelace', ['Deep', 'Attention']],
    ['hopper kernels', ['Deep']],
    ['schölkopf', ['Graph']],
    // The tag, which no title has.
    ['language', ['Attention']],
    // The last word may be the beginning of one, others may not.
    ['transf', ['Attention', 'Graph']],
    ['attention netw', ['Graph']],
    ['transf attention', []],
    ['transf ', []],
    // Of a word that only abstracts have.
    ['recurr', ['Attention']],
  ])('for %j finds by weight', async (query, expected) => {
    expect(await titles(query)).toEqual(expected);
  });

  test('says where the words stand, in parts that are text', async () => {
    const { edges } = await search('attention');
    expect(edges[0].title).toEqual([{ text: 'Attention', isMatch: true }, { text: ' Transformers for Translation', isMatch: false }]);
    expect(edges[1].snippet.map((part: any) => part.text).join('')).toBe('compare with transformers <b>and</b> attention & more, in a long abstract');
    expect(edges[1].snippet.filter((part: any) => part.isMatch)).toEqual([{ text: 'attention', isMatch: true }]);
    expect((await search('zebra')).edges[0]).toMatchObject({ snippet: [] });
    await writePapers(server, [{ title: 'Marks \uE000in\uE001 <titles>', abstract: '\uE001\uE000', listedOn: '2026-01-05' }]);
    expect((await search('marks')).edges[0]).toMatchObject({ title: [{ text: 'Marks', isMatch: true }, { text: ' in <titles>', isMatch: false }], snippet: [] });
  });

  test('finds the words of what looks like a tag', async () => {
    await writePapers(server, [{ title: 'Filling <gaps>', abstract: 'The <mask> token, where p<q and yonder>p.', listedOn: '2026-01-05' }]);
    for (const query of ['mask', '<mask>', '"<mask> token"', 'yonder', '<gaps>', 'filling gap']) {
      expect([query, await titles(query), await titles('filling', { filter: { text: query } })]).toEqual([query, ['Filling'], ['Filling']]);
    }
    expect((await search('<mask>')).edges[0].snippet.filter((part: any) => part.isMatch)).toEqual([{ text: 'mask', isMatch: true }]);
    expect(await search('gapss ')).toMatchObject({ correctedQuery: 'gaps' });
  });

  test('counts facets over all hits, not the page', async () => {
    const { facets, nodes, totalCount, isRankedFully } = await search('lovelace or attention', { first: 1 });
    expect([nodes.length, totalCount, isRankedFully]).toEqual([1, 3, true]);
    expect(facets).toEqual({
      isComplete: true,
      tags: [{ count: 2, tag: { slug: 'graphs' } }, { count: 1, tag: { slug: 'language' } }, { count: 1, tag: { slug: 'kernels' } }],
      years: [{ year: 2018, count: 2 }, { year: 2017, count: 1 }],
      code: { withCode: 1, withoutCode: 2 },
    });
  });

  test('takes the filter of papers and their orders', async () => {
    expect(await titles('attention', { filter: { tags: { any: ['graphs'] } } })).toEqual(['Graph']);
    expect(await titles('attention', { filter: { hasCode: true } })).toEqual(['Attention']);
    expect((await search('attention', { filter: { hasCode: true } })).totalCount).toBe(1);
    expect(await titles('attention', { filter: { text: 'networks', published: { from: '2018-01-01' } } })).toEqual(['Graph']);
    expect(await titles('attention', { orderBy: 'NEWEST' })).toEqual(['Graph', 'Attention']);
    await server.services.upvotes.add((await seedReader(server)).rowId, papers[0]!.rowId);
    expect(await titles('attention', { orderBy: 'TOP' })).toEqual(['Attention', 'Graph']);
    expect(await titles('attention', { orderBy: 'TRENDING' })).toEqual(['Graph', 'Attention']);
    const { edges } = await search('attention', { orderBy: 'TOP' });
    expect(edges[0]).toMatchObject({ score: null, relevance: null, personal: null, title: [{ isMatch: true }, { isMatch: false }] });
  });

  test('corrects words that no paper has, and says so', async () => {
    expect(await search('atention transfromers ')).toMatchObject({ correctedQuery: 'attention transformers', totalCount: 2, didYouMean: null });
    expect(await search('"atention transformers" -zebra')).toMatchObject({ correctedQuery: '"attention transformers" -zebra', totalCount: 1 });
    expect(await search('lovlace')).toMatchObject({ correctedQuery: 'lovelace', totalCount: 2 });
    // Nothing near, or words that are known and not together: it is searched for as it is.
    for (const query of ['qqqqqqqqqq', 'zebra kernels']) expect(await search(query)).toMatchObject({ correctedQuery: null, totalCount: 0, nodes: [] });
  });

  test('suggests more usual words where few papers have those that were given', async () => {
    await seedPapers(server, [{ title: 'A diffussion typo', listedOn: '2020-01-01' }, ...Array.from({ length: 10 }, (_, n) => ({ title: `Diffusion number ${n}`, listedOn: '2020-01-01' }))]);
    expect(await search('diffussion')).toMatchObject({ correctedQuery: null, didYouMean: 'diffusion', totalCount: 1 });
    expect(await search('diffusion')).toMatchObject({ correctedQuery: null, didYouMean: null, totalCount: 10 });
  });
});

describe('pages', () => {
  test.each([['RELEVANCE', 0], ['RELEVANCE', 0.5], ['NEWEST', 0]])('%s with the weight %d go on from cursors, from either end', async (orderBy, personalWeight) => {
    const variables = { orderBy, personalWeight };
    const all = await search('diffusion or graphs or attention', { ...variables, first: 100 });
    const expected = all.nodes.map((node: any) => node.title);
    expect(expected.length).toBe(13);
    const [forward, backward]: [string[], string[]] = [[], []];
    for (let page = await search('diffusion or graphs or attention', { ...variables, first: 3 }); ; page = await search('diffusion or graphs or attention', { ...variables, first: 3, after: page.pageInfo.endCursor })) {
      forward.push(...page.nodes.map((node: any) => node.title));
      if (page.pageInfo.hasNextPage === false) break;
    }
    for (let page = await search('diffusion or graphs or attention', { ...variables, last: 3 }); ; page = await search('diffusion or graphs or attention', { ...variables, last: 3, before: page.pageInfo.startCursor })) {
      backward.unshift(...page.nodes.map((node: any) => node.title));
      if (page.pageInfo.hasPreviousPage === false) break;
    }
    expect([forward, backward]).toEqual([expected, expected]);
  });

  test('of another order are refused', async () => {
    const { pageInfo } = await search('attention');
    for (const variables of [{ orderBy: 'TOP' }, { personalWeight: 0.3 }]) {
      expect((await server.error(SEARCH, { variables: { query: 'attention', after: pageInfo.endCursor, ...variables } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
    }
  });
});

describe("the viewer's own ranking", () => {
  test('moves what it scores, by the formula that the schema states', async () => {
    const reader = await seedReader(server);
    await server.services.upvotes.add(reader.rowId, papers[2]!.rowId);
    const plain = await search('attention', {}, reader.token);
    const { edges } = await search('attention', { personalWeight: 0.75 }, reader.token);
    expect(plain.edges.map(({ node, personal }: any) => [node.title.split(' ')[0], personal])).toEqual([['Attention', null], ['Graph', null]]);
    for (const { score, relevance, personal } of edges) expect(score).toBeCloseTo(0.25 * relevance + 0.75 * personal, 12);
    expect(Math.max(...edges.map(({ personal }: any) => Math.abs(personal)))).toBe(1);
    const relevances = new Map(plain.edges.map(({ node, relevance }: any) => [node.id, relevance]));
    for (const { node, relevance } of edges) expect(relevance).toBe(relevances.get(node.id));
    // Dismissed: it has no score of the viewer's own.
    await server.services.dismissals.add(reader.rowId, papers[0]!.rowId);
    const after = await search('attention', { personalWeight: 1 }, reader.token);
    expect(after.edges.find(({ node }: any) => node.id === papers[0]!.id).personal).toBe(0);
    expect((await search('attention', { personalWeight: 1 })).nodes).toHaveLength(2);
  });
});

describe('what is asked', () => {
  test.each(['the', 'the of -zebra', '???', '& | ! <-> :*', '"', '""', '"unbalanced attention', "zebra' & 'x", 'zebra:*', 'a\\b', '<->', '!zebra', 'or', 'or or', 'zebra or', '(zebra', '%_', 'attention & | kernels', '日本語', 'a'.repeat(250), '<b>zebra</b>', '--', '-"', 'or -', '\'; DROP TABLE papers --'])(
    'may be %j: it is words and no syntax',
    async (query) => {
      const { nodes } = await search(query);
      expect(nodes.length).toBeLessThanOrEqual(4);
    },
  );

  test.each([['zebra\'', 1], ['!zebra', 1], ['(zebra', 1], ['zebra:*', 1], ['zebra & | !', 1], ['the', 0], ['the -zebra', 0], ['???', 0]])('%j finds %d', async (query, count) => {
    expect((await search(query)).totalCount).toBe(count);
  });

  test.each([
    ['', 'must have 1 to 250 characters'],
    ['   ', 'must have 1 to 250 characters'],
    ['b'.repeat(251), 'must have 1 to 250 characters'],
    [Array.from({ length: 21 }, (_, n) => `w${n}`).join(' '), 'must have at most 20 words'],
    ['-zebra', 'must have a word to look for beside those to leave out'],
    ['zebra or -kernels', 'must have a word to look for beside those to leave out'],
  ])('is refused: %j', async (query, rule) => {
    const error = await server.error(SEARCH, { variables: { query } });
    expect(error.message).toContain(`query ${rule}`);
    expect(error.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'query' });
  });

  test.each([[{ personalWeight: 1.5 }, 'personalWeight'], [{ personalWeight: -0.1 }, 'personalWeight'], [{ personalWeight: 0.5, orderBy: 'TOP' }, 'personalWeight'], [{ first: 0 }, 'first'], [{ filter: { tags: { any: [] } } }, 'filter.tags.any'], [{ after: 'x' }, 'after']])(
    '%j is refused',
    async (variables, field) => {
      expect((await server.error(SEARCH, { variables: { query: 'zebra', ...variables } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field });
    },
  );

  test('costs as many statements for a page of ten as for one', async () => {
    const counts: number[] = [];
    for (const first of [1, 10]) counts.push((await server.countStatements(() => search('diffusion', { first }))).statements.length);
    expect(counts[0]).toBe(counts[1]);
  });
});

describe('what the tables of searches hold', () => {
  const wrong = () => server.database.rows<{ what: string }>(sql`
    SELECT 'paper ' || p.id AS what FROM papers p LEFT JOIN paper_search s ON s.paper_id = p.id
    WHERE s.vector IS DISTINCT FROM paper_vector(p.title,
      (SELECT string_agg(x.name, ', ' ORDER BY l.position) FROM paper_authors l JOIN authors x ON x.id = l.author_id WHERE l.paper_id = p.id),
      (SELECT string_agg(x.name, ', ' ORDER BY l.tag_id) FROM paper_tags l JOIN tags x ON x.id = l.tag_id WHERE l.paper_id = p.id), p.abstract)
    UNION ALL SELECT 'word ' || coalesce(s.word, x.word) FROM search_words s FULL JOIN (
      SELECT word, count(*)::int4 AS uses FROM (SELECT title FROM papers UNION ALL SELECT name FROM authors UNION ALL SELECT name FROM tags) x (text), words_of(x.text) word GROUP BY word) x ON x.word = s.word
    WHERE s.uses IS DISTINCT FROM x.uses`);
  const run = (statement: string): Promise<unknown> => server.database.prisma.$executeRawUnsafe(statement);

  test('follows from the others after edits by chance', async () => {
    const random = mulberry32(7);
    const pick = (most: number): number => Math.floor(random() * most);
    const WORDS = ['alpha', 'beta', 'gamma', 'delta', 'épsilon', 'the', 'of'];
    const text = (): string => Array.from({ length: 1 + pick(4) }, () => WORDS[pick(WORDS.length)]).join(' ');
    const some = (table: string): string => `(SELECT id FROM ${table} ORDER BY id OFFSET ${pick(8)} LIMIT 1)`;
    const EDITS: (() => Promise<unknown>)[] = [
      () => run(`UPDATE papers SET title = '${text()}', abstract = ${pick(2) === 0 ? 'NULL' : `'${text()}'`} WHERE id = ${some('papers')}`),
      () => run(`UPDATE tags SET name = '${text()}' WHERE id = ${some('tags')}`),
      () => run(`UPDATE authors SET name = '${text()} ${random()}' WHERE id = ${some('authors')}`),
      () => run(`INSERT INTO paper_tags (paper_id, tag_id) SELECT p.id, t.id FROM papers p, tags t WHERE (p.id + t.id) % 5 = ${pick(5)} ON CONFLICT DO NOTHING`),
      () => run(`DELETE FROM paper_tags WHERE (paper_id + tag_id) % 7 = ${pick(7)}`),
      () => run(`DELETE FROM paper_authors WHERE author_id = ${some('authors')}`),
      () => run(`DELETE FROM tags WHERE id = (SELECT max(id) FROM tags)`),
      () => run(`DELETE FROM authors WHERE id = (SELECT max(id) FROM authors)`),
      () => run(`DELETE FROM papers WHERE id = (SELECT max(id) FROM papers)`),
      () => server.services.tags.create({ slug: `tag-${random()}`.replace('.', '-'), name: text(), kind: 'KEYWORD' }),
      () => writePapers(server, [{ title: text(), abstract: text(), listedOn: '2026-01-01', authors: [`${text()} x`, 'Grace Hopper'], tags: [{ slug: 'graphs', weight: 1 }] }]).catch(() => undefined),
    ];
    for (let turn = 0; turn < 80; turn += 1) await EDITS[pick(EDITS.length)]!();
    expect(await wrong()).toEqual([]);
    const [row] = await server.database.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM paper_search`);
    expect(row!.count).toBeGreaterThan(0);
  });

  test('is right after edits of one paper, its tag and its authors that come at once', async () => {
    const [paper] = await writePapers(server, [{ title: 'Contended', abstract: 'x', listedOn: '2026-01-01', authors: ['Con Tender'], tags: [] }]);
    await server.services.tags.create({ slug: 'contended', name: 'contended zero', kind: 'KEYWORD' });
    const tag = `(SELECT id FROM tags WHERE slug = 'contended')`;
    for (let round = 0; round < 10; round += 1) {
      await Promise.all([
        run(`UPDATE papers SET title = 'Contended title ${round}' WHERE id = ${paper!.paperId}`),
        run(`UPDATE tags SET name = 'contended name ${round}' WHERE slug = 'contended'`),
        round % 2 === 0 ? run(`INSERT INTO paper_tags (paper_id, tag_id) VALUES (${paper!.paperId}, ${tag}) ON CONFLICT DO NOTHING`) : run(`DELETE FROM paper_tags WHERE paper_id = ${paper!.paperId}`),
        run(`UPDATE authors SET name = 'Con Tender ${round}' WHERE name LIKE 'Con Tender%'`),
      ].map((edit) => edit.catch((error: unknown) => { if (!/deadlock|40P01|P2034/.test(String(error))) throw error; })));
    }
    expect(await wrong()).toEqual([]);
  });

  test('is written once for each new paper of a batch, and not by a vote', async () => {
    await run('CREATE TABLE written (paper_id int)');
    await run(`CREATE FUNCTION note_written() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO written VALUES (NEW.paper_id); RETURN NULL; END'`);
    await run('CREATE TRIGGER noted AFTER INSERT OR UPDATE ON paper_search FOR EACH ROW EXECUTE FUNCTION note_written()');
    const batch = await writePapers(server, [1, 2, 3].map((n) => ({ title: `Of a batch ${n}`, abstract: 'x', listedOn: '2026-01-01', authors: ['Ann Other', `Author ${n}`], namedTags: [{ name: 'Batches', kind: 'KEYWORD' as const }, { name: `Batch ${n}`, kind: 'TASK' as const }], repos: [CODE] })));
    const paperIds = batch.map(({ paperId }) => paperId);
    const written = async () => (await server.database.rows<{ id: number }>(sql`SELECT paper_id AS id FROM written ORDER BY 1`)).map(({ id }) => id);
    expect(await written()).toEqual([...paperIds].sort((a, b) => a - b));
    await server.services.upvotes.add((await seedReader(server)).rowId, paperIds[0]!);
    expect(await written()).toHaveLength(3);
    expect(await wrong()).toEqual([]);
  });
});
