import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { createServices, type Services } from '../../src/services.js';
import { familyNameOf } from '../../src/submissions/paperMatching.js';
import { checkedItem } from '../../src/ingest/itemChecks.js';
import type { SourceRecord } from '../../src/ingest/source.js';
import type { Written } from '../../src/submissions/paperWriter.service.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

const NOW = new Date('2026-06-30T12:00:00Z');
const RANKS = new Map([['archive', 8], ['feed', 6], ['library', 2]]);

const SUBMITTER = { id: 1, username: 'submitter', role: 'READER', scopes: ['READ', 'VOTE', 'WRITE', 'ADMIN'] } as const;

let opened: TestDatabase;
let services: Services;

beforeAll(async () => {
  opened = await createTestDatabase();
  services = createServices(opened.database, { sessionDays: 1, recommenderThreads: 0 });
});
beforeEach(async () => {
  for (const table of ['papers', 'authors', 'repos', 'tags']) await opened.database.prisma.$executeRawUnsafe(`DELETE FROM ${table}`);
});
afterAll(() => opened.drop());

const write = (source: string, records: readonly SourceRecord[]): Promise<Written[]> => {
  const named = records.map((record) => checkedItem(record, NOW).named!);
  return opened.database.bulkTransaction((reader) => services.writer.write(reader, { source, ranks: RANKS, now: NOW }, named));
};
const outcomes = async (source: string, ...records: SourceRecord[]): Promise<string[]> => (await write(source, records)).map(({ outcome }) => outcome);
const papers = (): Promise<any[]> =>
  opened.database.rows(sql`
    SELECT p.title, p.arxiv_id AS "arxivId", p.doi, p.abstract, p.named_author_count AS "authors",
      (SELECT json_object_agg(source, fields) FROM (SELECT source, array_agg(DISTINCT f ORDER BY f) AS fields FROM paper_origins o, unnest(o.fields) f WHERE o.paper_id = p.id GROUP BY source) x)::jsonb AS owners
    FROM papers p ORDER BY p.id`);
const byline = (): Promise<any[]> =>
  opened.database.rows(sql`SELECT l.paper_id AS paper, a.id, a.name, a.orcid FROM paper_authors l JOIN authors a ON a.id = l.author_id ORDER BY l.paper_id, l.position`);

describe('records find their papers', () => {
  const full = { externalId: 'a', title: 'On the Habits of Otters', arxivId: '2601.00001', doi: '10.1000/otters', authors: ['Ada Lovelace', 'Alan Turing'] };

  test.each<[by: string, record: SourceRecord]>([
    ['the name at the source', { externalId: 'a', title: 'Renamed altogether' }],
    ['arXiv id', { externalId: 'b', title: 'Renamed altogether', arxivId: '2601.00001' }],
    ['DOI, whatever its case', { externalId: 'b', title: 'Renamed altogether', doi: 'https://doi.org/10.1000/OTTERS' }],
    ['title and first author', { externalId: 'b', title: 'On the habits of otters.', authors: ['A. Lovelace'] }],
    ['title and first author, the family name first', { externalId: 'b', title: 'On the habits of otters', authors: ['LOVELACE, Ada'] }],
    ['title alone, where one has no byline', { externalId: 'b', title: 'ON THE HABITS OF OTTERS' }],
  ])('by %s', async (_, record) => {
    const [first] = await write('feed', [full]);
    const [second] = await write('feed', [record]);
    expect(second!.paperId).toBe(first!.paperId);
    expect(await papers()).toHaveLength(1);
  });

  test.each<[why: string, record: SourceRecord]>([
    ['another first author', { externalId: 'b', title: 'On the habits of otters', authors: ['Alan Turing'] }],
    ['another arXiv id', { externalId: 'b', title: 'On the habits of otters', authors: ['Ada Lovelace'], arxivId: '2601.00002' }],
    ['another DOI', { externalId: 'b', title: 'On the habits of otters', authors: ['Ada Lovelace'], doi: '10.1000/other' }],
  ])('not with %s', async (_, record) => {
    await write('feed', [full]);
    expect(await outcomes('feed', record)).toEqual(['added']);
  });

  test('not by a DOI that two arXiv papers share: the second is a paper without it', async () => {
    await write('feed', [full]);
    const reply = { externalId: 'b', title: 'A Reply', arxivId: '2601.00007', doi: '10.1000/otters', authors: ['Bo Sample'] };
    expect(await write('archive', [reply, { ...reply, externalId: 'c', title: 'Another Reply', arxivId: '2601.00008' }])).toMatchObject([
      { outcome: 'added', taken: [{ field: 'doi' }] }, { outcome: 'added', taken: [{ field: 'doi' }] },
    ]);
    expect(await papers()).toMatchObject([{ title: full.title, doi: '10.1000/otters' }, { title: 'A Reply', doi: null }, { title: 'Another Reply', doi: null }]);
  });

  test('that are first heard of by their links: one paper, which what is told of it later finds', async () => {
    const link = (name: string) => ({ externalId: `yolo#${name}`, partOf: 'yolo', title: 'YOLO', repos: [{ url: `https://github.com/yolo/${name}` }] });
    expect(await outcomes('feed', link('one'), link('two'))).toEqual(['added', 'changed']);
    expect(await outcomes('feed', { externalId: 'yolo', title: 'YOLO', abstract: 'You only look once.' })).toEqual(['changed']);
    expect(await papers()).toMatchObject([{ title: 'YOLO', abstract: 'You only look once.' }]);
  });

  test('not by a short title alone', async () => {
    await write('feed', [{ externalId: 'a', title: 'Editorial' }]);
    expect(await outcomes('feed', { externalId: 'b', title: 'Editorial' })).toEqual(['added']);
    expect(await outcomes('library', { externalId: 'c', title: 'Editorial', authors: ['Ada'] })).toEqual(['added']);
  });

  test('by the name at the source of the paper that they tell more of; each is known again', async () => {
    const link = (name: string, title = 'On Otters') => ({ externalId: `a#${name}`, partOf: 'a', title, repos: [{ url: `https://github.com/otters/${name}` }] });
    await write('feed', [{ externalId: 'a', title: 'Otters' }]);
    expect(await outcomes('feed', link('one'), link('two'), link('one'))).toEqual(['changed', 'changed', 'unchanged']);
    expect(await outcomes('feed', { externalId: 'a', title: 'Otters' }, link('one'), link('two'))).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(await papers()).toMatchObject([{ title: 'Otters' }]);
    expect((await services.repos.byKeys(['github.com/otters/one', 'github.com/otters/two'])).map(({ paperCount }) => paperCount)).toEqual([1, 1]);
  });

  test('an id that is another paper’s is left out, and said', async () => {
    await write('feed', [full, { externalId: 'z', title: 'Another one', doi: '10.1000/taken', arxivId: '2601.00009' }]);
    const [{ taken }] = await write('archive', [{ externalId: 'n', title: 'New title', arxivId: '2601.00001', doi: '10.1000/taken' }]) as [Written];
    expect(taken).toEqual([{ field: 'doi', paperId: expect.any(Number) }]);
    expect(await papers()).toMatchObject([{ title: 'New title', doi: '10.1000/otters' }, { doi: '10.1000/taken' }]);
  });

  test('several records of one paper in one batch are written one after the other', async () => {
    const said = (externalId: string, title: string, abstract: string) => ({ externalId, title, arxivId: '2601.00005', abstract });
    expect(await outcomes('feed', said('x', 'One and the same', 'First'), said('x', 'One and the same', 'Second'), { externalId: 'y', title: 'one AND the same' }, said('x', 'One and the same', 'Second'))).toEqual([
      'added', 'changed', 'changed', 'unchanged',
    ]);
    expect(await papers()).toMatchObject([{ abstract: 'Second' }]);
  });

  test.each([['J. R. Ångström', 'angstrom'], ['Ångström, Jane', 'angstrom'], ['John von Neumann', 'neumann'], ['Davis Jr., Miles', 'davis'], ['Miles Davis, Jr.', 'davis'], ['李飞飞', '李飞飞'], ['  ', '']])(
    'the family name of %j is %j', (name, family) => {
      expect(familyNameOf(name)).toBe(family);
    });
});

describe('what sources say is merged', () => {
  const ofFeed: SourceRecord = { externalId: '2601.00001', arxivId: '2601.00001', title: 'Of the feed', abstract: 'Feed words', listedOn: '2026-01-05', authors: ['Ada'], namedTags: [{ name: 'Otters', kind: 'KEYWORD' }], originUpvoteCount: 7 };
  const ofArchive: SourceRecord = { externalId: '2601.00001', arxivId: '2601.00001', title: 'Of the archive', abstract: 'Archive words', publishedOn: '2026-01-01', authors: ['Ada Lovelace', 'Alan Turing'], namedTags: [{ name: 'cs.LG', kind: 'ARXIV_CATEGORY' }], arxivVersion: 2 };

  test('to the same, in whichever order they come, and a repetition changes nothing', async () => {
    const state = async () => JSON.stringify([await papers(), (await byline()).map(({ name }) => name)]);
    await write('feed', [ofFeed]);
    expect(await outcomes('archive', ofArchive)).toEqual(['changed']);
    const first = await state();
    expect(await outcomes('feed', ofFeed)).toEqual(['unchanged']);
    expect(await outcomes('archive', ofArchive)).toEqual(['unchanged']);
    expect(await state()).toBe(first);
    for (const table of ['papers', 'authors']) await opened.database.prisma.$executeRawUnsafe(`DELETE FROM ${table}`);
    await write('archive', [ofArchive]);
    await write('feed', [ofFeed]);
    expect(await state()).toBe(first);
    expect(await papers()).toEqual([{
      title: 'Of the archive', arxivId: '2601.00001', doi: null, abstract: 'Archive words', authors: 2,
      owners: { archive: ['abstract', 'arxivId', 'arxivVersion', 'authors', 'publishedAt', 'title'], feed: ['listedAt', 'originUpvoteCount'] },
    }]);
  });

  test('a source’s news reach what is its own, and nothing that was edited here', async () => {
    const [{ paperId }] = await write('archive', [ofArchive]) as [Written];
    await services.submissions.update({ rowId: paperId, submittedById: SUBMITTER.id }, { title: 'As a curator has it' }, SUBMITTER);
    expect(await outcomes('archive', { ...ofArchive, title: 'Version three', abstract: 'Third words', arxivVersion: 3 })).toEqual(['changed']);
    const [paper] = await papers();
    expect(paper).toMatchObject({ title: 'As a curator has it', abstract: 'Third words' });
    expect(paper.owners.edit).toEqual(['title']);
    expect(paper.owners.archive).not.toContain('title');
  });

  test('what was taken from a paper here stays away while its source says the same', async () => {
    const [{ paperId }] = await write('feed', [ofFeed]) as [Written];
    const tag = await services.tags.getBySlug('otters');
    await services.paperTags.remove(paperId, tag.rowId);
    expect(await outcomes('feed', ofFeed)).toEqual(['unchanged']);
    expect(await services.paperTags.countsByPaper([paperId])).toEqual(new Map([[paperId, 0]]));
  });

  test('tags are found by slug and by alias, and made where there are none', async () => {
    const { tag } = await services.tags.create({ name: 'Sea otters', kind: 'TASK' });
    await services.tags.addAlias(tag.rowId, 'otters');
    const [{ paperId }] = await write('feed', [{ ...ofFeed, namedTags: [{ name: 'OTTERS', kind: 'KEYWORD' }, { name: 'Sea Otters', kind: 'KEYWORD' }, { name: 'Rivers', kind: 'KEYWORD', weight: 0.5 }] }]) as [Written];
    const tags = await opened.database.rows(sql`SELECT t.slug, t.kind::text AS kind, l.weight FROM paper_tags l JOIN tags t ON t.id = l.tag_id WHERE l.paper_id = ${paperId} ORDER BY t.slug`);
    expect(tags).toEqual([{ slug: 'rivers', kind: 'KEYWORD', weight: 0.5 }, { slug: 'sea-otters', kind: 'TASK', weight: 1 }]);
  });

  test('stars rise with what is seen, until the host itself speaks', async () => {
    const seen = (externalId: string, stars: number): SourceRecord => ({ externalId, title: `Of ${externalId}`, repos: [{ url: 'https://github.com/Owner/Otters', stars }] });
    await write('feed', [seen('one', 5), seen('two', 9), seen('three', 7)]);
    const stars = async () => (await services.repos.byKeys(['github.com/owner/otters']))[0]!.stars;
    expect(await stars()).toBe(9);
    const facts = { stars: 3, language: 'Rust', license: 'MIT', isArchived: true, etag: 'W/"1"' };
    const address = { host: 'github.com', owner: 'owner', name: 'otters' };
    await opened.database.bulkTransaction((reader) => services.repos.refresh(reader, [{ address, facts }], NOW));
    await write('feed', [seen('four', 12)]);
    expect(await stars()).toBe(3);
    expect(await services.repos.byKeys(['github.com/owner/otters'])).toMatchObject([{ language: 'Rust', license: 'MIT', isArchived: true }]);
    // The host says that nothing has changed.
    await opened.database.bulkTransaction((reader) => services.repos.refresh(reader, [{ address, facts: null }], NOW));
    expect(await stars()).toBe(3);
  });

  test('a paper that its source deletes is marked, and is back when the source tells of it again', async () => {
    await write('archive', [ofArchive]);
    const withdraw = () => opened.database.bulkTransaction((reader) => services.writer.withdraw(reader, { source: 'archive', ranks: RANKS, now: NOW }, [{ externalId: '2601.00001', at: null }, { externalId: 'unknown', at: null }]));
    expect([...(await withdraw())].map(([id, { outcome }]) => [id, outcome])).toEqual([['2601.00001', 'changed']]);
    expect([...(await withdraw())].map(([id, { outcome }]) => [id, outcome])).toEqual([['2601.00001', 'unchanged']]);
    const withdrawn = async () => (await opened.database.rows<{ at: Date | null }>(sql`SELECT withdrawn_at AS at FROM papers`))[0]!.at;
    expect(await withdrawn()).toEqual(NOW);
    expect(await outcomes('archive', ofArchive)).toEqual(['changed']);
    expect(await withdrawn()).toBeNull();
  });
});

describe('authors', () => {
  const ORCID = '0000-0002-1825-0097';
  const by = (externalId: string, ...authors: (string | { name: string; orcid: string })[]): SourceRecord => ({ externalId, title: `Paper called ${externalId}`, authors });

  test('of one spelling are one, unless an ORCID tells them apart', async () => {
    await write('feed', [by('a', 'Wei Wang'), by('b', 'wei  WANG'), by('c', { name: 'Wei Wang', orcid: ORCID })]);
    const [a, b, c] = await byline();
    expect(a.id).toBe(b.id);
    expect(c).toMatchObject({ name: 'Wei Wang', orcid: ORCID });
    expect(c.id).not.toBe(a.id);
  });

  test('with an ORCID are who has it, however the name is spelt', async () => {
    await write('feed', [by('a', { name: 'Wei Wang', orcid: ORCID }), by('b', { name: 'W. Wang', orcid: `https://orcid.org/${ORCID}` })]);
    const [a, b] = await byline();
    expect(b.id).toBe(a.id);
  });

  test('of one paper are who they were, although only one source knows the ORCID', async () => {
    await write('archive', [by('a', { name: 'Wei Wang', orcid: ORCID }, 'Ada Lovelace')]);
    expect(await outcomes('archive', { ...by('a', 'Ada Lovelace', 'Wei Wang') })).toEqual(['changed']);
    expect((await byline()).map(({ orcid }) => orcid)).toEqual([null, ORCID]);
  });

  test('get the ORCID that comes to be known, where the paper is their only one', async () => {
    await write('feed', [by('a', 'Wei Wang')]);
    const [before] = await byline();
    await write('archive', [by('a', { name: 'Wei Wang', orcid: ORCID })]);
    expect(await byline()).toEqual([{ ...before, orcid: ORCID }]);
    // The name alone does not lead there from another paper.
    await write('feed', [by('b', 'Wei Wang')]);
    expect(new Set((await byline()).map(({ id }) => id)).size).toBe(2);
  });

  test('who share a name with the one of an ORCID keep their other papers', async () => {
    await write('feed', [by('a', 'Wei Wang'), by('b', 'Wei Wang')]);
    await write('archive', [by('a', { name: 'Wei Wang', orcid: ORCID })]);
    expect((await byline()).map(({ orcid }) => orcid)).toEqual([ORCID, null]);
  });

  test('twice in a byline stand there once', async () => {
    await write('feed', [by('a', 'Ada', 'ada', 'Alan')]);
    expect((await byline()).map(({ name }) => name)).toEqual(['Ada', 'Alan']);
  });
});
