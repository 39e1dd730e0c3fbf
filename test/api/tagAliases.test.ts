import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { seedPapers, seedReader, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const ADD = 'mutation ($input: AddTagAliasInput!) { addTagAlias(input: $input) { tag { slug aliases } } }';
const REMOVE = 'mutation ($input: RemoveTagAliasInput!) { removeTagAlias(input: $input) { tag { slug aliases } } }';
const CREATE = 'mutation ($input: CreateTagInput!) { createTag(input: $input) { isNew tag { slug name kind aliases } } }';
const TAG = 'query ($slug: String!) { tag(slug: $slug) { slug aliases } }';

let server: TestServer;
let curator: Reader;
let reader: Reader;
let ids: { readonly vision: string; readonly audio: string };

beforeAll(async () => {
  server = await startTestServer();
  [curator, reader] = [await seedReader(server, 'CURATOR'), await seedReader(server)];
  const weigh = (...slugs: string[]): { slug: string; weight: number }[] => slugs.map((slug) => ({ slug, weight: 1 }));
  await seedPapers(server, [
    { title: 'Seen', listedOn: '2026-01-01', tags: weigh('vision') },
    { title: 'Heard', listedOn: '2026-01-02', tags: weigh('audio') },
    { title: 'Seen and heard', listedOn: '2026-01-03', tags: weigh('vision', 'audio') },
  ]);
  const { vision, audio } = await server.query('{ vision: tag(slug: "vision") { id } audio: tag(slug: "audio") { id } }');
  ids = { vision: vision.id, audio: audio.id };
});
afterAll(() => server.stop());

const mutate = (document: string, input: Record<string, unknown>, by: Reader = curator): Promise<any> => server.query(document, { token: by.token, variables: { input } });
const refusal = (document: string, input: Record<string, unknown>, by: Reader | null = curator): Promise<any> => server.error(document, { token: by?.token ?? null, variables: { input } });
const found = async (slug: string): Promise<any> => (await server.query(TAG, { variables: { slug } })).tag;

describe('an alias', () => {
  beforeAll(() => mutate(ADD, { tagId: ids.vision, alias: 'computer-vision' }));

  test('finds its tag, as often as its slug does', async () => {
    const tag = { slug: 'vision', aliases: ['computer-vision'] };
    for (let time = 0; time < 4; time += 1) expect([await found('computer-vision'), await found('vision')]).toEqual([tag, tag]);
    expect(await found('computer')).toBeNull();
  });

  test.each<[Record<string, unknown>, string[]]>([
    [{ any: ['computer-vision'] }, ['Seen', 'Seen and heard']],
    [{ any: ['computer-vision', 'vision'] }, ['Seen', 'Seen and heard']],
    [{ any: ['computer-vision', 'audio'] }, ['Heard', 'Seen', 'Seen and heard']],
    [{ all: ['computer-vision', 'vision', 'audio'] }, ['Seen and heard']],
    [{ any: ['none-such'], all: ['computer-vision'] }, []],
  ])('filters papers: %j', async (tags, titles) => {
    for (let time = 0; time < 4; time += 1) {
      const { papers } = await server.query('query ($filter: PaperFilter) { papers(filter: $filter) { totalCount nodes { title } } }', { variables: { filter: { tags } } });
      expect([papers.totalCount, papers.nodes.map((paper: any) => paper.title).sort()]).toEqual([titles.length, titles]);
    }
  });

  test('names its tag to whoever follows it, or gives it to a paper', async () => {
    const follow = (name: string): Promise<any> => server.query(`mutation { ${name}(input: { tagSlug: "computer-vision" }) { tag { slug followerCount viewerFollows } } }`, { token: reader.token });
    expect((await follow('followTag')).followTag.tag).toEqual({ slug: 'vision', followerCount: 1, viewerFollows: true });
    expect((await follow('unfollowTag')).unfollowTag.tag).toEqual({ slug: 'vision', followerCount: 0, viewerFollows: false });
    const { papers } = await server.query('{ papers(filter: { text: "heard" }) { nodes { id title } } }');
    const heard = papers.nodes.find((paper: any) => paper.title === 'Heard').id as string;
    const edit = (name: string): Promise<any> => server.query(`mutation { ${name}(input: { paperId: "${heard}", tagSlug: "computer-vision" }) { paper { tags { nodes { slug } } } } }`, { token: curator.token });
    expect((await edit('tagPaper')).tagPaper.paper.tags.nodes).toHaveLength(2);
    expect((await edit('untagPaper')).untagPaper.paper.tags.nodes).toEqual([{ slug: 'audio' }]);
  });

  test('makes createTag find its tag, which stays as it was', async () => {
    const kept = { isNew: false, tag: { slug: 'vision', name: 'vision', kind: 'KEYWORD', aliases: ['computer-vision'] } };
    expect((await mutate(CREATE, { name: 'Computer Vision', kind: 'TASK' })).createTag).toEqual(kept);
    expect((await mutate(CREATE, { name: 'Anything', slug: 'computer-vision', kind: 'TASK' })).createTag).toEqual(kept);
  });

  test('is what a tag is found by, not what lists of tags are read by', async () => {
    const { tags } = await server.query('{ tags(prefix: "computer") { totalCount nodes { slug } } }');
    expect(tags).toEqual({ totalCount: 0, nodes: [] });
  });
});

describe('addTagAlias', () => {
  test('repeated, changes nothing, nor does the slug of the tag itself', async () => {
    const add = async (alias: string): Promise<any> => (await mutate(ADD, { tagId: ids.audio, alias })).addTagAlias.tag;
    const once = { slug: 'audio', aliases: ['sound'] };
    expect([await add('sound'), await add('sound'), await add('audio')]).toEqual([once, once, once]);
    expect((await add('noise')).aliases).toEqual(['noise', 'sound']);
  });

  test.each([['audio', 'the slug "audio" names the tag "audio"'], ['sound', 'the slug "sound" names the tag "audio"']])('refuses %s, which names another tag', async (alias, message) => {
    expect(await refusal(ADD, { tagId: ids.vision, alias })).toMatchObject({ message, extensions: { code: 'CONFLICT', field: 'alias' } });
    expect((await found(alias)).slug).toBe('audio');
  });

  test.each(['', 'Sound', 'two--hyphens', '-sound', 'x'.repeat(81)])('refuses %j, which is no slug', async (alias) => {
    expect(await refusal(ADD, { tagId: ids.audio, alias })).toMatchObject({
      message: `alias must be lower-case letters and digits in groups joined by hyphens, at most 80 characters, received ${JSON.stringify(alias).slice(0, 80)}${alias.length > 80 ? '… (83 characters)' : ''}`,
      extensions: { code: 'BAD_USER_INPUT', field: 'alias' },
    });
  });

  test('needs a tag', async () => {
    expect(await refusal(ADD, { tagId: toGlobalId('Tag', 999_999), alias: 'fine' })).toMatchObject({ message: 'there is no such tag', extensions: { code: 'NOT_FOUND', field: 'tagId' } });
    expect((await refusal(ADD, { tagId: toGlobalId('Paper', 1), alias: 'fine' })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'tagId' });
  });

  test('gives a tag 20 and no more, also where many come at once; those that it has may come again', async () => {
    const { tag } = (await mutate(CREATE, { name: 'Many', kind: 'KEYWORD' })).createTag;
    const tagId = toGlobalId('Tag', (await server.services.tags.getBySlug(tag.slug as string)).rowId);
    const answers = await Promise.all(Array.from({ length: 25 }, (_, n) => server.send(ADD, { token: curator.token, variables: { input: { tagId, alias: `many-${n}` } } })));
    const refused = answers.flatMap(({ errors }) => errors);
    expect(refused.map(({ message, extensions }) => [message.replace(/\d+"$/, 'n"'), extensions])).toEqual(
      Array.from({ length: 5 }, () => ['alias must leave its tag with at most 20 aliases, received "many-n"', { code: 'BAD_USER_INPUT', field: 'alias' }]),
    );
    const { aliases } = await found('many');
    expect(aliases).toHaveLength(20);
    expect((await mutate(ADD, { tagId, alias: aliases[7] })).addTagAlias.tag.aliases).toEqual(aliases);
  });

  test('and createTag, when they come at once with one slug, leave it to one tag', async () => {
    for (let round = 0; round < 8; round += 1) {
      const slug = `contested-${round}`;
      const [added, created] = await Promise.all([
        server.send(ADD, { token: curator.token, variables: { input: { tagId: ids.vision, alias: slug } } }),
        server.send(CREATE, { token: curator.token, variables: { input: { name: slug, kind: 'TASK' } } }),
      ]);
      const owner = (await found(slug)).slug;
      if (owner === 'vision') expect([added.errors, created.data]).toEqual([[], { createTag: expect.objectContaining({ isNew: false }) }]);
      else expect([owner, added.errors.map(({ extensions }) => extensions.code), created.data]).toEqual([slug, ['CONFLICT'], { createTag: expect.objectContaining({ isNew: true }) }]);
      await server.database.rows(sql`DELETE FROM tag_aliases WHERE slug = ${slug}`);
    }
  });
});

describe('removeTagAlias', () => {
  test('takes the alias, and repeated changes nothing', async () => {
    await mutate(ADD, { tagId: ids.audio, alias: 'passing' });
    const { aliases } = await found('passing');
    expect((await mutate(REMOVE, { alias: 'passing' })).removeTagAlias.tag).toEqual({ slug: 'audio', aliases: (aliases as string[]).filter((alias) => alias !== 'passing') });
    expect((await mutate(REMOVE, { alias: 'passing' })).removeTagAlias.tag).toBeNull();
    expect(await found('passing')).toBeNull();
  });

  test('leaves a slug that is no alias', async () => {
    expect((await mutate(REMOVE, { alias: 'audio' })).removeTagAlias.tag).toBeNull();
    expect((await found('audio')).slug).toBe('audio');
  });

  test('lets another tag have the slug', async () => {
    await mutate(ADD, { tagId: ids.audio, alias: 'moving' });
    await mutate(REMOVE, { alias: 'moving' });
    expect((await mutate(CREATE, { name: 'Moving', kind: 'TASK' })).createTag).toMatchObject({ isNew: true, tag: { slug: 'moving' } });
  });
});

test.each([['addTagAlias', ADD], ['removeTagAlias', REMOVE]])('%s is for curators', async (_, document) => {
  const input = document === ADD ? { tagId: ids.audio, alias: 'by-whom' } : { alias: 'by-whom' };
  expect((await refusal(document, input, null)).extensions.code).toBe('UNAUTHENTICATED');
  expect(await refusal(document, input, reader)).toMatchObject({ message: 'this needs the role CURATOR, the viewer has READER', extensions: { code: 'FORBIDDEN' } });
  expect(await found('by-whom')).toBeNull();
});
