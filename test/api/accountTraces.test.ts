import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rawSql, sql } from '../../src/database/database.js';
import { haveTastes, leadFullLife, PASSWORD, signUp, type Surroundings } from '../support/fullLife.js';
import { seedPapers, seedReader, seedUpvotes, type Reader } from '../support/seed.js';
import { idsOf, rankingOf, startTasteServer, type TasteServer } from '../support/tasteServer.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const DELETE = 'mutation ($password: String!, $comments: FateOfComments) { deleteAccount(input: { password: $password, comments: $comments }) { deletedUserId } }';

async function surroundingsOf(server: TestServer): Promise<Surroundings> {
  const papers = await seedPapers(server, Array.from({ length: 5 }, (_, n) => ({ title: `Paper ${n}`, listedOn: '2026-01-01', authors: ['Ada', 'Alan'], tags: [{ slug: 'vision', weight: 1 }, { slug: 'audio', weight: 1 }] })));
  const { authors } = await server.query('{ authors(first: 2, orderBy: NAME) { nodes { id } } }');
  return { papers, other: await seedReader(server), tags: ['vision', 'audio'], authors: [authors.nodes[0].id, authors.nodes[1].id] };
}

describe('after an account is deleted', () => {
  let folder: string;
  let server: TestServer;
  let surroundings: Surroundings;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'daily-papers-traces-'));
    server = await startTestServer({ dataFolder: folder });
    surroundings = await surroundingsOf(server);
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Where these texts stand in any row of any table, or in any file. */
  async function placesOf(texts: readonly string[]): Promise<string[]> {
    const tables = await server.database.rows<{ name: string }>(sql`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`);
    const places: string[] = [];
    for (const { name } of tables) {
      const rows = await server.database.rows<{ row: Record<string, unknown> }>(sql`SELECT to_jsonb(t) AS row FROM ${rawSql(`"${name}"`)} t`);
      for (const { row } of rows) for (const [column, value] of Object.entries(row)) places.push(...texts.filter((text) => JSON.stringify(value).includes(text)).map((text) => `${name}.${column}: ${text}`));
    }
    for (const file of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const content = file.isFile() ? await readFile(join(file.parentPath, file.name), 'latin1') : '';
      places.push(...texts.filter((text) => `${file.name} ${content}`.includes(text)).map((text) => `${file.parentPath}: ${text}`));
    }
    return [...new Set(places)];
  }

  /** A person whose names and number stand nowhere by chance. */
  async function unlikely(id: number): Promise<Reader> {
    await server.database.rows(sql`SELECT setval(pg_get_serial_sequence('users', 'id'), ${id}::int4)::text AS id`);
    return signUp(server, `zq-${id}-xj`, `Zq ${id} Displayed`);
  }

  test.each([['REMOVE', 1_734_217_905], ['ANONYMISE', 1_734_217_977]] as const)('no row of any table and no file has a trace of the person (%s)', async (comments, id) => {
    const person = await unlikely(id);
    const { email, commentId, mentioningId, secrets } = await leadFullLife(server, person, surroundings);
    const another = await signUp(server, `another-${id}`);
    const theirs = await leadFullLife(server, another, { ...surroundings, papers: surroundings.papers.slice().reverse() });
    const texts = [person.username, 'Displayed', email, String(person.rowId), person.id, ...secrets];
    const before = await placesOf(texts);
    for (const place of ['users.username', 'users.id', 'users.display_name', 'sessions.token_hash', 'sign_in_attempts.account', 'external_identities.user_id', 'external_identities.subject', 'feed_tokens.token_hash', 'digest_subscriptions.email', 'changes.user_id', 'reports.reporter_id', 'reports.user_id', 'reports.resolver_id', 'authorship_claims.user_id', 'authorship_claims.note', 'authorship_claims.resolver_id', 'audit_entries.actor_id', 'audit_entries.object_id', 'user_follows.followed_id', 'idempotency_keys.user_id', 'idempotency_keys.answer']) expect(before.some((found) => found.startsWith(place))).toBe(true);
    expect(before.some((found) => found.startsWith(folder) && found.endsWith(email))).toBe(true);

    await server.query(DELETE, { token: person.token, variables: { password: PASSWORD, comments } });
    // What others wrote is theirs. The log says for two hours what went away, for servers that follow it.
    const written = `comments.body: ${person.username}`;
    expect(await placesOf(texts)).toEqual([`changes.user_id: ${person.rowId}`, written]);
    await server.database.rows(sql`UPDATE changes SET recorded_at = recorded_at - interval '3 hours'`);
    const kept = (): Promise<number> => server.database.prisma.change.count({ where: { userId: another.rowId } });
    const logged = await kept();
    await server.services.changeLog.prune(30);
    expect(await placesOf(texts)).toEqual([written]);
    expect([await kept(), logged]).toEqual([logged, expect.any(Number)]);
    // Of another's mails none went.
    expect((await placesOf([theirs.email])).length).toBe(2);

    const document = 'query ($id: ID!, $other: ID!) { comment(id: $id) { bodyMarkdown author { id } isDeleted editedAt mentions { totalCount } } other: comment(id: $other) { bodyMarkdown mentions { totalCount } upvoteCount } }';
    const { comment, other } = await server.query(document, { variables: { id: commentId, other: mentioningId } });
    const left = { bodyMarkdown: `Well said, @${surroundings.other.username}.`, isDeleted: false, mentions: { totalCount: 1 } };
    expect(comment).toEqual({ author: null, editedAt: null, ...(comments === 'REMOVE' ? { bodyMarkdown: null, isDeleted: true, mentions: { totalCount: 0 } } : left) });
    expect(other).toEqual({ bodyMarkdown: `As @${person.username} says.`, mentions: { totalCount: 0 }, upvoteCount: 0 });
  });

  test('the hash of an address that was asked to confirm a digest stays for a day, against floods', async () => {
    await server.database.rows(sql`UPDATE digest_requests SET requested_at = requested_at - interval '25 hours'`);
    await server.services.digests.prune();
    expect(await server.database.prisma.digestRequest.count()).toBe(0);
  });

  test('by hand, its comments are empty too', async () => {
    const { rowId, token } = await signUp(server, 'by-hand');
    const { addComment } = await server.query('mutation ($paperId: ID!) { addComment(input: { paperId: $paperId, body: "Mine" }) { comment { id } } }', { token, variables: { paperId: surroundings.papers[1]!.id } });
    await server.database.prisma.user.delete({ where: { id: rowId } });
    expect((await server.query('query ($id: ID!) { comment(id: $id) { bodyMarkdown isDeleted } }', { variables: { id: addComment.comment.id } })).comment).toEqual({ bodyMarkdown: null, isDeleted: true });
  });

  test('in one go or in several, all votes go and counters are right', async () => {
    const person = await signUp(server, 'voter');
    await server.database.rows(sql`INSERT INTO papers (title) SELECT 'Many ' || n FROM generate_series(1, 4100) n`);
    await server.database.rows(sql`INSERT INTO upvotes (user_id, paper_id) SELECT ${person.rowId}, id FROM papers WHERE title LIKE 'Many %' AND id % 2 = 0`);
    await server.database.rows(sql`INSERT INTO dismissals (user_id, paper_id) SELECT ${person.rowId}, id FROM papers WHERE title LIKE 'Many %' AND id % 2 = 1`);
    await server.query(DELETE, { token: person.token, variables: { password: PASSWORD } });
    const [wrong] = await server.database.rows(sql`
      SELECT (SELECT count(*)::int4 FROM papers p WHERE upvote_count <> (SELECT count(*) FROM upvotes WHERE paper_id = p.id)) AS papers,
        (SELECT count(*)::int4 FROM upvotes WHERE user_id = ${person.rowId}) + (SELECT count(*)::int4 FROM dismissals WHERE user_id = ${person.rowId}) AS rows,
        (SELECT count(*)::int4 FROM changes WHERE user_id = ${person.rowId} AND (value IS NOT NULL OR previous IS NOT NULL OR since IS NOT NULL)) AS log`);
    expect(wrong).toEqual({ papers: 0, rows: 0, log: 0 });
  });
});

// Two servers that began alike. On the one a person comes, votes and wishes for everything, and goes.
describe('what others are shown', () => {
  let twins: [TasteServer, TasteServer];
  let readers: [Reader[], Reader[]];

  async function start(): Promise<{ server: TasteServer; readers: Reader[] }> {
    const server = await startTasteServer();
    const more = [await seedReader(server), await seedReader(server), await seedReader(server)];
    await seedUpvotes(server, server.papers.slice(0, 30).flatMap((paper, n) => more.filter((_, r) => (n + r) % 4 === 0).map((reader) => [reader, paper] as const)));
    return { server, readers: [...server.readers.slice(1), ...more] };
  }

  beforeAll(async () => {
    const started = [await start(), await start()] as const;
    twins = [started[0].server, started[1].server];
    readers = [started[0].readers, started[1].readers];
  });
  afterAll(async () => {
    await Promise.all(twins.map((server) => server.stop()));
  });

  const SHOWN = `query ($id: ID!) {
    user(id: $id) { similarReaders(first: 20) { edges { similarity sharedPaperCount node { id upvoteCount } } } }
    trending: papers(first: 40, orderBy: TRENDING) { nodes { id upvoteCount similar(first: 5) { edges { score node { id } } } } } top: papers(first: 40, orderBy: TOP) { nodes { id } }
    tags(first: 20) { nodes { slug followerCount relatedTags(first: 5) { edges { similarity node { slug } } } } } authors(first: 20) { nodes { name followerCount } }
  }`;

  /** All that the recommender and the lists say to ten readers and to nobody, and what the recommender holds. */
  async function shownBy(place: 0 | 1, asOf: readonly (string | undefined)[] = []): Promise<{ shown: unknown[]; asOf: string[] }> {
    const [server, shown, moments] = [twins[place], [] as unknown[], [] as string[]];
    expect(readers[place]).toHaveLength(10);
    for (const [n, reader] of [null, ...readers[place]].entries()) {
      const ranking = await server.recommended(reader, asOf[n] === undefined ? {} : { asOf: asOf[n] });
      moments.push(ranking.asOf);
      shown.push(rankingOf(ranking));
      if (reader !== null && asOf.length === 0) shown.push(await server.query(SHOWN, { token: reader.token, variables: { id: reader.id } }));
    }
    return { shown: asOf.length > 0 ? shown : [...shown, await server.state()], asOf: moments };
  }

  const surroundings = async (server: TasteServer): Promise<Surroundings> => ({ papers: server.papers, other: server.readers[0]!, tags: ['vision', 'niche-2'], authors: [await server.idOf('author', 'Author 1'), await server.idOf('author', 'Author 9')] });

  test('is to the last bit what a server shows that the person was never on, now and as of then', async () => {
    const [visited, other] = twins;
    expect((await shownBy(0)).shown).toEqual((await shownBy(1)).shown);
    const person = await signUp(visited, 'passing');
    await haveTastes(visited, person, await surroundings(visited));
    await seedUpvotes(visited, visited.papers.slice(4, 34).filter((_, n) => n % 3 > 0).map((paper) => [person, paper] as const));
    for (const [place, server] of twins.entries()) await seedUpvotes(server, [[readers[place]![0]!, server.papers[39]!], [readers[place]![9]!, server.papers[36]!]]);
    const [among, without] = [await shownBy(0), await shownBy(1)];
    expect(among.shown).not.toEqual(without.shown);

    await visited.query(DELETE, { token: person.token, variables: { password: PASSWORD } });
    const [after, twin] = [await shownBy(0), await shownBy(1)];
    expect(after.shown).toEqual(twin.shown);
    // A moment of before shows no more of the person than one of after.
    const before = await shownBy(0, among.asOf);
    expect(before.shown).toEqual((await shownBy(1, without.asOf)).shown);

    for (const [place, server] of twins.entries()) await server.act(readers[place]![3]!, `upvotePaper(input: { paperId: "${idsOf(await server.recommended(readers[place]![3]!))[0]}" })`);
    expect((await shownBy(0)).shown).toEqual((await shownBy(1)).shown);
    for (const rows of [false, true]) {
      if (rows) {
        await visited.database.rows(sql`DELETE FROM changes WHERE user_id = ${person.rowId}`);
      }
      const replayed = await shownBy(0, after.asOf);
      expect(replayed.shown).toEqual((await shownBy(1, twin.asOf)).shown);
      expect(replayed.shown[1]).toEqual(after.shown[1]);
    }
    expect(other.papers).toHaveLength(40);
  });
});
