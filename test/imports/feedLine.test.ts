import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { LineError, parseFeedLine } from '../../src/imports/feedLine.js';

const parse = (value: unknown): ReturnType<typeof parseFeedLine> => parseFeedLine(JSON.stringify(value));
const LONG = 'An abstract of more than forty characters, as it should be.';
const EMPTY = { abstract: null, authors: [], repos: [] };

describe('a line', () => {
  test('of the feed', () => {
    const line = {
      arxivId: '2405.13729',
      title: 'ComboStoc',
      firstListedOn: '2026-05-05',
      lastListedOn: '2026-05-06',
      authors: ['Ada Lovelace', ' ', 'Alan Turing', ''],
      repos: ['https://github.com/Xrvitd/ComboStoc'],
      stars: 31,
      text: `  ${LONG}\n`,
    };
    expect(parse(line)).toEqual({
      record: {
        title: 'ComboStoc',
        arxivId: '2405.13729',
        abstract: LONG,
        publishedOn: undefined,
        listedOn: '2026-05-05',
        projectUrl: undefined,
        statedAuthorCount: undefined,
        originUpvoteCount: undefined,
        authors: ['Ada Lovelace', 'Alan Turing'],
        repos: [{ url: 'https://github.com/Xrvitd/ComboStoc', stars: 31 }],
      },
      notes: [],
    });
  });

  test('of the listing', () => {
    const line = { title: 'F4-ITS', abstract: LONG, authorCount: 3, publishedAt: '2025-08-23T10:11:12Z', count: 7, repos: [], projectPages: ['https://one.example/', 'https://two.example/'], listedOn: '2025-12-11' };
    expect(parse(line)).toEqual({
      record: { ...EMPTY, title: 'F4-ITS', abstract: LONG, publishedOn: '2025-08-23', listedOn: '2025-12-11', projectUrl: 'https://one.example/', statedAuthorCount: 3, originUpvoteCount: 7 },
      notes: [],
    });
  });

  test('with nulls in place of what is not known, and with fields that are not ours', () => {
    const nulls = ['arxivId', 'firstListedOn', 'listedOn', 'publishedAt', 'text', 'abstract', 'authors', 'authorCount', 'count', 'repos', 'stars', 'projectPages'];
    const { record, notes } = parse({ ...Object.fromEntries(nulls.map((name) => [name, null])), title: 'Alone', id: 'x', __proto__: { polluted: true } });
    expect(record).toMatchObject({ ...EMPTY, title: 'Alone' });
    expect(notes).toEqual([]);
  });

  test('with several repos: whose the stars are cannot be known', () => {
    const repos = ['https://github.com/a/b', 'https://gitlab.com/a/group/b/-/tree/main'];
    expect(parse({ title: 'Two', repos, stars: 9 }).record.repos).toEqual(repos.map((url) => ({ url, stars: null })));
    expect(parse({ title: 'None', repos: repos.slice(1), stars: 0 }).record.repos).toEqual([{ url: repos[1], stars: null }]);
  });

  test.each(['https://github.com/', 'https://github.com/owner', 'ftp://github.com/a/b', 'https://localhost/a/b', 'not a url', ''])('with %p among its repos: left out, and told', (url) => {
    const { record, notes } = parse({ title: 'X', repos: [url, 'https://github.com/a/b.git?tab=readme#top'], stars: 5 });
    expect(record.repos).toEqual([{ url: 'https://github.com/a/b.git?tab=readme#top', stars: 5 }]);
    expect(notes).toEqual([`repos: ${JSON.stringify(url)} is no address of a repository`]);
  });

  const TEXTS: [what: string, text: string, read: { abstract: string | null; notes: string[] }][] = [
    ['a remark', 'test', { abstract: null, notes: ['text: "test" is too short for an abstract (40 characters)'] }],
    ['white space', ' \n ', { abstract: null, notes: [] }],
    ['a novel', 'x'.repeat(20_001), { abstract: 'x'.repeat(20_000), notes: ['text: cut at 20000 characters'] }],
    ['a novel that is cut within a character', `${'x'.repeat(19_999)}🙂`, { abstract: `${'x'.repeat(19_999)}\uFFFD`, notes: ['text: cut at 20000 characters'] }],
    ['NUL', `${LONG}\0`, { abstract: `${LONG} `, notes: [] }],
  ];
  test.each(TEXTS)('with %s as its abstract', (_, text, { abstract, notes }) => {
    expect(parse({ title: 'X', text })).toMatchObject({ record: { abstract }, notes });
  });

  test.each([
    ['', /^the line must be JSON: /],
    ['{"title": "cut', /^the line must be JSON: /],
    ['[]', /^the line: /],
    ['null', /^the line: /],
    ['{}', /^title: .*received undefined/],
    ['{"title": null, "stars": "7"}', /^title: .*; stars: /],
    ['{"title": "X", "authors": [1]}', /^authors\.0: /],
    ['{"title": "X", "count": 1e999}', /^count: /],
    [JSON.stringify({ title: 'x'.repeat(1_000_000) }), /^the line must have at most 1000000 characters, received 1000012$/],
    ['['.repeat(900_000), /^the line must be JSON: /],
  ])('that is broken is refused with what is wrong (%#)', (line, message) => {
    const error = ((): unknown => {
      try {
        return parseFeedLine(line);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(LineError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message.length).toBeLessThan(500);
  });
});
