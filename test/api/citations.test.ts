import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseBibtex } from '../../src/ingest/library/bibtex.js';
import { parseCslJson } from '../../src/ingest/library/cslJson.js';
import type { LibraryEntry } from '../../src/ingest/library/libraryEntry.js';
import type { RawRecord } from '../../src/submissions/paperRecord.js';
import { seedPaper, seedPapers } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const CITED = 'query ($id: ID!) { paper(id: $id) { bibtex: citation csl: citation(format: CSL_JSON) } }';
const LISTED = { listedOn: '2026-01-05' };

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

async function cited(record: RawRecord): Promise<{ bibtex: string; csl: string; item: any }> {
  const { id } = await seedPaper(server, { ...LISTED, ...record });
  const { paper } = await server.query(CITED, { variables: { id } });
  const items = JSON.parse(paper.csl);
  expect(items).toHaveLength(1);
  return { ...paper, item: items[0] };
}

/** What an importer reads of a library of one paper. */
function readOf(entries: readonly LibraryEntry[]): unknown {
  expect(entries).toHaveLength(1);
  const [entry] = entries;
  if (entry?.kind !== 'PAPER') throw new Error(`the entry is refused: ${JSON.stringify(entry)}`);
  const { title, arxivId, doi, authors } = entry.record!;
  expect(entry.leftOut).toEqual([]);
  return { title, arxivId, doi, authors: authors!.map((author) => (typeof author === 'string' ? author : author.name)) };
}

describe('a citation in BibTeX', () => {
  test('of a preprint says where it is, by a key that follows from it', async () => {
    const { bibtex } = await cited({
      title: 'Attention Is All You Need: BERT before GPT-4', arxivId: '1706.03762', doi: '10.48550/arXiv.1706.03762', publishedOn: '2017-06-12', authors: ['Ashish Vaswani', 'Łukasz Kaiser', 'Ludwig van Beethoven', 'Martin King Jr.', 'ATLAS Collaboration'],
      namedTags: [{ name: 'cs.LG', kind: 'ARXIV_CATEGORY', weight: 0.5 }, { name: 'cs.CL', kind: 'ARXIV_CATEGORY', weight: 1 }, { name: 'Attention', kind: 'METHOD', weight: 1 }],
    });
    expect(bibtex).toBe(`@misc{vaswani2017attention,
  title = {Attention Is All You Need: {BERT} before {GPT-4}},
  author = {Vaswani, Ashish and Kaiser, Łukasz and van Beethoven, Ludwig and King, Jr., Martin and {ATLAS Collaboration}},
  year = {2017},
  month = jun,
  eprint = {1706.03762},
  archivePrefix = {arXiv},
  primaryClass = {cs.CL},
  url = {https://arxiv.org/abs/1706.03762},
}
`);
  });

  test('of a published paper has its DOI, and names in a title of lower case stay as they are', async () => {
    const { bibtex } = await cited({ title: 'On the convergence of Gaussian processes in Hilbert spaces', doi: '10.1000/a_b(c)<1::d>', publishedOn: '2020-03-01', authors: ['Émile Ångström'] });
    expect(bibtex).toContain('@article{angstrom2020convergence,\n  title = {On the convergence of {Gaussian} processes in {Hilbert} spaces}');
    expect(bibtex).toContain('doi = {10.1000/a_b(c)<1::d>}');
    // What follows a # would not be a part of the address.
    expect((await cited({ title: 'Of an old journal', doi: '10.1002/(sici)1097-4571;2-#' })).item).toMatchObject({ DOI: '10.1002/(sici)1097-4571;2-#', URL: 'https://doi.org/10.1002/(sici)1097-4571%3B2-%23' });
  });

  test.each<[string, RawRecord, string]>([
    ['without authors', { title: 'A survey', publishedOn: '2020-01-01', arxivId: '2001.00001' }, '2020survey-2001.00001'],
    ['without a year', { title: 'The Survey of Everything', doi: '10.1000/x_(y)', authors: ['Ada Lovelace'] }, 'lovelacesurvey-10.1000-x-y-'],
    ['without ASCII', { title: '深度学习', publishedOn: '2020-01-01', arxivId: 'hep-th/9901001', authors: ['王伟'] }, '2020-hep-th-9901001'],
  ])('%s ends its key with what the paper is called elsewhere', async (_, record, key) => {
    const { bibtex, item } = await cited(record);
    expect([/\{(.*),/.exec(bibtex)![1], item.id]).toEqual([key, key]);
  });
});

describe('a citation in CSL-JSON', () => {
  test('has what the schema of its items asks for', async () => {
    const { item } = await cited({ title: 'Models <i>in</i> motion', arxivId: '2101.00001', publishedOn: '2021-01-02', authors: ['Ada Lovelace', 'Ludwig van Beethoven', 'Martin King Jr.', 'Plato', 'OpenAI Team'] });
    expect(item).toEqual({
      id: 'lovelace2021models', type: 'article', title: 'Models <i>in</i> motion',
      author: [{ given: 'Ada', family: 'Lovelace' }, { given: 'Ludwig', 'non-dropping-particle': 'van', family: 'Beethoven' }, { given: 'Martin', family: 'King', suffix: 'Jr.' }, { literal: 'Plato' }, { literal: 'OpenAI Team' }],
      issued: { 'date-parts': [[2021, 1, 2]] }, number: 'arXiv:2101.00001', publisher: 'arXiv', URL: 'https://arxiv.org/abs/2101.00001',
    });
    expect((await cited({ title: 'Printed', doi: '10.1000/182', projectUrl: 'https://example.org/' })).item).toEqual({ id: 'printed-10.1000-182', type: 'article-journal', title: 'Printed', DOI: '10.1000/182', URL: 'https://doi.org/10.1000/182' });
  });
});

describe('what is cited is read back', () => {
  const HOSTILE = [
    'Plain words', 'Unbalanced { and }} and {', 'Back\\slash \\textbf{x} \\', '100% of $5 & #1 in a_b^c ~ d', 'Dashes - -- --- and \'single\' \'\'double\'\' "quotes" “curly” ,, `ticks` ``two``',
    'Über naïve Größen: 日本語 中文 😀 ﬁ', 'a@b.c = {d}, "e" # f', 'x < y > z | w', '@article{x, title = {y}}', 'iOS, LaTeX, pH and mRNA', 'C# and F# {nested {braces}} in \\{ escapes \\}', '$x^2 + y_1$ of $O(n \\log n)$', "d'Alembert's \\'e", 'Ends with \\', '{BERT}', 'ı İ ĳ Ǆ', 'A—B–C ¿why? ¡so!',
  ];
  const NAMES = ['Ludwig van Beethoven', 'Juan de la Cruz', 'Martin King Jr.', 'Plato', 'ATLAS Collaboration', 'Simon and Garfunkel', 'Smith, John', 'O’Neil {X} %$&#_^~\\', 'Łukasz Kaiser', '王 伟', 'Jean-Luc d\'Aubigné', 'danah boyd', 'R. {\\"o}zg', 'Others Anders', 'J . -- R'];

  test.each(HOSTILE.map((title, n) => [title, n] as const))('%s', async (title, n) => {
    const ids = [{ arxivId: `2202.${String(n).padStart(5, '0')}` }, { doi: `10.1000/x_${n}%(a)<1::aid-b>#~&` }, { arxivId: `2203.${String(n).padStart(5, '0')}`, doi: `10.1000/both.${n}` }][n % 3]!;
    const { bibtex, csl } = await cited({ title, ...ids, publishedOn: '2022-02-03', authors: NAMES });
    const expected = { title, arxivId: null, doi: null, ...ids, authors: NAMES };
    expect(readOf(parseCslJson(csl))).toEqual(expected);
    expect(readOf(parseBibtex(bibtex))).toEqual(expected);
  });

  test('of a long byline the first hundred, and others; of one that is not whole, too', async () => {
    const authors = Array.from({ length: 130 }, (_, n) => `Author N${n}`);
    for (const [record, named] of [[{ authors }, authors.slice(0, 100)], [{ authors: authors.slice(0, 2), statedAuthorCount: 5 }, authors.slice(0, 2)]] as const) {
      const { bibtex, csl, item } = await cited({ title: `Many hands ${named.length}`, publishedOn: '2022-02-03', ...record, authors: [...record.authors] });
      expect(bibtex).toContain(`N${named.length - 1}, Author and others}`);
      expect([item.author.length, item.author.at(-1)]).toEqual([named.length + 1, { literal: 'others' }]);
      for (const entries of [parseBibtex(bibtex), parseCslJson(csl)]) expect((readOf(entries) as any).authors).toEqual(named);
    }
  });

  test('and a page of them is one library, for one statement more', async () => {
    const papers = await seedPapers(server, Array.from({ length: 20 }, (_, n) => ({ ...LISTED, title: `Paged ${n}`, arxivId: `2204.${String(n).padStart(5, '0')}`, authors: [`Author ${n}`], publishedOn: '2022-04-01' })));
    const ids = papers.map(({ id }) => id);
    const read = async (fields: string) => server.countStatements(() => server.query(`query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Paper { title ${fields} } } }`, { variables: { ids } }));
    const [plain, full] = [await read(''), await read('citation csl: citation(format: CSL_JSON)')];
    expect(full.statements.length).toBe(plain.statements.length + 1);
    const library = parseBibtex(full.result.nodes.map((node: any) => node.citation).join('\n'));
    expect(library.map((entry) => entry.kind === 'PAPER' && entry.key.arxivId)).toEqual(ids.map((_, n) => `2204.${String(n).padStart(5, '0')}`));
  });
});
