import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedReader, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FIELDS = `id title arxivId abstract publishedAt projectUrl authorCount submittedBy { username }
  authors { nodes { name } } tags { edges { weight node { slug } } } repos { edges { isOfficial node { url } } }`;
const SUBMIT = `mutation ($input: SubmitPaperInput!) { submitPaper(input: $input) { isNew paper { listedAt ${FIELDS} } } }`;
const UPDATE = `mutation ($input: UpdatePaperInput!) { updatePaper(input: $input) { paper { ${FIELDS} } } }`;

let server: TestServer;
let submitter: Reader;
let stranger: Reader;
let curator: Reader;

beforeAll(async () => {
  server = await startTestServer();
  [submitter, stranger, curator] = [await seedReader(server), await seedReader(server), await seedReader(server, 'CURATOR')];
  for (const name of ['Vision', 'Video', 'Audio']) await server.services.tags.create({ name, kind: 'TASK' });
});
afterAll(() => server.stop());

const mutate = (document: string, input: Record<string, unknown>, by: Reader = submitter): Promise<any> => server.query(document, { token: by.token, variables: { input } });
const refusal = (document: string, input: Record<string, unknown>, by: Reader | null = submitter): Promise<any> => server.error(document, { token: by?.token ?? null, variables: { input } });
const NODE_OF_TAG = (slug: string, weight = 1): unknown => ({ weight, node: { slug } });

async function rowCounts(): Promise<number[]> {
  const { prisma } = server.database;
  return [await prisma.paper.count(), await prisma.author.count(), await prisma.repo.count(), await prisma.paperTag.count()];
}

describe('submitPaper', () => {
  test('puts a paper with all its fields on the feed of now', async () => {
    const { submitPaper } = await mutate(SUBMIT, {
      title: '  A  new\n paper ', arxivId: '2412.01234v2', abstract: ' What it says. ', publishedOn: '2024-12-01', projectUrl: 'https://example.com/p',
      authors: ['Zoe  Last', 'Ada First', 'Zoe Last'], tags: ['video', 'vision', 'video'], repos: ['https://github.com/lab/new.git', 'https://github.com/Lab/New'],
    });
    const { listedAt, id, ...fields } = submitPaper.paper;
    expect(submitPaper.isNew).toBe(true);
    expect(Math.abs(Date.parse(listedAt) - Date.now())).toBeLessThan(60_000);
    expect(fields).toEqual({
      title: 'A new paper', arxivId: '2412.01234', abstract: 'What it says.', publishedAt: '2024-12-01T00:00:00.000Z', projectUrl: 'https://example.com/p',
      authorCount: 2, submittedBy: { username: submitter.username }, authors: { nodes: [{ name: 'Zoe Last' }, { name: 'Ada First' }] },
      tags: { edges: [NODE_OF_TAG('vision'), NODE_OF_TAG('video')] }, repos: { edges: [{ isOfficial: false, node: { url: expect.stringMatching(/^https:\/\/github.com\/lab\/new$/i) } }] },
    });
    expect((await server.query('{ feed(orderBy: NEWEST) { papers(first: 1) { nodes { id } } } }')).feed.papers.nodes).toEqual([{ id }]);
  });

  test('needs a title alone', async () => {
    const { submitPaper } = await mutate(SUBMIT, { title: 'x'.repeat(500) });
    expect(submitPaper.paper).toMatchObject({ arxivId: null, abstract: null, publishedAt: null, projectUrl: null, authorCount: null, authors: { nodes: [] }, tags: { edges: [] }, repos: { edges: [] } });
  });

  test('gives the paper that has the arXiv id already, as it is', async () => {
    const before = await rowCounts();
    const first = (await mutate(SUBMIT, { title: 'Once', arxivId: '2501.00001' })).submitPaper;
    const again = (await mutate(SUBMIT, { title: 'Twice', arxivId: 'arXiv:2501.00001v9', authors: ['Somebody Else'], tags: ['video'] }, stranger)).submitPaper;
    expect([first.isNew, again.isNew]).toEqual([true, false]);
    expect(again.paper).toEqual(first.paper);
    const votes = async (): Promise<any> => (await server.query('{ paper(arxivId: "2501.00001") { upvoteCount upvotes { nodes { username } } } }')).paper;
    expect(await votes()).toEqual({ upvoteCount: 1, upvotes: { nodes: [{ username: stranger.username }] } });
    // Once a reader, however often and in whatever spelling.
    await mutate(SUBMIT, { arxivId: 'https://arxiv.org/pdf/2501.00001v2.pdf' }, stranger);
    expect((await votes()).upvoteCount).toBe(1);
    const together = await Promise.all([1, 2, 3].map((n) => mutate(SUBMIT, { title: `Together ${n}`, arxivId: '2501.00002' })));
    expect(together.filter((answer) => answer.submitPaper.isNew)).toHaveLength(1);
    expect(new Set(together.map((answer) => answer.submitPaper.paper.id)).size).toBe(1);
    expect(await rowCounts()).toEqual([before[0]! + 2, ...before.slice(1)]);
  });

  test('with an unknown tag writes nothing', async () => {
    const before = await rowCounts();
    expect(await refusal(SUBMIT, { title: 'Half', authors: ['New Author'], tags: ['video', 'no-such-tag'], repos: ['https://github.com/lab/half'] })).toMatchObject({
      message: 'there is no tag "no-such-tag"',
      extensions: { code: 'NOT_FOUND', field: 'tags' },
    });
    expect(await rowCounts()).toEqual(before);
  });

  const long = (prefix: string): string => `${prefix}${'a'.repeat(2000)}`;
  // Letters that do not compress: what is too long for an index must be refused before it gets there.
  const scattered = Array.from({ length: 9000 }, (_, index) => String.fromCharCode(97 + ((index * index * 7919) % 9973) % 26)).join('');
  test.each<[string, RegExp, Record<string, unknown>]>([
    ['title', /^title must have 1 to 500 characters, received ""$/, { title: '' }],
    ['title', /^title must have 1 to 500 characters, received " "$/, { title: ' \n ' }],
    ['title', /^title must have 1 to 500 characters, received "x+… \(503 characters\)$/, { title: 'x'.repeat(501) }],
    ['title', /^title must be well-formed text/, { title: 'half a pair: \ud83d' }],
    ['arxivId', /^arxivId must be an arXiv id such as 2412.01234 or hep-th\/9901001, received "nonsense"$/, { arxivId: 'nonsense' }],
    ['arxivId', /^arxivId must/, { arxivId: '' }],
    ['arxivId', /^arxivId must/, { arxivId: `${scattered}/9901001` }],
    ['abstract', /^abstract must have 1 to 20000 characters, received ""$/, { abstract: '' }],
    ['abstract', /^abstract must have 1 to 20000 characters, received "a+… \(20003 characters\)$/, { abstract: 'a'.repeat(20_001) }],
    ['publishedOn', /^publishedOn must be between 1900-01-01 and today, received "2999-01-01"$/, { publishedOn: '2999-01-01' }],
    ['publishedOn', /^publishedOn must be between 1900-01-01 and today, received "1899-12-31"$/, { publishedOn: '1899-12-31' }],
    ['projectUrl', /^projectUrl must be an http or https URL of at most 2000 characters, received "javascript:alert\(1\)"$/, { projectUrl: 'javascript:alert(1)' }],
    ['projectUrl', /^projectUrl must be an http or https URL/, { projectUrl: long('https://example.com/') }],
    ['authors', /^authors must have 1 to 200 characters, received " "$/, { authors: ['Ada', ' '] }],
    ['authors', /^authors must have 1 to 200 characters/, { authors: ['A'.repeat(201)] }],
    ['authors', /^authors must have at most 1000 items, received 1001$/, { authors: Array.from({ length: 1001 }, (_, n) => `Author ${n}`) }],
    ['tags', /^tags must be lower-case letters and digits in groups joined by hyphens, at most 80 characters, received "Video!"$/, { tags: ['Video!'] }],
    ['tags', /^tags must have at most 20 items, received 21$/, { tags: Array.from({ length: 21 }, (_, n) => `tag-${n}`) }],
    ['repos', /^repos must be the address of a repository such as https:\/\/github.com\/owner\/name, received "https:\/\/github.com\/lab"$/, { repos: ['https://github.com/lab'] }],
    ['repos', /^repos must have at most 20 items, received 21$/, { repos: Array.from({ length: 21 }, (_, n) => `https://github.com/lab/${n}`) }],
    ['repos', /^repos must be the address of a repository/, { repos: [`https://gitlab.com/${[1, 2, 3].map((n) => `${n}`.repeat(90)).join('/')}/name`] }],
  ])('refuses a bad %s: %s', async (field, message, input) => {
    const before = await rowCounts();
    expect(await refusal(SUBMIT, { title: 'Bad', ...input })).toMatchObject({ message: expect.stringMatching(message), extensions: { code: 'BAD_USER_INPUT', field } });
    expect(await rowCounts()).toEqual(before);
  });

  test('takes the longest byline, abstract and lists that it allows', async () => {
    const authors = Array.from({ length: 1000 }, (_, n) => `Author number ${n}`);
    const { submitPaper } = await mutate(SUBMIT, { title: 'Big', authors, abstract: '字'.repeat(20_000), repos: Array.from({ length: 20 }, (_, n) => `https://github.com/big/${n}`) });
    expect(submitPaper.paper).toMatchObject({ authorCount: 1000, authors: { nodes: authors.slice(0, 20).map((name) => ({ name })) }, repos: { edges: { length: 20 } } });
  });
});

describe('updatePaper', () => {
  const full = { title: 'Before', abstract: 'Old', publishedOn: '2025-01-01', projectUrl: 'https://example.com/old', authors: ['Ada', 'Bo'] };
  let id: string;
  beforeAll(async () => {
    id = (await mutate(SUBMIT, full)).submitPaper.paper.id;
  });
  const before = { title: 'Before', abstract: 'Old', publishedAt: '2025-01-01T00:00:00.000Z', projectUrl: 'https://example.com/old', authors: { nodes: [{ name: 'Ada' }, { name: 'Bo' }] } };

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['keeps what is left out', {}, before],
    ['empties what is null', { abstract: null, publishedOn: null, projectUrl: null }, { ...before, abstract: null, publishedAt: null, projectUrl: null }],
    ['keeps the byline where it is null', { authors: null, title: 'After' }, { ...before, title: 'After' }],
    ['replaces the byline', { authors: ['Cy', 'Ada'] }, { ...before, authors: { nodes: [{ name: 'Cy' }, { name: 'Ada' }] } }],
    ['empties the byline', { authors: [] }, { ...before, authors: { nodes: [] }, authorCount: null }],
    ['changes every field', { title: 'New', abstract: 'New', publishedOn: '2025-02-02', projectUrl: 'http://example.com/new' }, { ...before, title: 'New', abstract: 'New', publishedAt: '2025-02-02T00:00:00.000Z', projectUrl: 'http://example.com/new' }],
  ])('%s', async (_, input, after) => {
    const { updatePaper } = await mutate(UPDATE, { paperId: id, ...input });
    expect(updatePaper.paper).toMatchObject(after);
    expect((await server.query(`query ($id: ID!) { paper(id: $id) { ${FIELDS} } }`, { variables: { id } })).paper).toEqual(updatePaper.paper);
    expect((await mutate(UPDATE, { paperId: id, ...full }, curator)).updatePaper.paper).toMatchObject(before);
  });

  test('is noted where a curator changed something, field by field, and not when it is repeated', async () => {
    const admin = await seedReader(server, 'ADMIN');
    const noted = async (): Promise<number> => (await server.query('{ auditLog(filter: { action: EDIT }) { totalCount } }', { token: admin.token })).auditLog.totalCount;
    const first = await noted();
    for (const [field, value] of Object.entries({ title: 'Noted', abstract: null, publishedOn: '2024-12-31', projectUrl: null, authors: ['Bo'] })) {
      const count = await noted();
      for (let turn = 0; turn < 2; turn += 1) await mutate(UPDATE, { paperId: id, [field]: value }, curator);
      expect([field, await noted()]).toEqual([field, count + 1]);
    }
    await mutate(UPDATE, { paperId: id, ...full });
    expect(await noted()).toBe(first + 5);
  });

  test('is found by its new words at once', async () => {
    await mutate(UPDATE, { paperId: id, title: 'Zymurgy' });
    expect((await server.query('{ papers(filter: { text: "zymurgy" }) { nodes { id } } }')).papers.nodes).toEqual([{ id }]);
    await mutate(UPDATE, { paperId: id, ...full });
    expect((await server.query('{ papers(filter: { text: "zymurgy" }) { totalCount } }')).papers.totalCount).toBe(0);
  });

  test.each<[string, Record<string, unknown>]>([
    ['title', { title: null }], ['title', { title: ' ' }], ['abstract', { abstract: '' }], ['publishedOn', { publishedOn: '2999-01-01' }],
    ['projectUrl', { projectUrl: 'ftp://example.com/' }], ['authors', { authors: [''] }],
  ])('refuses a bad %s and changes nothing', async (field, input) => {
    const error = await refusal(UPDATE, { paperId: id, abstract: 'Changed', ...input });
    expect(error).toMatchObject({ message: expect.stringMatching(`^${field} must `), extensions: { code: 'BAD_USER_INPUT', field } });
    expect((await server.query('query ($id: ID!) { paper(id: $id) { abstract } }', { variables: { id } })).paper.abstract).toBe('Old');
  });
});
