import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { atomFeed } from '../ingest/arxivFeeds.js';
import { busy, startFakeService, type FakeService } from '../support/fakeService.js';
import { seedReader, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const SUBMIT = `mutation ($input: SubmitPaperInput!) { submitPaper(input: $input) { isNew filledIn paper {
  id arxivId title abstract publishedAt listedAt doi arxivVersion authorCount
  authors(first: 5) { nodes { name } } tags(first: 5) { nodes { slug kind } } submittedBy { username }
  origins(first: 5) { nodes { source externalId fields } } } } }`;

let service: FakeService;
let server: TestServer;
let reader: Reader;

const PAPERS = [
  { id: '2603.00001', title: 'Otters at Rest', summary: 'What otters do when they do nothing.', more: '<arxiv:doi>10.5555/OTTERS</arxiv:doi>' },
  { id: '2603.00002', title: 'Otters at Work', summary: 'What otters do all day.' },
];

beforeAll(async () => {
  service = await startFakeService();
  service.on('/query', ({ query }) => {
    const ids = query.get('id_list')!.split(',');
    const found = PAPERS.filter(({ id }) => ids.includes(id));
    return { body: atomFeed(found, found.length) };
  });
  const sources = new Map([['arxiv', { schedule: null, options: [], url: `${service.url}/query`, token: null }]]);
  server = await startTestServer({ submissionLookup: true, ingest: { sources, contact: null } });
  reader = await seedReader(server);
});
afterAll(async () => {
  await server.stop();
  await service.close();
});

const submit = async (input: object) => (await server.query(SUBMIT, { token: reader.token, variables: { input } })).submitPaper;

test('an arXiv id alone is a whole paper, on the feed of now, and says what is whose', async () => {
  const before = Date.now();
  const { isNew, filledIn, paper } = await submit({ arxivId: 'arXiv:2603.00001v1' });
  expect(isNew).toBe(true);
  expect(filledIn).toEqual(['title', 'doi', 'abstract', 'publishedAt', 'arxivVersion', 'authors', 'tags']);
  expect(paper).toMatchObject({
    arxivId: '2603.00001', title: 'Otters at Rest', abstract: 'What otters do when they do nothing.', publishedAt: '2026-03-01T00:00:00.000Z',
    doi: '10.5555/otters', arxivVersion: 1, authors: { nodes: [{ name: 'Ada Example' }] }, tags: { nodes: [{ slug: 'cs-lg', kind: 'ARXIV_CATEGORY' }] },
    submittedBy: { username: reader.username },
  });
  expect(Date.parse(paper.listedAt)).toBeGreaterThanOrEqual(before);
  const fields = Object.fromEntries(paper.origins.nodes.map((origin: any) => [origin.source, [...origin.fields].sort()]));
  expect(fields).toEqual({ arxiv: ['abstract', 'arxivVersion', 'authors', 'doi', 'publishedAt', 'title'], submission: ['arxivId', 'listedAt'] });
  // Submitted again it is there: nobody is asked.
  const asked = service.requestsOf('/query').length;
  expect(await submit({ arxivId: '2603.00001' })).toMatchObject({ isNew: false, filledIn: [], paper: { id: paper.id } });
  expect(service.requestsOf('/query')).toHaveLength(asked);
});

test('what the submitter says stays, also when arXiv is imported later and says the same as now', async () => {
  const { filledIn, paper } = await submit({ arxivId: '2603.00002', title: 'Otters, Working', authors: ['Somebody Else'] });
  expect(filledIn).toEqual(['abstract', 'publishedAt', 'arxivVersion', 'tags']);
  expect(paper).toMatchObject({ title: 'Otters, Working', abstract: 'What otters do all day.', authors: { nodes: [{ name: 'Somebody Else' }] } });
  const { ingest } = server.services;
  const id = await ingest.create({ source: 'arxiv', options: { ids: '2603.00002' }, since: null, trigger: 'COMMAND', requestedById: null });
  await ingest.execute(id, { signal: new AbortController().signal });
  expect(await ingest.rows.get(id)).toMatchObject({ state: 'SUCCEEDED', added: 0, changed: 0, unchanged: 1 });
  // A later version is news.
  PAPERS[1] = { ...PAPERS[1]!, title: 'Otters at Hard Work' };
  const later = await ingest.create({ source: 'arxiv', options: { ids: '2603.00002', 'page-size': 100 }, since: null, trigger: 'COMMAND', requestedById: null });
  await ingest.execute(later, { signal: new AbortController().signal });
  expect((await server.query('query ($id: ID!) { paper(id: $id) { title } }', { variables: { id: paper.id } })).paper.title).toBe('Otters at Hard Work');
}, 60_000);

test('an id that arXiv does not know, and a title of the submitter, are a paper', async () => {
  expect(await submit({ arxivId: '2603.99999', title: 'Not there yet' })).toMatchObject({ isNew: true, filledIn: [], paper: { title: 'Not there yet', abstract: null } });
});

test('without arXiv a submission works with what it says, and asks for a title where it has none', async () => {
  service.spoil('/query', busy(503, '3600'), 100);
  expect(await submit({ arxivId: '2603.00003', title: 'While arXiv rests' })).toMatchObject({ isNew: true, filledIn: [], paper: { title: 'While arXiv rests' } });
  const error = await server.error(SUBMIT, { token: reader.token, variables: { input: { arxivId: '2603.00004' } } });
  expect(error).toMatchObject({ message: 'title must be given: arXiv does not tell it now, received null', extensions: { code: 'BAD_USER_INPUT', field: 'title' } });
}, 60_000);

test('nobody is asked for what is refused anyway', async () => {
  const asked = service.requestsOf('/query').length;
  const error = (input: object) => server.error(SUBMIT, { token: reader.token, variables: { input } });
  expect(await error({ title: null })).toMatchObject({ message: 'title must be given for a paper without arXiv id, received null' });
  expect(await error({ arxivId: '2603.00005', tags: ['no-such-tag'] })).toMatchObject({ extensions: { code: 'NOT_FOUND', field: 'tags' } });
  expect(await error({ arxivId: 'nonsense' })).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'arxivId' } });
  expect(service.requestsOf('/query')).toHaveLength(asked);
});
