import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SECTIONS } from '../../src/accounts/exportSections.js';
import { sql } from '../../src/database/database.js';
import { leadFullLife, signUp, type Surroundings } from '../support/fullLife.js';
import { seedPapers, seedReader, type Reader } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

let server: TestServer;
let surroundings: Surroundings;
let count = 0;

beforeAll(async () => {
  server = await startTestServer();
  const papers = await seedPapers(server, Array.from({ length: 5 }, (_, n) => ({ title: `Paper “${n}”`, listedOn: '2026-01-01', authors: ['Ada', 'Alan'], tags: [{ slug: 'vision', weight: 1 }, { slug: 'audio', weight: 1 }] })));
  const { authors } = await server.query('{ authors(first: 2, orderBy: NAME) { nodes { id } } }');
  surroundings = { papers, other: await seedReader(server), tags: ['vision', 'audio'], authors: [authors.nodes[0].id, authors.nodes[1].id] };
});
afterAll(() => server.stop());

const person = (): Promise<Reader> => signUp(server, `person-${(count += 1)}`, 'A Person');
/** The public address is another. */
const here = (address: string): string => address.replace('https://papers.example', new URL(server.url).origin);
async function addressFor({ token }: Reader): Promise<string> {
  return here((await server.query('mutation { exportMyData { downloadUrl } }', { token })).exportMyData.downloadUrl);
}
const documentOf = async (reader: Reader): Promise<any> => (await fetch(await addressFor(reader))).json();

describe('the document', () => {
  test('has a row of every table that holds one, and no secret', async () => {
    const reader = await person();
    const { other, papers } = surroundings;
    const { email, commentId, replyId, mentioningId, secrets } = await leadFullLife(server, reader, surroundings);
    const response = await fetch(await addressFor(reader));
    expect([response.status, response.headers.get('content-type'), response.headers.get('cache-control'), response.headers.get('content-disposition')]).toEqual([200, 'application/json; charset=utf-8', 'no-store', `attachment; filename="daily-papers-${reader.username}.json"`]);
    const text = await response.text();
    const { format, generatedAt, ...sections } = JSON.parse(text);
    expect([format, new Date(generatedAt).getTime()]).toEqual(['daily-papers-export/1', expect.closeTo(Date.now(), -5)]);
    expect(Object.keys(sections)).toEqual(SECTIONS.map(({ name }) => name));
    for (const [name, section] of Object.entries(sections)) expect([name, section]).not.toEqual([name, Array.isArray(section) ? [] : null]);
    const paper = { id: papers[0]!.id, title: 'Paper “0”' };
    expect(sections).toMatchObject({
      account: { id: reader.id, username: reader.username, displayName: 'A Person', role: 'READER', upvoteCount: 2, followerCount: 1 },
      refusedUpvotes: [{ paper: { id: papers[1]!.id } }],
      voteWindow: { minuteVotes: 4, dayVotes: 4 },
      upvotes: [{ paper: { id: papers[3]!.id }, flaggedAt: null, clearedAt: null }, { paper, createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) }],
      dismissals: [{ paper: { id: papers[2]!.id } }],
      mutedTags: [{ tag: { name: 'audio' } }],
      followedAuthors: [{ author: { id: surroundings.authors[0], name: 'Ada' } }],
      followedReaders: [{ username: other.username }],
      followers: [{ username: other.username }],
      comments: [{ id: replyId, parentId: mentioningId, body: 'Nothing more.' }, { id: commentId, paper, parentId: null, body: `Well said, @${other.username}.`, hiddenAt: null, upvoteCount: 1 }],
      commentUpvotes: [{ commentId: mentioningId }],
      mentions: [{ commentId: mentioningId, by: other.username, paper }],
      collections: [{ name: 'Read twice', description: 'Good ones', isPublic: true, paperCount: 1 }],
      collectionPapers: [{ collectionId: sections.collections[0].id, paper, note: 'the best' }],
      library: [{ paper, state: 'READ', note: 'a thought' }],
      submissions: [{ paper: { title: "A paper of one's own" } }],
      digest: { email, state: 'PENDING', weekday: null },
      digestMails: [{ kind: 'CONFIRMATION', state: 'SENT', papers: [] }],
      imports: [{ source: 'pond', options: { limit: 1 } }],
      reports: [{ readerId: other.id, reason: 'OTHER', note: 'a note', state: 'OPEN' }],
      resolvedReports: [{ state: 'ACTED' }],
      authors: [{ author: { name: expect.stringMatching(/^Somebody \d+$/) }, confirmedAt: expect.any(String) }],
      authorshipClaims: [{ state: 'CONFIRMED', note: 'It is me' }, { state: 'PENDING', author: { name: 'Ada' }, note: `ask ${reader.username}`, resolvedAt: null }],
      resolvedClaims: [{ state: 'REJECTED', resolutionNote: null }],
      auditEntries: [{ action: 'HIDE', objectType: 'Paper', objectRow: papers[4]!.rowId }],
      externalIdentities: [{ issuer: 'https://login.example', subject: `${reader.username} at work`, lastSeenOn: '2026-01-02' }],
      sessions: [{ kind: 'EXTERNAL', name: null }, { kind: 'API_TOKEN', name: 'a script', scopes: ['READ'], expiresAt: null, lastUsedAt: null }, { kind: 'SIGN_IN', name: null, scopes: ['READ', 'VOTE', 'WRITE', 'ADMIN'], lastUsedAt: expect.stringMatching(/:00:00\.000Z$/) }],
      signInPlaces: [{ network: null, signedInAt: null, wrongPasswords: 1, lastWrongPasswordAt: expect.any(String) }, { network: '127.0.0.1', signedInAt: expect.any(String), wrongPasswords: 1, lastWrongPasswordAt: expect.any(String) }],
      feedTokens: [{ name: 'phone', lastUsedOn: null }],
      idempotencyKeys: [{ key: 'mine', mutation: 'createCollection', completedAt: expect.any(String), answer: { collection: { id: sections.collections[0].id } } }],
    });
    expect(sections.changeLog).toContainEqual(expect.objectContaining({ kind: 'UPVOTE', paperId: papers[1]!.id, value: null, previous: 1 }));
    expect(secrets).toHaveLength(8);
    for (const secret of [...secrets, reader.token]) expect(text).not.toContain(secret);
  });

  test('of a reader who did nothing is empty, and tells nothing of others', async () => {
    const reader = await person();
    const document = await documentOf(reader);
    const { format, generatedAt, account, sessions, signInPlaces, ...rest } = document;
    expect([account.username, sessions.length, signInPlaces.length]).toEqual([reader.username, 1, 1]);
    for (const [name, section] of Object.entries(rest)) expect([name, section]).toEqual([name, Array.isArray(section) ? [] : null]);
  });

  test('is read in pages, each by itself', async () => {
    const reader = await person();
    await server.database.rows(sql`INSERT INTO papers (title) SELECT 'Many ' || n FROM generate_series(1, 2500) n`);
    await server.database.rows(sql`INSERT INTO upvotes (user_id, paper_id) SELECT ${reader.rowId}, id FROM papers WHERE title LIKE 'Many %'`);
    const address = await addressFor(reader);
    const { result, statements } = await server.countStatements(async () => (await fetch(address)).json());
    expect(new Set(result.upvotes.map(({ paper }: any) => paper.id)).size).toBe(2500);
    expect(result.changeLog).toHaveLength(2500);
    // Two pages more of each long list.
    expect(statements.filter((text) => text.includes(' AS item'))).toHaveLength(SECTIONS.length + 2 + 2);
  });

  test('names nobody whom a moderator hid', async () => {
    const reader = await person();
    const { mentioningId } = await leadFullLife(server, reader, surroundings);
    const rowId = Number(Buffer.from(mentioningId, 'base64url').toString().split(':')[1]);
    await server.database.rows(sql`UPDATE comments SET hidden_at = now() WHERE id = ${rowId}`);
    expect((await documentOf(reader)).mentions).toMatchObject([{ commentId: mentioningId, by: null }]);
  });
});

describe('the address', () => {
  test('works once, also for two at a time, and not for HEAD', async () => {
    const address = await addressFor(await person());
    expect((await fetch(address, { method: 'HEAD' })).status).toBe(404);
    const answers = await Promise.all([1, 2, 3].map(() => fetch(address)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404]);
    const gone = await fetch(address);
    expect([gone.headers.get('content-type'), await gone.json()]).toEqual(['application/problem+json; charset=utf-8', { title: 'Not Found', status: 404, detail: 'the address does not hold: it works once, for ten minutes' }]);
  });

  test('works for ten minutes, until another one is made, and while there is the account', async () => {
    const reader = await person();
    const before = Date.now();
    const { downloadUrl, expiresAt } = (await server.query('mutation { exportMyData { downloadUrl expiresAt } }', { token: reader.token })).exportMyData;
    expect(new Date(expiresAt).getTime() - before).toBeGreaterThanOrEqual(600_000);
    expect(new Date(expiresAt).getTime() - Date.now()).toBeLessThanOrEqual(600_000);
    const second = await addressFor(reader);
    expect((await fetch(here(downloadUrl))).status).toBe(404);
    await server.database.rows(sql`UPDATE data_exports SET expires_at = now() - interval '1 second' WHERE user_id = ${reader.rowId}`);
    expect((await fetch(second)).status).toBe(404);
    const third = await addressFor(reader);
    await server.database.prisma.user.delete({ where: { id: reader.rowId } });
    expect((await fetch(third)).status).toBe(404);
  });

  test('is made for a viewer alone', async () => {
    expect((await server.error('mutation { exportMyData { downloadUrl } }')).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    for (const path of ['', 'x', 'dpx_', '%00', 'x'.repeat(90)]) expect((await fetch(new URL(`/export/${path}`, server.url))).status).toBe(404);
  });
});

/** Columns that say whose a row is, and are no section of the document. */
const NOT_EXPORTED: Readonly<Record<string, string>> = {
  'data_exports.user_id': 'the address of the document itself, as a hash, for ten minutes',
  'notifications.actor_id': 'what others were told; what the reader did is in sections of its own',
  'sessions.identity_id': 'sessions are there by their reader',
  'reports.user_id': 'what others report of a reader, who are not to be found out by it',
};

describe('the catalogue of the database', () => {
  test('has no column that says of whom a row is but those of the document', async () => {
    // Foreign keys to users; to tables whose rows go with an account; and what is named like the one or the other.
    const columns = await server.database.rows<{ name: string }>(sql`
      WITH keys AS (
        SELECT c.conrelid, c.confrelid, c.confdeltype, c.conrelid::regclass::text || '.' || a.attname AS name
        FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f')
      SELECT name FROM keys WHERE confrelid = 'users'::regclass
      UNION SELECT k.name FROM keys k JOIN keys o ON o.conrelid = k.confrelid AND o.confrelid = 'users'::regclass AND o.confdeltype = 'c'
      UNION SELECT table_name || '.' || column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND column_name ~ '(user|actor|owner|reader|viewer|moderator|reporter|claimant|author_user|_by)_id$'`);
    const exported = SECTIONS.flatMap(({ table, column, through }) => [`${table}.${column}`, ...(through === undefined ? [] : [through])]);
    const names = columns.map(({ name }) => name);
    expect(names.filter((name) => !exported.includes(name) && !(name in NOT_EXPORTED))).toEqual([]);
    expect([...Object.keys(NOT_EXPORTED), ...exported].filter((name) => !names.includes(name))).toEqual(['users.id', 'users.id']);
  });
});
