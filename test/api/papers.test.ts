import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPapers, seedReader, seedUpvotes, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const PAPER = 'query ($id: ID, $arxivId: String, $doi: String) { paper(id: $id, arxivId: $arxivId, doi: $doi) { id title arxivId } }';
const PAPERS = 'query ($filter: PaperFilter) { papers(filter: $filter, first: 100) { totalCount nodes { title } } }';
const weigh = (...slugs: string[]): { slug: string; weight: number }[] => slugs.map((slug) => ({ slug, weight: 1 }));

const RECORDS = [
  { title: 'Alpha', arxivId: '2401.00001', listedOn: '2026-01-01', publishedOn: '2025-12-30', tags: weigh('vision', 'video'), authors: ['Ada', 'Bo'], repos: [{ url: 'https://github.com/lab/shared' }], abstract: 'Sparse autoencoders find monosemantic features in language models.' },
  { title: 'Beta', arxivId: 'hep-th/9901001', listedOn: '2026-01-02', publishedOn: '2025-12-31', tags: weigh('vision'), authors: ['Ada'], abstract: 'Autoencoders that are sparse learn slowly.' },
  { title: 'Gamma', arxivId: 'math.GT/0309136', listedOn: '2026-01-03', tags: weigh('video'), statedAuthorCount: 7, repos: [{ url: 'https://github.com/lab/shared' }, { url: 'https://github.com/lab/other' }] },
  { title: 'Delta', listedOn: '2026-01-04', publishedOn: '2026-01-01', authors: ['Cy', 'Bo', 'Ada'], statedAuthorCount: 2, abstract: 'A transformer reads language.' },
  { title: 'Monosemantic Epsilon', listedOn: '2026-01-05' },
];

let server: TestServer;
let papers: SeededPaper[];
const ids: Record<string, string> = {};

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, RECORDS);
  // The last instant of a day still belongs to it.
  await server.database.prisma.paper.update({ where: { id: papers[1]!.rowId }, data: { listedAt: new Date('2026-01-02T23:59:59.999Z') } });
  await server.database.prisma.paper.update({ where: { id: papers[2]!.rowId }, data: { doi: '10.1234/gamma(3)', arxivVersion: 3, withdrawnAt: new Date('2026-02-01T10:00:00Z') } });
  const { authors, repos } = await server.query('{ authors { nodes { id name } } repos { nodes { id name } } }');
  for (const node of [...authors.nodes, ...repos.nodes]) ids[node.name] = node.id;
});
afterAll(() => server.stop());

describe('one paper', () => {
  test.each(['2401.00001', '2401.00001v12', ' arxiv:2401.00001v2 ', 'https://arxiv.org/pdf/2401.00001v3'])('is found by its arXiv id written as %j', async (arxivId) => {
    expect((await server.query(PAPER, { variables: { arxivId } })).paper).toEqual({ id: papers[0]!.id, title: 'Alpha', arxivId: '2401.00001' });
  });

  test.each([['hep-th/9901001', 'Beta'], ['hep-th/9901001v3', 'Beta'], ['math.GT/0309136', 'Gamma'], ['math/0309136', 'Gamma'], ['https://arxiv.org/abs/math.GT/0309136v1', 'Gamma']])('is found by its old arXiv id %s', async (arxivId, title) => {
    expect((await server.query(PAPER, { variables: { arxivId } })).paper.title).toBe(title);
  });

  test.each(['10.1234/gamma(3)', '10.1234/GAMMA(3)', 'doi:10.1234/Gamma(3)', 'DOI: 10.1234/gamma(3)', 'https://doi.org/10.1234/gamma(3)', ' http://dx.doi.org/10.1234/gamma(3) '])('is found by its DOI written as %j', async (doi) => {
    expect((await server.query(PAPER, { variables: { doi } })).paper).toEqual({ id: papers[2]!.id, title: 'Gamma', arxivId: 'math/0309136' });
  });

  test.each(['', '10.1234', '10.1234/', '10.12/gamma', '11.1234/gamma', '10.1234/a b', 'https://example.org/10.1234/gamma', '10.1234/a\u0085b'])('is not looked for by %j, which is no DOI', async (doi) => {
    expect(await server.error(PAPER, { variables: { doi } })).toMatchObject({
      message: `doi must be a DOI such as 10.48550/arxiv.2412.01234, of at most 300 characters, received ${JSON.stringify(doi)}`,
      extensions: { code: 'BAD_USER_INPUT', field: 'doi' },
    });
  });

  test('is found by a DOI as long as may be, and not looked for by a longer one', async () => {
    const longest = `10.1234/${'x'.repeat(292)}`;
    expect((await server.query(PAPER, { variables: { doi: longest } })).paper).toBeNull();
    expect((await server.error(PAPER, { variables: { doi: `${longest}x` } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'doi' });
  });

  test('is found by its id, and is null where there is none', async () => {
    expect((await server.query(PAPER, { variables: { id: papers[3]!.id } })).paper.title).toBe('Delta');
    expect((await server.query(PAPER, { variables: { id: Buffer.from('Paper:999999').toString('base64url') } })).paper).toBeNull();
    expect((await server.query(PAPER, { variables: { arxivId: '2401.99999' } })).paper).toBeNull();
    expect((await server.query(PAPER, { variables: { doi: '10.1234/none' } })).paper).toBeNull();
  });

  test('is asked for by id, arXiv id or DOI, one of the three', async () => {
    const refusal = { extensions: { code: 'BAD_USER_INPUT', field: 'id' } };
    const neither = await server.error(PAPER);
    expect(neither).toMatchObject({ message: expect.stringContaining('id or arxivId or doi must be given, one of the three'), ...refusal });
    expect(await server.error(PAPER, { variables: { id: papers[0]!.id, arxivId: '2401.00001' } })).toMatchObject(refusal);
    expect(await server.error(PAPER, { variables: { arxivId: '2401.00001', doi: '10.1234/gamma(3)' } })).toMatchObject(refusal);
  });

  test.each(['', '2401', '2401.001', '2401.0000001', 'https://example.org/abs/2401.00001', 'hep-th/99', "'; DROP TABLE papers"])('is not looked for by %j, which is no arXiv id', async (arxivId) => {
    expect(await server.error(PAPER, { variables: { arxivId } })).toMatchObject({
      message: `arxivId must be an arXiv id such as 2412.01234 or hep-th/9901001, received ${JSON.stringify(arxivId)}`,
      extensions: { code: 'BAD_USER_INPUT', field: 'arxivId' },
    });
  });
});

describe('a paper', () => {
  test('counts its authors also where their names are not known', async () => {
    const { papers: list } = await server.query('{ papers { nodes { title authorCount authors { totalCount } } } }');
    const counts = Object.fromEntries(list.nodes.map((paper: any) => [paper.title, [paper.authorCount, paper.authors.totalCount]]));
    expect(counts).toEqual({ Alpha: [2, 2], Beta: [1, 1], Gamma: [7, 0], Delta: [3, 3], 'Monosemantic Epsilon': [null, 0] });
  });

  test('has a trending score of log10(1 + votes) + days since 2020 / 3', async () => {
    const voters = await Promise.all(Array.from({ length: 9 }, () => seedReader(server)));
    await seedUpvotes(server, voters.map((voter) => [voter, papers[0]!] as const));
    const score = async (title: string): Promise<any> =>
      (await server.query('{ papers { nodes { title upvoteCount trendingScore listedAt } } }')).papers.nodes.find((paper: any) => paper.title === title);
    const days = (Date.parse('2026-01-01') - Date.parse('2020-01-01')) / 86_400_000;
    expect(await score('Alpha')).toMatchObject({ upvoteCount: 9, listedAt: '2026-01-01T00:00:00.000Z', trendingScore: expect.closeTo(1 + days / 3, 9) });
    // Ten times the votes weigh as much as being listed three days later.
    expect((await score('Delta')).trendingScore).toBeCloseTo((await score('Alpha')).trendingScore, 9);
    for (const voter of voters) await server.services.upvotes.remove(voter.rowId, papers[0]!.rowId);
    expect((await score('Alpha')).trendingScore).toBeCloseTo(days / 3, 9);
  });

  test('gives all its own fields', async () => {
    const { paper } = await server.query('query ($id: ID!) { paper(id: $id) { arxivId arxivVersion doi withdrawnAt title abstract publishedAt listedAt projectUrl originUpvoteCount submittedBy { id } viewerHasUpvoted } }', { variables: { id: papers[1]!.id } });
    expect(paper).toEqual({
      arxivId: 'hep-th/9901001', arxivVersion: null, doi: null, withdrawnAt: null, title: 'Beta', abstract: 'Autoencoders that are sparse learn slowly.', publishedAt: '2025-12-31T00:00:00.000Z',
      listedAt: '2026-01-02T23:59:59.999Z', projectUrl: null, originUpvoteCount: null, submittedBy: null, viewerHasUpvoted: false,
    });
  });
});

describe('a paper of which a source told more', () => {
  test('gives that too', async () => {
    const { paper } = await server.query('query ($id: ID!) { paper(id: $id) { arxivVersion doi withdrawnAt } }', { variables: { id: papers[2]!.id } });
    expect(paper).toEqual({ arxivVersion: 3, doi: '10.1234/gamma(3)', withdrawnAt: '2026-02-01T10:00:00.000Z' });
  });
});

describe('a filter', () => {
  const ALL = ['Alpha', 'Beta', 'Gamma', 'Delta', 'Monosemantic Epsilon'];
  const cases: [string, () => Record<string, unknown>, string[]][] = [
    ['by nothing', () => ({}), ALL],
    ['by nulls', () => ({ tags: null, author: null, repo: null, listed: null, published: null, hasCode: null, withdrawn: null, text: null }), ALL],
    ['by any of two tags', () => ({ tags: { any: ['vision', 'video'] } }), ['Alpha', 'Beta', 'Gamma']],
    ['by all of two tags', () => ({ tags: { all: ['vision', 'video'] } }), ['Alpha']],
    ['by any and all', () => ({ tags: { any: ['video', 'none-such'], all: ['vision', 'vision'] } }), ['Alpha']],
    ['by an unknown tag', () => ({ tags: { any: ['none-such'] } }), []],
    ['by all of a known and an unknown tag', () => ({ tags: { all: ['vision', 'none-such'] } }), []],
    ['by author', () => ({ author: ids['Bo'] }), ['Alpha', 'Delta']],
    ['by repo', () => ({ repo: ids['shared'] }), ['Alpha', 'Gamma']],
    ['by the days of listing, both ends included', () => ({ listed: { from: '2026-01-02', to: '2026-01-03' } }), ['Beta', 'Gamma']],
    ['by one day of listing', () => ({ listed: { from: '2026-01-02', to: '2026-01-02' } }), ['Beta']],
    ['by an open start', () => ({ listed: { to: '2026-01-01' } }), ['Alpha']],
    ['by an open end', () => ({ listed: { from: '2026-01-04' } }), ['Delta', 'Monosemantic Epsilon']],
    ['by the days of publication', () => ({ published: { from: '2025-12-31', to: '2026-01-01' } }), ['Beta', 'Delta']],
    ['by code', () => ({ hasCode: true }), ['Alpha', 'Gamma']],
    ['by no code', () => ({ hasCode: false }), ['Beta', 'Delta', 'Monosemantic Epsilon']],
    ['by withdrawal', () => ({ withdrawn: true }), ['Gamma']],
    ['by no withdrawal', () => ({ withdrawn: false }), ALL.filter((title) => title !== 'Gamma')],
    ['by withdrawal and code', () => ({ withdrawn: false, hasCode: true }), ['Alpha']],
    ['by words in any order and inflection', () => ({ text: 'autoencoder sparse' }), ['Alpha', 'Beta']],
    ['by a phrase', () => ({ text: '"sparse autoencoders"' }), ['Alpha']],
    ['by a word and without another', () => ({ text: 'language -transformer' }), ['Alpha']],
    ['by either of two words', () => ({ text: 'slowly or transformers' }), ['Beta', 'Delta']],
    ['by a word of title or abstract', () => ({ text: 'monosemantic' }), ['Alpha', 'Monosemantic Epsilon']],
    ['by operators alone', () => ({ text: "& | ! :* ' (" }), []],
    ['by a word and without another, in hyphens', () => ({ text: 'language -"transformer"' }), ['Alpha']],
    ['by words with dashes between', () => ({ text: '- sparse - autoencoder -- "--" (-)' }), ['Alpha', 'Beta']],
    ['by dashes alone', () => ({ text: '-'.repeat(250) }), []],
    ['by dashes apart', () => ({ text: '- '.repeat(125) }), []],
    ['by the exclusion of nothing', () => ({ text: `${'-"" -(-!'.repeat(25)}sparse` }), ['Alpha', 'Beta']],
    ['by a stop word alone', () => ({ text: 'the' }), []],
    ['by several conditions', () => ({ author: ids['Ada'], tags: { any: ['vision'] }, text: 'sparse', hasCode: false, listed: { from: '2026-01-01', to: '2026-12-31' } }), ['Beta']],
  ];
  test.each(cases)('%s finds what passes, and counts it', async (_, filter, titles) => {
    const { papers: found } = await server.query(PAPERS, { variables: { filter: filter() } });
    expect(found.nodes.map((node: any) => node.title).sort()).toEqual([...titles].sort());
    expect(found.totalCount).toBe(titles.length);
  });

  const many = Array.from({ length: 21 }, (_, index) => `tag-${index}`);
  test.each<[string, string, Record<string, unknown>]>([
    ['filter.tags.any must have at most 20 items, received 21', 'filter.tags.any', { tags: { any: many } }],
    ['filter.tags.all must have at most 20 items, received 21', 'filter.tags.all', { tags: { all: many } }],
    ['filter.tags.any must have at least 1 item, received []', 'filter.tags.any', { tags: { any: [] } }],
    ['filter.listed must not end before it starts, received {"from":"2026-01-02","to":"2026-01-01"}', 'filter.listed', { listed: { from: '2026-01-02', to: '2026-01-01' } }],
    ['filter.published must not end before it starts, received {"from":"2026-01-02","to":"2026-01-01"}', 'filter.published', { published: { from: '2026-01-02', to: '2026-01-01' } }],
    ['filter.author must be an id that this API gave out, received "Ada"', 'filter.author', { author: 'Ada' }],
    ['filter.repo must be an id that this API gave out, received "shared"', 'filter.repo', { repo: 'shared' }],
    ['filter.text must have 1 to 250 characters, received " "', 'filter.text', { text: ' ' }],
    [`filter.text must have 1 to 250 characters, received "${'a'.repeat(79)}… (253 characters)`, 'filter.text', { text: 'a'.repeat(251) }],
  ])('is refused: %s', async (message, field, filter) => {
    expect(await server.error(PAPERS, { variables: { filter } })).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT', field } });
  });

  test('by the id of another type is refused', async () => {
    expect(await server.error(PAPERS, { variables: { filter: { author: ids['shared'] } } })).toMatchObject({
      message: `filter.author must be the id of a Author, received "${ids['shared']}"`,
      extensions: { code: 'BAD_USER_INPUT', field: 'filter.author' },
    });
  });

  // The database has no year 0.
  test.each<[string, Record<string, unknown>]>([
    ['a start in year 0', { listed: { from: '0000-01-01' } }],
    ['an end in year 0', { published: { to: '0000-01-01' } }],
  ])('by %s is an empty list or BAD_USER_INPUT', async (_, filter) => {
    const { errors } = await server.send(PAPERS, { variables: { filter } });
    expect(errors.filter((error) => error.extensions.code !== 'BAD_USER_INPUT')).toEqual([]);
  });
});
