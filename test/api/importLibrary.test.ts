import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const IMPORT = `mutation ($input: ImportLibraryInput!) { importLibrary(input: $input) { upvotedCount unchangedCount rejects { place title field rule received } } }`;

let server: TestServer;
let papers: SeededPaper[];
let reader: Reader;

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, [
    { title: 'On the Tides of Small Ponds', doi: '10.5555/ponds', authors: ['Ada Example'] },
    { title: 'Currents', arxivId: '2603.00001', authors: ['Alan Sample'] },
    { title: 'Harbours without Ships', authors: ['Grace Instance'] },
  ]);
});
afterAll(() => server.stop());

const importing = async (content: string, format?: string, token = reader.token) => (await server.query(IMPORT, { token, variables: { input: { content, format } } })).importLibrary;
const upvoted = async (): Promise<string[]> =>
  (await server.query('query ($name: String!) { user(username: $name) { upvotedPapers(first: 9) { nodes { id } } } }', { variables: { name: reader.username } })).user.upvotedPapers.nodes.map(({ id }: any) => id).sort();

describe("a reader's own library", () => {
  test('in BibTeX becomes upvotes of the papers that are here; the others are told; repeating it changes nothing', async () => {
    reader = await seedReader(server);
    const content = `@article{ponds, title = {On the tides of small ponds}, author = {Example, Ada}, doi = {10.5555/PONDS}}
      @misc{currents, title = {Other words}, eprint = {2603.00001}, archivePrefix = {arXiv}}
      @book{harbours, title = {{Harbours} without {Ships}}, author = {Grace Instance}}
      @book{nowhere, title = {A Book Nobody Has Here}, author = {Nobody}}
      @misc{untitled, author = {Nobody}}`;
    const answer = await importing(content);
    expect(answer).toMatchObject({ upvotedCount: 3, unchangedCount: 0 });
    expect(answer.rejects.map(({ place, field }: any) => [place, field])).toEqual([['entry nowhere', 'paper'], ['entry untitled', 'title']]);
    expect(await upvoted()).toEqual(papers.map(({ id }) => id).sort());
    expect(await importing(content)).toMatchObject({ upvotedCount: 0, unchangedCount: 3 });
  });

  test('in CSL-JSON, and as a list of ids', async () => {
    reader = await seedReader(server);
    expect(await importing(JSON.stringify([{ id: 'a', title: 'Whatever', DOI: '10.5555/ponds' }, { id: 'b', title: 'Harbours without ships', author: [{ family: 'Instance', given: 'G.' }] }]), 'CSL_JSON')).toMatchObject({ upvotedCount: 2, rejects: [] });
    expect(await importing('ARXIV:2603.00001\nDOI:10.5555/ponds\nCorpusId:17\n')).toMatchObject({ upvotedCount: 1, unchangedCount: 1, rejects: [{ place: 'line 3' }] });
    expect(await upvoted()).toHaveLength(3);
  });

  test('changes the next recommendations', async () => {
    reader = await seedReader(server);
    const others = await seedPapers(server, [{ title: 'Otters by the Harbour', tags: [{ slug: 'otters', weight: 1 }] }, { title: 'More Otters', tags: [{ slug: 'otters', weight: 1 }] }, { title: 'Nothing of the kind' }]);
    await importing('@article{o, title = {Otters by the Harbour}}');
    const { recommendations } = await server.query('{ recommendations(first: 1) { nodes { id } edges { reasons { kind } } } }', { token: reader.token });
    expect(recommendations.nodes).toEqual([{ id: others[1]!.id }]);
    expect(recommendations.edges[0].reasons.map(({ kind }: any) => kind)).toContain('SHARED_TAG');
  });

  test.each<[string, string, string | undefined, RegExp]>([
    ['nothing', '  ', undefined, /^content must have 1 to 250000 characters, received 2/],
    ['too much', '@'.repeat(250_001), undefined, /^content must have 1 to 250000 characters, received 250001/],
    ['no library', 'Dear diary', undefined, /^content: the library must be BibTeX, CSL-JSON or a list of ids/],
    ['another format', '{"a": 1', 'CSL_JSON', /^content: /],
    ['too many entries', Array.from({ length: 1001 }, (_, index) => `2603.${10_000 + index}`).join('\n'), 'IDS', /^content must have at most 1000 entries, received 1001/],
  ])('is refused: %s', async (...[, content, format, message]) => {
    const error = await server.error(IMPORT, { token: reader.token, variables: { input: { content, format } } });
    expect(error).toMatchObject({ message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT', field: 'content' } });
  });

  test('that is made to take all time and memory is refused, and the server goes on', async () => {
    const levels = Array.from({ length: 8 }, (_, level) => `@string{a${level + 1} = ${Array(10).fill(`a${level}`).join(' # ')}}`);
    const bomb = [`@string{a0 = "${'x'.repeat(10)}"}`, ...levels, '@article{b, title = a8}'].join('\n');
    const strings = Array.from({ length: 9000 }, (_, index) => `@string{k${index}="v"}`).join('\n') + Array.from({ length: 9000 }, (_, index) => `\n@a{b${index}}`).join('');
    for (const content of [bomb, strings]) {
      const error = await server.error(IMPORT, { token: reader.token, variables: { input: { content } } });
      expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'content' } });
    }
    const blank = `${'\n'.repeat(249_990)}x`;
    expect(await server.error(IMPORT, { token: reader.token, variables: { input: { content: blank } } })).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    const longName = JSON.stringify([{ id: 'a', title: 'Harbours without Ships', author: [{ literal: `a${' '.repeat(200_000)}b` }] }]);
    await importing(longName, 'CSL_JSON');
    expect(await importing('2603.00001')).toMatchObject({ rejects: [] });
  }, 60_000);

  test('needs a reader', async () => {
    expect(await server.error(IMPORT, { variables: { input: { content: '2603.00001' } } })).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' } });
  });
});
