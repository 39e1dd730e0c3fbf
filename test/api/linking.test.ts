import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPaper, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const TAG = 'mutation ($input: TagPaperInput!) { tagPaper(input: $input) { paper { tags { totalCount edges { weight node { slug paperCount } } } } } }';
const UNTAG = 'mutation ($input: UntagPaperInput!) { untagPaper(input: $input) { paper { tags { totalCount nodes { slug } } } } }';
const LINK = 'mutation ($input: LinkRepoInput!) { linkRepo(input: $input) { repo { id host owner name url paperCount } paper { repos { totalCount edges { isOfficial node { url } } } } } }';
const UNLINK = 'mutation ($input: UnlinkRepoInput!) { unlinkRepo(input: $input) { paper { repos { totalCount nodes { url } } } } }';
const CREATE_TAG = 'mutation ($input: CreateTagInput!) { createTag(input: $input) { isNew tag { slug name kind paperCount } } }';

let server: TestServer;
let submitter: Reader;
let curator: Reader;
let paper: SeededPaper;

beforeAll(async () => {
  server = await startTestServer();
  [submitter, curator] = [await seedReader(server), await seedReader(server, 'CURATOR')];
  for (const name of ['Vision', 'Video', 'Audio']) await server.services.tags.create({ name, kind: 'TASK' });
  paper = await seedPaper(server, { title: 'Mine', listedOn: '2026-01-01', submittedById: submitter.rowId });
});
afterAll(() => server.stop());

const mutate = (document: string, input: Record<string, unknown>, by: Reader = submitter): Promise<any> => server.query(document, { token: by.token, variables: { input } });
const refusal = (document: string, input: Record<string, unknown>, by: Reader | null = submitter): Promise<any> => server.error(document, { token: by?.token ?? null, variables: { input } });

describe('tagPaper and untagPaper', () => {
  test('give, weigh and take a tag; repeating changes nothing', async () => {
    const give = (tagSlug: string, more: Record<string, unknown> = {}): Promise<any> => mutate(TAG, { paperId: paper.id, tagSlug, ...more });
    expect((await give('audio')).tagPaper.paper.tags).toMatchObject({ totalCount: 1, edges: [{ weight: 1, node: { slug: 'audio', paperCount: 1 } }] });
    const twice = [await give('audio', { weight: 0.25 }), await give('audio', { weight: 0.25 })].map((answer) => answer.tagPaper.paper.tags);
    expect(twice[0]).toMatchObject({ totalCount: 1, edges: [{ weight: 0.25, node: { paperCount: 1 } }] });
    expect(twice[1]).toEqual(twice[0]);
    expect((await give('video', { weight: 0.5 })).tagPaper.paper.tags.edges).toMatchObject([{ weight: 0.5, node: { slug: 'video' } }, { weight: 0.25, node: { slug: 'audio' } }]);
    const take = async (): Promise<any> => (await mutate(UNTAG, { paperId: paper.id, tagSlug: 'audio' })).untagPaper.paper.tags;
    expect([await take(), await take()]).toEqual(Array.from({ length: 2 }, () => ({ totalCount: 1, nodes: [{ slug: 'video' }] })));
    await mutate(UNTAG, { paperId: paper.id, tagSlug: 'video' });
  });

  test.each([0, -0.5, 1.0001, 1e300])('refuse the weight %d', async (weight) => {
    expect(await refusal(TAG, { paperId: paper.id, tagSlug: 'audio', weight })).toMatchObject({
      message: `weight must be above 0 and at most 1, received ${JSON.stringify(weight)}`,
      extensions: { code: 'BAD_USER_INPUT', field: 'weight' },
    });
  });

  test.each([['tagPaper', TAG], ['untagPaper', UNTAG]])('refuse a tag that is not there: %s', async (_, document) => {
    expect(await refusal(document, { paperId: paper.id, tagSlug: 'no-such-tag' })).toMatchObject({ message: 'there is no tag "no-such-tag"', extensions: { code: 'NOT_FOUND', field: 'tagSlug' } });
  });
});

describe('linkRepo and unlinkRepo', () => {
  const link = async (url: string, more: Record<string, unknown> = {}): Promise<any> => (await mutate(LINK, { paperId: paper.id, url, ...more })).linkRepo;

  test('know one repository by all its addresses', async () => {
    const first = await link('https://github.com/Owner/Some.Repo-1');
    expect(first.repo).toMatchObject({ host: 'github.com', owner: 'Owner', name: 'Some.Repo-1', url: 'https://github.com/Owner/Some.Repo-1', paperCount: 1 });
    const forms = ['.git', '/', '.git/', '/tree/main', '/blob/main/README.md', '/issues/3?q=x#top', '?tab=readme', '#usage'].map((end) => `https://github.com/Owner/Some.Repo-1${end}`);
    for (const url of [...forms, 'http://github.com/Owner/Some.Repo-1', 'https://www.github.com/owner/some.repo-1', 'https://GitHub.com/OWNER/SOME.REPO-1', 'https://github.com//Owner//Some.Repo-1']) {
      const again = await link(url);
      expect([url, again.repo, again.paper.repos.totalCount]).toEqual([url, first.repo, 1]);
      const { repo } = await server.query('query ($url: URL!) { repo(url: $url) { id } }', { variables: { url } });
      expect([url, repo]).toEqual([url, { id: first.repo.id }]);
    }
    const group = await link('https://gitlab.com/group/sub/name/-/tree/main');
    expect(group.repo).toMatchObject({ host: 'gitlab.com', owner: 'group/sub', name: 'name' });
    for (const { id: repoId } of [first.repo, group.repo]) await mutate(UNLINK, { paperId: paper.id, repoId });
  });

  test.each(['https://github.com', 'https://github.com/owner', 'https://github.com/owner/.git', 'https://github.com/own%20er/name', 'https://example.com/', 'ftp://github.com/owner/name', 'https://localhost/owner/name', 'https://127.0.0.1/owner/name', 'https://gitlab.com/1/2/3/4/5/6/7', `https://github.com/owner/${'n'.repeat(101)}`, 'mailto:a@b.c'])(
    'refuse %s, which is no repository',
    async (url) => {
      const received = new URL(url).href;
      expect(await refusal(LINK, { paperId: paper.id, url })).toMatchObject({ message: expect.stringContaining('url must be the address of a repository such as https://github.com/owner/name, received "'), extensions: { code: 'BAD_USER_INPUT', field: 'url' } });
      expect((await server.error('query ($url: URL!) { repo(url: $url) { id } }', { variables: { url } })).message).toContain(received.slice(0, 30));
    },
  );

  test('keep isOfficial where it is left out, and list official repos first', async () => {
    const states = async (url: string, more = {}): Promise<unknown> => (await link(url, more)).paper.repos.edges.map((edge: any) => [edge.node.url.split('/').at(-1), edge.isOfficial]);
    expect(await states('https://github.com/lab/one')).toEqual([['one', false]]);
    expect(await states('https://github.com/lab/two')).toEqual([['two', false], ['one', false]]);
    expect(await states('https://github.com/lab/one', { isOfficial: true })).toEqual([['one', true], ['two', false]]);
    expect(await states('https://github.com/lab/one')).toEqual([['one', true], ['two', false]]);
    expect(await states('https://github.com/lab/one', { isOfficial: null })).toEqual([['one', true], ['two', false]]);
    expect(await states('https://github.com/lab/one', { isOfficial: false })).toEqual([['two', false], ['one', false]]);
  });

  test('take a link back; repeating changes nothing, and the repo stays', async () => {
    const { repo } = await link('https://github.com/lab/three');
    const unlink = async (): Promise<any> => (await mutate(UNLINK, { paperId: paper.id, repoId: repo.id })).unlinkRepo.paper.repos;
    const left = { totalCount: 2, nodes: [{ url: 'https://github.com/lab/two' }, { url: 'https://github.com/lab/one' }] };
    expect([await unlink(), await unlink()]).toEqual([left, left]);
    expect((await server.query('query ($id: ID!) { repo(id: $id) { paperCount } }', { variables: { id: repo.id } })).repo).toEqual({ paperCount: 0 });
    expect(await refusal(UNLINK, { paperId: paper.id, repoId: Buffer.from('Repo:999999').toString('base64url') })).toMatchObject({ message: 'there is no such repo', extensions: { code: 'NOT_FOUND', field: 'repoId' } });
    expect((await refusal(UNLINK, { paperId: paper.id, repoId: paper.id })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'repoId' });
  });
});

describe('createTag', () => {
  test('makes a tag, and leaves one of its slug as it was', async () => {
    const first = await mutate(CREATE_TAG, { name: ' Chain-of-Thought (CoT) ', kind: 'METHOD' }, curator);
    expect(first.createTag).toEqual({ isNew: true, tag: { slug: 'chain-of-thought-cot', name: 'Chain-of-Thought (CoT)', kind: 'METHOD', paperCount: 0 } });
    const again = await mutate(CREATE_TAG, { name: 'Other', slug: 'chain-of-thought-cot', kind: 'TASK' }, curator);
    expect(again.createTag).toEqual({ ...first.createTag, isNew: false });
    expect((await mutate(CREATE_TAG, { name: 'Écran à Été', kind: 'KEYWORD' }, curator)).createTag.tag.slug).toBe('ecran-a-ete');
  });

  test.each<[string, Record<string, unknown>]>([
    ['name', { name: ' ' }], ['name', { name: 'x'.repeat(81) }], ['slug', { name: 'A', slug: 'Not A Slug' }], ['slug', { name: 'A', slug: '' }], ['slug', { name: 'A', slug: 'a--b' }], ['slug', { name: 'A', slug: 'a'.repeat(81) }], ['slug', { name: '漢字' }],
  ])('refuses a bad %s: %j', async (field, input) => {
    const error = await refusal(CREATE_TAG, { kind: 'TASK', ...input }, curator);
    expect(error).toMatchObject({ message: expect.stringMatching(`^${field} must `), extensions: { code: 'BAD_USER_INPUT', field } });
  });
});
