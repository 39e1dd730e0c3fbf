import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql, type Sql } from '../../src/database/database.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { AUTHOR_LINKS, PAPER_LINKS, TAG_LINKS } from '../../src/moderation/mergeLinks.js';
import { WRONG } from '../support/invariants.js';
import { chance, type Chance } from '../support/random.js';
import { seedPapers, seedReader, writePapers, type Reader, type SeededPaper } from '../support/seed.js';
import { isOnServer } from '../support/testDatabase.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

let server: TestServer;
let readers: Reader[];
let curator: Reader;
let admin: Reader;

beforeAll(async () => {
  server = await startTestServer();
  readers = await Promise.all(Array.from({ length: 12 }, () => seedReader(server)));
  curator = await seedReader(server, 'CURATOR');
  admin = await seedReader(server, 'ADMIN');
});
afterAll(() => server.stop());

const merge = (type: 'Papers' | 'Authors' | 'Tags', keepId: string, duplicateId: string): Promise<any> =>
  server.query(`mutation { merge${type}(input: { keepId: "${keepId}", duplicateId: "${duplicateId}" }) { __typename } }`, { token: curator.token });

/** A world of its own in the same database. */
async function world(random: Chance, name: string): Promise<SeededPaper[]> {
  const papers = await seedPapers(server, Array.from({ length: 6 }, (_, n) => ({
    title: `${name} ${n}`, listedOn: `2026-02-0${1 + n}`, arxivId: n % 2 === 0 ? null : `26${String(1 + random.below(12)).padStart(2, '0')}.${String(random.below(100_000)).padStart(5, '0')}`,
    authors: random.sample(['Ada Lovelace', 'Grace Hopper', 'A. Lovelace', 'Emmy Noether', `${name} Curie`], 3).map((author) => author),
    tags: random.sample(['vision', 'audio', 'graphs', 'agents'], 2).map((slug) => ({ slug, weight: (1 + random.below(9)) / 10 })),
    repos: random.sample(['one', 'two', 'three'], 2).map((repo) => ({ url: `https://github.com/lab/${repo}`, isOfficial: random.below(2) === 0 })),
  })));
  for (const reader of readers) {
    for (const paper of papers) {
      const at = new Date(Date.UTC(2026, 0, 1 + random.below(300)));
      switch (random.below(4)) {
        case 0:
          await server.services.upvotes.add(reader.rowId, paper.rowId);
          await server.database.prisma.upvote.updateMany({ where: { userId: reader.rowId, paperId: paper.rowId }, data: { createdAt: at, ...random.pick([{}, { flaggedAt: at }, { clearedAt: at }]) } });
          break;
        case 1:
          await server.services.dismissals.add(reader.rowId, paper.rowId);
          break;
        default:
      }
    }
    for (const slug of ['vision', 'audio', 'graphs', 'agents']) {
      const mood = random.below(5);
      if (mood < 2) await (mood === 0 ? server.services.follows : server.services.mutes).addTag(reader.rowId, slug);
    }
  }
  return papers;
}

const rows = <Row>(statement: Sql): Promise<Row[]> => server.database.rows<Row>(statement);
const votesOf = (ids: readonly number[]): Promise<{ userId: number; paperId: number; at: Date; isFlagged: boolean }[]> => rows(sql`SELECT user_id AS "userId", paper_id AS "paperId", created_at AS at, flagged_at IS NOT NULL AS "isFlagged" FROM upvotes WHERE paper_id = ANY (${[...ids]}::int4[])`);

/** The followed engine and one that loads the tables afresh say the same. */
async function expectSameEngines(): Promise<void> {
  const STATE = '{ recommenderState { checksum paperCount upvoteCount } }';
  const followed = await server.query(STATE, { token: admin.token });
  const fresh = await startBeside(server);
  try {
    expect(await fresh.query(STATE, { token: admin.token })).toEqual(followed);
  } finally {
    await fresh.stop();
  }
}

test('every table that refers to a paper, an author or a tag has its rule', async () => {
  const keys = await rows<{ parent: string; name: string }>(sql`
    SELECT p.relname::text AS parent, c.relname || '.' || a.attname AS name FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND p.relname IN ('papers', 'authors', 'tags') ORDER BY 1, 2`);
  const of = (parent: string): string[] => keys.filter((key) => key.parent === parent).map(({ name }) => name).sort();
  for (const [parent, links] of [['papers', PAPER_LINKS], ['authors', AUTHOR_LINKS], ['tags', TAG_LINKS]] as const) {
    expect([parent, links.map(({ table, column }) => `${table}.${column}`).sort()]).toEqual([parent, of(parent)]);
  }
});

describe.each([1, 2, 3])('a world of chance %i', (seed) => {
  test('loses no vote by merges of papers, and counts right', async () => {
    const random = chance(seed);
    const papers = await world(random, `World ${seed}`);
    await server.query('{ recommendations(first: 1) { totalCount } }');
    const [keep, duplicate, third] = random.sample(papers, 3) as [SeededPaper, SeededPaper, SeededPaper];
    const all = [keep, duplicate, third].map(({ rowId }) => rowId);
    // The earlier time; flagged where all were.
    const expected = new Map<number, readonly [at: number, isFlagged: boolean]>();
    for (const { userId, at, isFlagged } of await votesOf(all)) {
      const [earliest, areFlagged] = expected.get(userId) ?? [Infinity, true];
      expected.set(userId, [Math.min(earliest, at.getTime()), areFlagged && isFlagged]);
    }
    const linksOf = (table: 'paper_tags' | 'paper_repos'): Promise<any[]> => rows(table === 'paper_tags'
      ? sql`SELECT tag_id AS id, max(weight) AS value FROM paper_tags WHERE paper_id = ANY (${all}::int4[]) GROUP BY tag_id ORDER BY 1`
      : sql`SELECT repo_id AS id, bool_or(is_official) AS value FROM paper_repos WHERE paper_id = ANY (${all}::int4[]) GROUP BY repo_id ORDER BY 1`);
    const [tags, repos] = [await linksOf('paper_tags'), await linksOf('paper_repos')];
    // The duplicate of a duplicate: what was merged into it comes along, and its id leads on.
    await merge('Papers', duplicate.id, third.id);
    await merge('Papers', keep.id, duplicate.id);
    expect(new Map((await votesOf(all)).map(({ userId, paperId, at, isFlagged }) => [userId, [paperId, at.getTime(), isFlagged]]))).toEqual(new Map([...expected].map(([userId, vote]) => [userId, [keep.rowId, ...vote]])));
    expect([await linksOf('paper_tags'), await linksOf('paper_repos')]).toEqual([tags, repos]);
    const READ = 'query ($one: ID!, $two: ID!) { one: paper(id: $one) { id upvoteCount } node(id: $two) { id } nodes(ids: [$one, $two]) { id } }';
    for (let n = 0; n < 3; n += 1) {
      expect(await server.query(READ, { variables: { one: third.id, two: duplicate.id } })).toEqual({ one: { id: keep.id, upvoteCount: expected.size }, node: { id: keep.id }, nodes: [{ id: keep.id }, { id: keep.id }] });
    }
    expect(await rows(WRONG)).toEqual([]);
    await expectSameEngines();
  });

  test('merges tags and authors the same way', async () => {
    const tags = await rows<{ id: number; slug: string }>(sql`SELECT id, slug FROM tags ORDER BY id`);
    const [keep, duplicate] = chance(seed).sample(tags, 2) as [{ id: number; slug: string }, { id: number; slug: string }];
    const ids = [keep.id, duplicate.id];
    const read = async (): Promise<unknown> => ({
      papers: await rows(sql`SELECT paper_id AS id, max(weight) AS weight FROM paper_tags WHERE tag_id = ANY (${ids}::int4[]) GROUP BY 1 ORDER BY 1`),
      interested: await rows(sql`SELECT user_id AS id FROM (SELECT user_id, tag_id FROM tag_follows UNION ALL SELECT user_id, tag_id FROM tag_mutes) x WHERE tag_id = ANY (${ids}::int4[]) GROUP BY 1 ORDER BY 1`),
    });
    const before = await read();
    await merge('Tags', toGlobalId('Tag', keep.id), toGlobalId('Tag', duplicate.id));
    expect(await read()).toEqual(before);
    const READ = 'query ($id: ID!, $slug: String!) { tag(slug: $slug) { slug aliases } node(id: $id) { ... on Tag { slug } } }';
    const answer = await server.query(READ, { variables: { id: toGlobalId('Tag', duplicate.id), slug: duplicate.slug } });
    expect(answer).toEqual({ tag: { slug: keep.slug, aliases: expect.arrayContaining([duplicate.slug]) }, node: { slug: keep.slug } });

    const [one, other] = (await rows<{ id: number }>(sql`SELECT id FROM authors WHERE paper_count > 0 ORDER BY paper_count DESC, id LIMIT 2`)) as [{ id: number }, { id: number }];
    const bylines = (): Promise<unknown[]> => rows(sql`SELECT DISTINCT paper_id AS id FROM paper_authors WHERE author_id IN (${one.id}, ${other.id}) ORDER BY 1`);
    const written = await bylines();
    await merge('Authors', toGlobalId('Author', one.id), toGlobalId('Author', other.id));
    expect(await bylines()).toEqual(written);
    expect((await server.query('query ($id: ID!) { author(id: $id) { id } }', { variables: { id: toGlobalId('Author', other.id) } })).author.id).toBe(toGlobalId('Author', one.id));
    expect(await rows(WRONG)).toEqual([]);
    await expectSameEngines();
  });
});

describe('a merge', () => {
  const two = (facts: readonly [object, object]): Promise<SeededPaper[]> =>
    seedPapers(server, facts.map((fact, n) => ({ title: `Twin ${n} ${Math.random()}`, listedOn: `2026-03-0${n + 1}`, ...fact })));

  test('fills in what the kept paper does not say, and keeps the names of both', async () => {
    const [keep, duplicate] = await two([{ arxivId: '2603.00001', authors: ['Grete Hermann'] }, { arxivId: '2603.00002', doi: '10.1234/twin', abstract: 'Known to one.', authors: ['G. Hermann', 'Lise Meitner'], listedOn: '2026-02-20' }]) as [SeededPaper, SeededPaper];
    await merge('Papers', keep.id, duplicate.id);
    const PAPER = '{ id arxivId doi abstract listedAt authors { nodes { name } } }';
    const expected = { id: keep.id, arxivId: '2603.00001', doi: '10.1234/twin', abstract: 'Known to one.', listedAt: '2026-02-20T00:00:00.000Z', authors: { nodes: [{ name: 'Grete Hermann' }, { name: 'Lise Meitner' }] } };
    for (let n = 0; n < 3; n += 1) {
      expect(await server.query(`{ one: paper(arxivId: "2603.00001") ${PAPER} two: paper(arxivId: "2603.00002v3") ${PAPER} three: paper(doi: "10.1234/twin") ${PAPER} }`)).toEqual({ one: expected, two: expected, three: expected });
    }
    // What names the duplicate means the kept one from now on.
    const [written] = await writePapers(server, [{ title: 'Another title', arxivId: '2603.00002', listedOn: '2026-03-05', projectUrl: 'https://example.org/twin' }]);
    expect(written).toEqual({ paperId: keep.rowId, outcome: 'changed', taken: [] });
    expect((await server.query('query ($id: ID!) { paper(id: $id) { arxivId projectUrl } }', { variables: { id: keep.id } })).paper).toEqual({ arxivId: '2603.00001', projectUrl: 'https://example.org/twin' });
    const { submitPaper } = await server.query('mutation { submitPaper(input: { title: "Once more", arxivId: "2603.00002" }) { isNew paper { id } } }', { token: readers[0]!.token });
    expect(submitPaper).toEqual({ isNew: false, paper: { id: keep.id } });
  });

  test('moves the discussion with its threads', async () => {
    const [keep, duplicate] = await two([{}, {}]) as [SeededPaper, SeededPaper];
    const [{ id } = { id: 0 }] = await rows<{ id: number }>(sql`INSERT INTO comments (paper_id, user_id, body) VALUES (${duplicate.rowId}, ${readers[0]!.rowId}, 'First') RETURNING id`);
    await rows(sql`INSERT INTO comments (paper_id, parent_id, user_id, body) VALUES (${duplicate.rowId}, ${id}, ${readers[1]!.rowId}, 'Reply') RETURNING id`);
    await rows(sql`INSERT INTO comments (paper_id, user_id, body) VALUES (${keep.rowId}, ${readers[1]!.rowId}, 'Here') RETURNING id`);
    await merge('Papers', keep.id, duplicate.id);
    expect(await rows(sql`SELECT body FROM comments WHERE paper_id = ${keep.rowId} ORDER BY id`)).toEqual([{ body: 'First' }, { body: 'Reply' }, { body: 'Here' }]);
    expect(await rows(sql`SELECT comment_count AS count FROM papers WHERE id = ${keep.rowId}`)).toEqual([{ count: 3 }]);
    await expect(rows(sql`UPDATE comments SET paper_id = ${keep.rowId} WHERE id = ${id}`)).rejects.toThrow(/refused/);
  });

  test('is refused with oneself, with what is not there, and with what is hidden', async () => {
    const [keep, duplicate] = await two([{}, {}]) as [SeededPaper, SeededPaper];
    const refused = (keepId: string, duplicateId: string): Promise<any> => server.error(`mutation { mergePapers(input: { keepId: "${keepId}", duplicateId: "${duplicateId}" }) { paper { id } } }`, { token: curator.token });
    expect(await refused(keep.id, keep.id)).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'duplicateId' } });
    expect(await refused(keep.id, toGlobalId('Paper', 999999))).toMatchObject({ extensions: { code: 'NOT_FOUND', field: 'duplicateId' } });
    expect(await refused(toGlobalId('Paper', 999999), keep.id)).toMatchObject({ extensions: { code: 'NOT_FOUND', field: 'keepId' } });
    expect(await refused(keep.id, toGlobalId('Tag', 1))).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'duplicateId' } });
    await server.query(`mutation { hidePaper(input: { paperId: "${duplicate.id}", reason: "hidden" }) { paper { id } } }`, { token: curator.token });
    expect(await refused(keep.id, duplicate.id)).toMatchObject({ message: 'a hidden paper is not merged: restore it first', extensions: { code: 'CONFLICT', field: 'duplicateId' } });
    expect(await refused(duplicate.id, keep.id)).toMatchObject({ extensions: { code: 'CONFLICT', field: 'keepId' } });
  });

  test('sends votes, dismissals and follows by the old id on to what was kept', async () => {
    const [keep, duplicate] = await two([{ authors: ['Maria Kirch'] }, { authors: ['M. Kirch'] }]) as [SeededPaper, SeededPaper];
    const names = await rows<{ id: number; name: string }>(sql`SELECT id, name FROM authors WHERE name LIKE '%Kirch' ORDER BY name DESC`);
    const [kept, gone] = names.map(({ id }) => toGlobalId('Author', id)) as [string, string];
    await merge('Papers', keep.id, duplicate.id);
    await merge('Authors', kept, gone);
    const { token } = readers[2]!;
    const PAPER = 'paper { id upvoteCount viewerHasUpvoted viewerHasDismissed }';
    const answer = await server.query(`mutation ($id: ID!, $author: ID!) { one: upvotePaper(input: { paperId: $id }) { ${PAPER} } two: removeUpvote(input: { paperId: $id }) { ${PAPER} }
      three: dismissPaper(input: { paperId: $id }) { ${PAPER} } four: undoDismissPaper(input: { paperId: $id }) { ${PAPER} } five: followAuthor(input: { authorId: $author }) { author { id viewerFollows } } }`, { token, variables: { id: duplicate.id, author: gone } });
    const paper = { id: keep.id, upvoteCount: 0, viewerHasUpvoted: false, viewerHasDismissed: false };
    expect(answer).toEqual({ one: { paper: { ...paper, upvoteCount: 1, viewerHasUpvoted: true } }, two: { paper }, three: { paper: { ...paper, viewerHasDismissed: true } }, four: { paper }, five: { author: { id: kept, viewerFollows: true } } });
    // So do shelves and filters.
    const shelf = (await server.query('mutation { createCollection(input: { name: "Shelf" }) { collection { id } } }', { token })).createCollection.collection.id;
    const kept2 = await server.query(`mutation ($id: ID!, $shelf: ID!) { one: addToCollection(input: { collectionId: $shelf, paperId: $id }) { collection { paperCount papers { nodes { id } } } }
      two: setReadingState(input: { paperId: $id, state: READ }) { paper { id viewerLibraryEntry { state } } } three: removeFromCollection(input: { collectionId: $shelf, paperId: $id }) { collection { paperCount } } }`, { token, variables: { id: duplicate.id, shelf } });
    expect(kept2).toEqual({ one: { collection: { paperCount: 1, papers: { nodes: [{ id: keep.id }] } } }, two: { paper: { id: keep.id, viewerLibraryEntry: { state: 'READ' } } }, three: { collection: { paperCount: 0 } } });
    // And discussions, of which the old id and the new one are the same.
    const said = await Promise.all([duplicate, keep].map(({ id }) => server.query('mutation ($id: ID!) { addComment(input: { paperId: $id, body: "Said once" }) { comment { id paper { id } } } }', { token, variables: { id } })));
    expect(said[0]).toMatchObject({ addComment: { comment: { paper: { id: keep.id } } } });
    expect(said[1]).toEqual(said[0]);
    const LIST = 'papers(filter: { author: "AUTHOR" }) { totalCount nodes { id } }';
    const [byKept, byGone] = [await server.query(`{ ${LIST.replace('AUTHOR', kept)} }`), await server.query(`{ ${LIST.replace('AUTHOR', gone)} }`)];
    expect(byKept.papers.totalCount).toBe(1);
    for (let turn = 0; turn < 4; turn += 1) expect(await server.query(`{ ${LIST.replace('AUTHOR', gone)} }`)).toEqual(byKept);
    expect(byGone).toEqual(byKept);
    // Imports that name the duplicate mean the author who was kept.
    await writePapers(server, [{ title: 'By the other spelling', listedOn: '2026-03-09', authors: ['M. Kirch'] }]);
    expect(await rows(sql`SELECT name FROM authors WHERE name LIKE '%Kirch'`)).toEqual([{ name: 'Maria Kirch' }]);
  });

  // The embedded database has one connection: there, nothing is at once.
  (isOnServer ? test : test.skip)('loses no vote that comes while it is under way', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [keep, duplicate] = await two([{}, {}]) as [SeededPaper, SeededPaper];
      const many = await Promise.all(Array.from({ length: 40 }, () => seedReader(server)));
      const vote = ({ token }: Reader, id: string): Promise<any> => server.query(`mutation { upvotePaper(input: { paperId: "${id}" }) { paper { id } } }`, { token });
      const voted = many.map((reader, n) => vote(reader, n % 4 === 0 ? keep.id : duplicate.id));
      await new Promise((resolve) => setTimeout(resolve, 10 * round));
      await merge('Papers', keep.id, duplicate.id);
      // Each is answered, and none with an error.
      await Promise.all(voted);
      expect(await rows(sql`SELECT count(*)::int4 AS count FROM upvotes WHERE paper_id = ${keep.rowId}`)).toEqual([{ count: many.length }]);
      expect(await rows(WRONG)).toEqual([]);
    }
    await expectSameEngines();
  });
});
