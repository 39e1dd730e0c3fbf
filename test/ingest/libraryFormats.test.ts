import { describe, expect, test } from '@jest/globals';
import { libraryFormatOf, parseLibrary, parseLibraryInTurns, type LibraryFormat } from '../../src/ingest/library/library.js';
import type { LibraryEntry } from '../../src/ingest/library/libraryEntry.js';
import { SourceError } from '../../src/ingest/source.js';

type Paper = Extract<LibraryEntry, { kind: 'PAPER' }>;

function only(text: string, format: LibraryFormat = 'bibtex'): Paper {
  const [entry, ...others] = parseLibrary(text, format);
  expect(others).toEqual([]);
  expect(entry!.kind).toBe('PAPER');
  return entry as Paper;
}
const bib = (fields: string): Paper => only(`@article{quell2020, title = {On Tides}, ${fields}}`);
const csl = (fields: object): Paper => only(JSON.stringify([{ id: 'quell2020', title: 'On Tides', ...fields }]), 'csl-json');

describe('BibTeX', () => {
  test('a whole entry', () => {
    const entry = only(String.raw`
      @string{jot = "Journal of Tides"}
      @article{quell2020,
        title    = {{Na\"{\i}ve} {B}ayes for {\'E}tale $\alpha$-Tides: 100\% of \emph{it}},
        author   = {Quell, Tom{\'a}s and M{\"u}ller, J{\"o}rg and {The Tide Group} and Ludwig van der Meer and Smith, Jr., Ann and others},
        journal  = jot, year = 2020, month = mar,
        doi      = {https://doi.org/10.5555/Tides_1},
        url      = {https://github.com/quell/tide_tables},
        keywords = {tide prediction, moons; s{\'e}ries},
        abstract = {We show that $x < y$ -- and ` + '``more\'\'' + String.raw` if a < b.},
      }`);
    expect(entry).toEqual({
      kind: 'PAPER',
      place: 'entry quell2020',
      key: { arxivId: null, doi: '10.5555/tides_1', title: 'Naïve Bayes for Étale α-Tides: 100% of it', firstAuthor: 'Tomás Quell' },
      record: {
        externalId: 'doi:10.5555/tides_1',
        title: 'Naïve Bayes for Étale α-Tides: 100% of it',
        arxivId: null,
        doi: '10.5555/tides_1',
        abstract: 'We show that x<y – and “more” if a < b.',
        publishedOn: '2020-03-01',
        authors: ['Tomás Quell', 'Jörg Müller', 'The Tide Group', 'Ludwig van der Meer', 'Ann Smith Jr.'].map((name) => ({ name })),
        namedTags: ['moons', 'séries', 'tide prediction'].map((name) => ({ name, kind: 'KEYWORD', weight: 1 })),
        repos: [{ url: 'https://github.com/quell/tide_tables' }],
      },
      leftOut: [],
    });
  });

  test.each([
    ['eprint = {2401.00001v2}, archivePrefix = {arXiv}', '2401.00001'],
    ['eprint = {2401.00001}, eprinttype = {arxiv}', '2401.00001'],
    ['eprint = {hep-th/9901001}', 'hep-th/9901001'],
    ['eprint = {arXiv:2401.00001}', '2401.00001'],
    ['eprint = {2401.00001}, archivePrefix = {HAL}', null],
    ['journal = {arXiv preprint arXiv:2401.00001}', '2401.00001'],
    ['journal = {arXiv preprint arXiv:math.GT/0309136v1}', 'math/0309136'],
    ['url = {https://arxiv.org/abs/2401.00001v3}', '2401.00001'],
    ['url = {http://arxiv.org/pdf/2401.00001.pdf}', '2401.00001'],
    ['doi = {10.48550/arXiv.2401.00001}', '2401.00001'],
    ['journal = {CoRR}, volume = {abs/2401.00001}', '2401.00001'],
    ['note = {arXiv: 2401.00001}', '2401.00001'],
    ['note = {see 2401.00001}', null],
    ['journal = {Tides}, number = {2401.00001}', null],
    ['note = {arXiv:2401.000012}', null],
  ])('%s: arXiv id %p', (fields, arxivId) => {
    const { key, record } = bib(fields);
    expect([key.arxivId, record!.arxivId, key.doi]).toEqual([arxivId, arxivId, null]);
    expect(record!.externalId).toMatch(arxivId === null ? /^title:[0-9a-f]{32}$/ : new RegExp(`^${arxivId}$`));
  });

  test.each([
    ['year = {2019}', '2019-01-01', []],
    ['year = 2019, month = {12}', '2019-12-01', []],
    ['date = {2019-05-06}', '2019-05-06', []],
    ['date = {2019-05}', '2019-05-01', []],
    ['date = {2019/2020}', '2019-01-01', []],
    ['note = {no year}', null, []],
    ['year = {in press}', null, [{ field: 'year', rule: 'must begin with a year', received: 'in press' }]],
  ])('%s: %p', (fields, day, leftOut) => {
    const entry = bib(fields);
    expect([entry.record!.publishedOn, entry.leftOut]).toEqual([day, leftOut]);
  });

  test('an address of a publisher is no repository, and a DOI that is none is left out', () => {
    const entry = bib('url = {https://tides.example/articles/12}, doi = {none}');
    expect(entry.record!.repos).toEqual([]);
    expect(entry.leftOut).toEqual([{ field: 'doi', rule: 'must be a DOI such as 10.1000/182', received: 'none' }]);
  });

  test('two papers of one title and two authors have two names', () => {
    const [one, other] = ['Quell, T.', 'Barbo, I.'].map((author) => bib(`author = {${author}}`).record!.externalId);
    expect(one).not.toBe(other);
    expect(one).toBe(only('@misc{x, title = {ON  {TIDES}!}, author = {T. Quell}}').record!.externalId);
  });

  test('a broken entry is rejected by its key, and the others are read', () => {
    const entries = parseLibrary(
      `@article{one, title = {One}}
@article{broken, title = {An open {brace, author = {A B}
@misc{two, title = {Two}, year = 2001}
@misc{untitled, year = 2001}
some words in between
@misc{three, title = {Three}}
@misc{last, title = {cut`,
      'bibtex',
    );
    expect(entries.map((entry) => [entry.kind, entry.place, entry.kind === 'REJECT' ? entry.fault.rule : entry.record!.title])).toEqual([
      ['PAPER', 'entry one', 'One'],
      ['PAPER', 'entry two', 'Two'],
      ['REJECT', 'entry untitled', 'must be there'],
      ['PAPER', 'entry three', 'Three'],
      ['REJECT', 'entry broken', 'must be a whole BibTeX entry'],
      ['REJECT', 'entry last', 'must be a whole BibTeX entry'],
    ]);
  });

  test('names of proceedings and what an entry refers to are found anywhere in the file', () => {
    const filler = Array.from({ length: 90 }, (_, index) => `@misc{f${index}, title = {Filler ${index}}}`).join('\n');
    const [first] = parseLibrary(`@misc{a, title = "On " # tides}\n${filler}\n@string{tides = "Tides"}`, 'bibtex');
    expect(first).toMatchObject({ key: { title: 'On Tides' } });
    const [child] = parseLibrary(`@inproceedings{a, title = {On Tides}, crossref = {p}}\n${filler}\n@proceedings{p, title = {Proceedings}, year = 2015}`, 'bibtex');
    expect(child).toMatchObject({ key: { title: 'On Tides' }, record: { publishedOn: '2015-01-01' } });
  });

  test('in turns: the same, and others work in between', async () => {
    const text = Array.from({ length: 1500 }, (_, index) => `@article{k${index}, title = {Tides {\\'e} ${index}}, author = {Quell, T. and Barbo, I.}, year = 2020}\n`).join('');
    let turns = 0;
    const timer = setInterval(() => { turns += 1; }, 1);
    const entries = await parseLibraryInTurns(text, 'bibtex');
    clearInterval(timer);
    expect(entries).toEqual(parseLibrary(text, 'bibtex'));
    expect(turns).toBeGreaterThan(20);
  });

  test('without an entry: an error', () => {
    expect(() => parseLibrary('no entry', 'bibtex')).toThrow(new SourceError('the library must have an entry of BibTeX, received none'));
  });
});

describe('CSL-JSON', () => {
  test('a whole item', () => {
    const entry = csl({
      title: 'On <i>Tides</i>',
      author: [
        { family: 'Quell', given: 'Tomás', ORCID: 'https://orcid.org/0000-0002-1825-0097' },
        { literal: 'The Tide Group' },
        { family: 'Meer', given: 'Ludwig', 'non-dropping-particle': 'van der' },
      ],
      issued: { 'date-parts': [['2020', 3, 9]] },
      DOI: '10.5555/TIDES',
      abstract: '<jats:p>Water goes.</jats:p>',
      keyword: 'tides, moons',
      note: 'arXiv:2401.00001 [cs]',
    });
    expect(entry).toEqual({
      kind: 'PAPER',
      place: 'entry quell2020',
      key: { arxivId: '2401.00001', doi: '10.5555/tides', title: 'On Tides', firstAuthor: 'Tomás Quell' },
      record: {
        externalId: '2401.00001',
        title: 'On Tides',
        arxivId: '2401.00001',
        doi: '10.5555/tides',
        abstract: 'Water goes.',
        publishedOn: '2020-03-09',
        authors: [
          { name: 'Tomás Quell', orcid: 'https://orcid.org/0000-0002-1825-0097' },
          { name: 'The Tide Group', orcid: null },
          { name: 'Ludwig van der Meer', orcid: null },
        ],
        namedTags: [
          { name: 'tides', kind: 'KEYWORD', weight: 1 },
          { name: 'moons', kind: 'KEYWORD', weight: 1 },
        ],
        repos: [],
      },
      leftOut: [],
    });
  });

  test.each([
    [{ number: 'arXiv:2401.00001' }, '2401.00001'],
    [{ URL: 'http://arxiv.org/abs/2401.00001' }, '2401.00001'],
    [{ DOI: '10.48550/ARXIV.2401.00001' }, '2401.00001'],
    [{ number: 7 }, null],
  ])('%j: arXiv id %p', (fields, arxivId) => {
    expect(csl(fields).key).toMatchObject({ arxivId, doi: null });
  });

  test.each([
    [{ 'date-parts': [[2020]] }, '2020-01-01'],
    [{ 'date-parts': [[2020, 7]] }, '2020-07-01'],
    [{ raw: '2020-07-05' }, '2020-07-05'],
    [{ 'date-parts': [] }, null],
  ])('issued %j: %p', (issued, day) => {
    expect(csl({ issued }).record!.publishedOn).toBe(day);
  });

  test('a broken item is rejected, and the others are read', () => {
    const entries = parseLibrary(JSON.stringify([{ id: 1, title: 'A' }, { id: 'x', title: 7 }, 'y', { title: 'B', author: 'Quell' }, { title: 'C' }]), 'csl-json');
    expect(entries.map(({ kind, place }) => `${kind} ${place}`)).toEqual(['PAPER entry 1', 'REJECT entry x', 'REJECT record 3', 'REJECT record 4', 'PAPER record 5']);
    expect(entries[1]).toMatchObject({ title: null, fault: { field: 'title', rule: 'must be text', received: 7 } });
    expect(entries[3]).toMatchObject({ title: 'B', fault: { field: 'author', rule: 'must be a list', received: 'Quell' } });
  });

  test.each([['[{"title": ', /^the library must be CSL-JSON, received "\[\{/], ['7', /^the library must be a list of CSL-JSON items, received 7$/]])('%p: an error', (text, message) => {
    expect(() => parseLibrary(text, 'csl-json')).toThrow(message);
    expect(() => parseLibrary(text, 'csl-json')).toThrow(SourceError);
  });
});

describe('ids', () => {
  test.each([
    ['ARXIV:2106.15928', { arxivId: '2106.15928' }],
    ['arXiv:2106.15928v2', { arxivId: '2106.15928' }],
    ['2106.15928', { arxivId: '2106.15928' }],
    ['hep-th/9901001', { arxivId: 'hep-th/9901001' }],
    ['https://arxiv.org/abs/2106.15928', { arxivId: '2106.15928' }],
    ['URL:https://arxiv.org/pdf/2106.15928', { arxivId: '2106.15928' }],
    ['DOI:10.5555/Tides.1', { doi: '10.5555/tides.1', arxivId: null }],
    ['10.5555/tides', { doi: '10.5555/tides', arxivId: null }],
    ['https://doi.org/10.5555/tides', { doi: '10.5555/tides', arxivId: null }],
    ['10.48550/arXiv.2106.15928', { arxivId: '2106.15928' }],
    ['10.5555/(sici)1,2', { doi: '10.5555/(sici)1,2', arxivId: null }],
    ['DOI: 10.5555/tides', { doi: '10.5555/tides', arxivId: null }],
  ])('%s', (id, key) => {
    expect(parseLibrary(id, 'ids')).toEqual([{ kind: 'PAPER', place: 'line 1', key, record: null, leftOut: [] }]);
  });

  test.each(['CorpusId:215416146', '649def34f8be52c8b66281af98ae884c09aef38b', 'ACL:W12-3903', 'PMID:19872477', 'https://www.semanticscholar.org/paper/649def34'])('%s: rejected, since it is another service\'s', (id) => {
    expect(parseLibrary(id, 'ids')).toEqual([
      { kind: 'REJECT', place: 'line 1', title: null, fault: { field: 'id', rule: 'must be an arXiv id or a DOI: papers cannot be found by an id of another service', received: id } },
    ]);
  });

  test('one a line or with commas between', () => {
    const entries = parseLibrary('2106.15928, 10.5555/a,10.5555/b\r\n\r\n  arXiv:2401.00001,\nnonsense', 'ids');
    expect(entries.map(({ kind, place }) => `${kind} ${place}`)).toEqual(['PAPER line 1', 'PAPER line 1', 'PAPER line 1', 'PAPER line 3', 'REJECT line 4']);
    expect(entries[4]).toMatchObject({ fault: { received: 'nonsense', rule: expect.stringMatching(/^must be an arXiv id or a DOI, such as/) } });
  });
});

describe('the format', () => {
  test.each<[string, LibraryFormat]>([
    ['% a comment\n@Article{x, title = {Y}}', 'bibtex'],
    [' [{"id": 1}]', 'csl-json'],
    ['2106.15928', 'ids'],
    ['notes\nPMID:1', 'ids'],
  ])('of %j is %s', (text, format) => {
    expect(libraryFormatOf(text)).toBe(format);
  });

  test('of what is no library: an error', () => {
    expect(() => libraryFormatOf('Dear reader,\nsee you.')).toThrow(new SourceError('the library must be BibTeX, CSL-JSON or a list of ids, received "Dear reader,\\nsee you."'));
  });
});
