import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { startBothWays, isWritten } from '../support/bothWays.js';
import { subscribed, sseClient } from '../support/liveClients.js';
import { PASSWORD, signUp } from '../support/fullLife.js';
import { seedPaper, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { isOnServer } from '../support/testDatabase.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

interface Named {
  readonly id: string;
  readonly rowId: number;
  readonly name: string;
}

const CLAIM_FIELDS = 'id state note evidenceUrl createdAt resolvedAt resolutionNote endedAt endReason author { id name } claimant { username } resolver { username }';
const CLAIM = `mutation ($authorId: ID!, $note: String! = "ask me", $evidenceUrl: URL) { claimAuthorship(input: { authorId: $authorId, note: $note, evidenceUrl: $evidenceUrl }) { isNew claim { ${CLAIM_FIELDS} } } }`;
const WITHDRAW = `mutation ($claimId: ID!) { withdrawClaim(input: { claimId: $claimId }) { claim { ${CLAIM_FIELDS} } } }`;
const RESOLVE = `mutation ($claimId: ID!, $resolution: ClaimResolution! = CONFIRMED, $note: String) { resolveClaim(input: { claimId: $claimId, resolution: $resolution, note: $note }) { claim { ${CLAIM_FIELDS} } } }`;
const UNLINK = 'mutation ($authorId: ID!, $reason: String! = "not me") { unlinkAuthor(input: { authorId: $authorId, reason: $reason }) { author { id user { username } viewerClaim { state } } } }';
const NOWHERE = toGlobalId('AuthorshipClaim', 2_000_000_000);

let server: TestServer;
let curator: Reader;
let admin: Reader;
let made = 0;

beforeAll(async () => {
  server = await startTestServer();
  curator = await seedReader(server, 'CURATOR');
  admin = await seedReader(server, 'ADMIN');
});
afterAll(() => server.stop());

/** A paper of authors whom nobody has claimed. */
async function bylineOf(count = 1, record: Partial<Parameters<typeof seedPaper>[1]> = {}): Promise<{ paper: SeededPaper; authors: Named[] }> {
  made += 1;
  const names = Array.from({ length: count }, (_, n) => `Claimed ${String(made).padStart(4, '0')} ${n}`);
  const paper = await seedPaper(server, { title: `Claimed ${made}`, listedOn: '2026-01-01', authors: names, ...record });
  const rows = await server.database.rows<{ id: number; name: string }>(sql`SELECT id, name FROM authors WHERE name = ANY (${names}) ORDER BY name`);
  return { paper, authors: rows.map(({ id, name }) => ({ id: toGlobalId('Author', id), rowId: id, name })) };
}
const author = async (): Promise<Named> => (await bylineOf()).authors[0]!;
const claim = async (reader: Reader, { id }: Named, variables: object = {}): Promise<any> => (await server.query(CLAIM, { token: reader.token, variables: { authorId: id, ...variables } })).claimAuthorship;
const resolve = async (by: Reader, claimId: string, decision: { resolution?: 'CONFIRMED' | 'REJECTED'; note?: string } = {}): Promise<any> =>
  (await server.query(RESOLVE, { token: by.token, variables: { claimId, ...decision } })).resolveClaim.claim;
/** Links an author to a reader, as claimed and confirmed. */
async function link(reader: Reader, to: Named): Promise<string> {
  const { id } = (await claim(reader, to)).claim;
  await resolve(curator, id);
  return id;
}
const entries = (): Promise<{ action: string; actorId: number; objectType: string; objectId: number; details: any }[]> =>
  server.database.rows(sql`SELECT action::text AS action, actor_id AS "actorId", object_type AS "objectType", object_id AS "objectId", details FROM audit_entries ORDER BY id`);
const claimsOf = (reader: Reader): Promise<{ author: number; state: string }[]> =>
  server.database.rows(sql`SELECT author_id AS author, state::text AS state FROM authorship_claims WHERE user_id = ${reader.rowId} ORDER BY id`);
const userOf = async ({ id }: Pick<Named, 'id'>): Promise<string | null> => (await server.query('query ($id: ID!) { author(id: $id) { user { username } } }', { variables: { id } })).author.user?.username ?? null;
const rowOf = (id: string): number => Number(Buffer.from(id, 'base64url').toString().split(':')[1]);
const inbox = async ({ token }: Reader): Promise<any[]> =>
  (await server.query('{ notifications { nodes { kind text isRead author { id } actor { id } paper { id } comment { id } } } }', { token })).notifications.nodes;

describe('claimAuthorship', () => {
  test('is made once a reader and author while it is pending or confirmed, also of those that come at once', async () => {
    const [reader, one] = [await seedReader(server), await author()];
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => claim(reader, one, { note: ` see my page ${n} `, evidenceUrl: 'https://example.org/me?q="x"' })));
    expect(answers.map(({ isNew }) => isNew).sort()).toEqual([false, false, false, false, true]);
    const first = answers[0].claim;
    expect(first).toEqual({
      id: expect.any(String), state: 'PENDING', note: expect.stringMatching(/^see my page \d$/), evidenceUrl: 'https://example.org/me?q=%22x%22', createdAt: expect.any(String), resolvedAt: null, resolutionNote: null,
      endedAt: null, endReason: null, author: { id: one.id, name: one.name }, claimant: { username: reader.username }, resolver: null,
    });
    for (const answer of answers) expect(answer.claim).toEqual(first);
    const confirmed = await resolve(curator, first.id);
    expect(await claim(reader, one, { note: 'again' })).toEqual({ isNew: false, claim: { ...confirmed, resolver: null } });
    expect(await claimsOf(reader)).toEqual([{ author: one.rowId, state: 'CONFIRMED' }]);
  });

  test('may be made anew after it was rejected, withdrawn or undone', async () => {
    const [reader, one] = [await seedReader(server), await author()];
    await resolve(curator, (await claim(reader, one)).claim.id, { resolution: 'REJECTED' });
    await server.query(WITHDRAW, { token: reader.token, variables: { claimId: (await claim(reader, one)).claim.id } });
    await link(reader, one);
    await server.query(UNLINK, { token: reader.token, variables: { authorId: one.id } });
    expect((await claim(reader, one)).isNew).toBe(true);
    expect((await claimsOf(reader)).map(({ state }) => state)).toEqual(['REJECTED', 'WITHDRAWN', 'ENDED', 'PENDING']);
  });

  test('is refused of whom another reader is, and by several authors a reader may be', async () => {
    const [reader, other, one, two] = [await seedReader(server), await seedReader(server), await author(), await author()];
    await link(reader, one);
    await link(reader, two);
    expect(await server.error(CLAIM, { token: other.token, variables: { authorId: one.id } })).toMatchObject({ message: 'the author is linked to another reader: a curator can undo it', extensions: { code: 'CONFLICT', field: 'authorId' } });
    expect(await claimsOf(other)).toEqual([]);
    const { user } = await server.query(`{ user(username: "${reader.username}") { authors { totalCount nodes { name } } } }`);
    expect(user.authors).toEqual({ totalCount: 2, nodes: [{ name: two.name }, { name: one.name }] });
  });

  test('needs a viewer, an author, a note and, if any, an address', async () => {
    const [{ token }, one] = [await seedReader(server), await author()];
    const refused = async (variables: object, extensions: object, sent: string | null = token): Promise<void> => {
      expect((await server.error(CLAIM, { token: sent, variables: { authorId: one.id, ...variables } })).extensions).toEqual(extensions);
    };
    await refused({}, { code: 'UNAUTHENTICATED' }, null);
    for (const authorId of ['', 'x', toGlobalId('Paper', 1)]) await refused({ authorId }, { code: 'BAD_USER_INPUT', field: 'authorId' });
    await refused({ authorId: toGlobalId('Author', 2_000_000_000) }, { code: 'NOT_FOUND', field: 'authorId' });
    for (const note of ['', '  ', 'x'.repeat(1001), 'lone \ud800']) await refused({ note }, { code: 'BAD_USER_INPUT', field: 'note' });
    for (const evidenceUrl of ['ftp://example.org/', 'javascript:alert(1)', `https://example.org/${'x'.repeat(2000)}`]) await refused({ evidenceUrl }, { code: 'BAD_USER_INPUT', field: 'evidenceUrl' });
    expect((await claim({ token } as Reader, one, { note: 'x'.repeat(1000) })).isNew).toBe(true);
  });

  test('is made of ten authors at a time, also of those that come at once, and 20 times a day', async () => {
    const reader = await seedReader(server);
    const { authors } = await bylineOf(22);
    const send = (one: Named): Promise<any> => server.send(CLAIM, { token: reader.token, variables: { authorId: one.id } });
    const refused = (await Promise.all(authors.slice(0, 13).map(send))).flatMap(({ errors }) => errors);
    expect(refused.map(({ message, extensions }) => [message, extensions])).toEqual(Array(3).fill(['a reader has at most 10 pending claims: withdraw one first', { code: 'CONFLICT', field: 'authorId' }]));
    await server.database.rows(sql`UPDATE authorship_claims SET state = 'WITHDRAWN', resolved_at = now() WHERE user_id = ${reader.rowId}`);
    const rest = await server.database.rows<{ id: number }>(sql`SELECT id FROM authors WHERE id = ANY (${authors.map(({ rowId }) => rowId)}::int4[]) AND NOT EXISTS (SELECT FROM authorship_claims c WHERE c.author_id = authors.id) ORDER BY id`);
    const others = rest.map(({ id }) => ({ id: toGlobalId('Author', id) }) as Named);
    for (const one of others.slice(0, 10)) expect((await send(one)).errors).toEqual([]);
    await server.database.rows(sql`UPDATE authorship_claims SET state = 'WITHDRAWN', resolved_at = now() WHERE user_id = ${reader.rowId} AND state = 'PENDING'`);
    const [error] = (await send(others[10]!)).errors;
    expect(error.extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: expect.any(Number) });
    expect(error.extensions.retryAfter).toBeGreaterThan(86_000);
    await server.database.rows(sql`UPDATE authorship_claims SET created_at = created_at - interval '1 day' WHERE id = (SELECT min(id) FROM authorship_claims WHERE user_id = ${reader.rowId})`);
    expect((await send(others[10]!)).errors).toEqual([]);
  });
});

describe('withdrawClaim', () => {
  test('is for the claimant, repeatable, and refused of what was decided', async () => {
    const [reader, other, one] = [await seedReader(server), await seedReader(server), await author()];
    const { id } = (await claim(reader, one)).claim;
    const withdraw = (token: string | null, claimId: string): Promise<any> => server.send(WITHDRAW, { token, variables: { claimId } });
    for (const [token, extensions] of [[null, { code: 'UNAUTHENTICATED' }], [other.token, { code: 'NOT_FOUND', field: 'claimId' }], [curator.token, { code: 'NOT_FOUND', field: 'claimId' }]] as const) expect((await withdraw(token, id)).errors[0].extensions).toEqual(extensions);
    expect((await withdraw(reader.token, NOWHERE)).errors[0].extensions).toEqual({ code: 'NOT_FOUND', field: 'claimId' });
    expect((await withdraw(reader.token, one.id)).errors[0].extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'claimId' });
    const before = await entries();
    const first = await withdraw(reader.token, id);
    expect(first.data.withdrawClaim.claim).toMatchObject({ id, state: 'WITHDRAWN', resolvedAt: expect.any(String), resolver: null });
    expect(await withdraw(reader.token, id)).toEqual(first);
    expect(await entries()).toEqual(before);
    expect(await inbox(reader)).toEqual([]);
    const linked = await link(reader, one);
    expect((await withdraw(reader.token, linked)).errors[0]).toMatchObject({ message: 'the claim has ended as CONFIRMED', extensions: { code: 'CONFLICT', field: 'claimId' } });
  });
});

describe('resolveClaim', () => {
  test('is for curators and admins, who see the claim, and not for oneself', async () => {
    const [reader, other, one] = [await seedReader(server), await seedReader(server), await author()];
    const { id } = (await claim(reader, one)).claim;
    const NODE = 'query ($id: ID!) { node(id: $id) { ... on AuthorshipClaim { note } } nodes(ids: [$id]) { id } }';
    for (const { token } of [reader, curator, admin]) expect(await server.query(NODE, { token, variables: { id } })).toEqual({ node: { note: 'ask me' }, nodes: [{ id }] });
    for (const token of [null, other.token]) expect(await server.query(NODE, { token, variables: { id } })).toEqual({ node: null, nodes: [null] });
    for (const [token, extensions] of [[null, { code: 'UNAUTHENTICATED' }], [reader.token, { code: 'FORBIDDEN' }], [other.token, { code: 'FORBIDDEN' }]] as const) expect((await server.error(RESOLVE, { token, variables: { claimId: id } })).extensions).toEqual(extensions);
    for (const moderator of [curator, admin]) {
      const own = (await claim(moderator, one)).claim.id;
      for (const resolution of ['CONFIRMED', 'REJECTED']) expect(await server.error(RESOLVE, { token: moderator.token, variables: { claimId: own, resolution } })).toMatchObject({ message: 'nobody decides a claim of their own', extensions: { code: 'FORBIDDEN', field: 'claimId' } });
      await server.query(WITHDRAW, { token: moderator.token, variables: { claimId: own } });
    }
    expect((await server.error(RESOLVE, { token: curator.token, variables: { claimId: NOWHERE } })).extensions).toEqual({ code: 'NOT_FOUND', field: 'claimId' });
    expect((await server.error(RESOLVE, { token: curator.token, variables: { claimId: one.id } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'claimId' });
    for (const note of ['', 'x'.repeat(1001)]) expect((await server.error(RESOLVE, { token: curator.token, variables: { claimId: id, note } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'note' });
    expect(await userOf(one)).toBeNull();
    expect(await resolve(admin, id, { note: ' her page says so ' })).toMatchObject({ state: 'CONFIRMED', resolutionNote: 'her page says so', resolver: { username: admin.username } });
    expect(await userOf(one)).toBe(reader.username);
    expect((await server.query(`query ($id: ID!) { node(id: $id) { ... on AuthorshipClaim { resolver { username } } } }`, { token: reader.token, variables: { id } })).node).toEqual({ resolver: null });
  });

  test.each(['CONFIRMED', 'REJECTED'] as const)('as %s is repeatable, noted and told once, and not decided otherwise', async (resolution) => {
    const [reader, one] = [await seedReader(server), await author()];
    const { id } = (await claim(reader, one)).claim;
    const before = await entries();
    const first = await resolve(curator, id, { resolution, note: 'seen' });
    expect(await resolve(admin, id, { resolution, note: 'another note' })).toEqual(first);
    expect((await entries()).slice(before.length)).toEqual([{ action: 'RESOLVE_CLAIM', actorId: curator.rowId, objectType: 'AuthorshipClaim', objectId: rowOf(id), details: { note: 'seen', authorId: one.id, resolution } }]);
    const text = resolution === 'CONFIRMED' ? `It was confirmed that you are the author ${one.name}.` : `Your claim to be the author ${one.name} was rejected.`;
    expect(await inbox(reader)).toEqual([{ kind: `CLAIM_${resolution}`, text, isRead: false, author: { id: one.id }, actor: null, paper: null, comment: null }]);
    const otherwise = resolution === 'CONFIRMED' ? 'REJECTED' : 'CONFIRMED';
    expect(await server.error(RESOLVE, { token: curator.token, variables: { claimId: id, resolution: otherwise } })).toMatchObject({ message: `the claim has ended as ${resolution}`, extensions: { code: 'CONFLICT', field: 'resolution' } });
    expect(await userOf(one)).toBe(resolution === 'CONFIRMED' ? reader.username : null);
    const { auditLog } = await server.query('{ auditLog(first: 1, filter: { action: RESOLVE_CLAIM }) { nodes { objectId details } } }', { token: admin.token });
    expect(auditLog.nodes).toEqual([{ objectId: id, details: { note: 'seen', authorId: one.id, resolution } }]);
  });

  test('refuses a claim that was withdrawn', async () => {
    const [reader, one] = [await seedReader(server), await author()];
    const { id } = (await claim(reader, one)).claim;
    await server.query(WITHDRAW, { token: reader.token, variables: { claimId: id } });
    for (const resolution of ['CONFIRMED', 'REJECTED']) expect((await server.error(RESOLVE, { token: curator.token, variables: { claimId: id, resolution } })).message).toBe('the claim has ended as WITHDRAWN');
  });

  test('as CONFIRMED rejects what others claim of the author, the curator too, with a note', async () => {
    const [one, another] = (await bylineOf(2)).authors as [Named, Named];
    const readers = await Promise.all([1, 2, 3].map(() => seedReader(server)));
    const ids: string[] = [];
    for (const reader of [...readers, curator]) ids.push((await claim(reader, one)).claim.id);
    await claim(readers[1]!, another);
    const before = await entries();
    await resolve(curator, ids[0]!);
    for (const reader of readers.slice(1)) {
      expect((await claimsOf(reader))[0]).toEqual({ author: one.rowId, state: 'REJECTED' });
      expect((await inbox(reader)).map(({ kind }) => kind)).toEqual(['CLAIM_REJECTED']);
    }
    expect((await claimsOf(readers[1]!))[1]).toEqual({ author: another.rowId, state: 'PENDING' });
    const rows = await server.database.rows<{ resolver: number | null; note: string }>(sql`SELECT resolver_id AS resolver, resolution_note AS note FROM authorship_claims WHERE author_id = ${one.rowId} AND state = 'REJECTED' ORDER BY id`);
    const note = 'The claim of another reader was confirmed.';
    expect(rows).toEqual([{ resolver: curator.rowId, note }, { resolver: curator.rowId, note }, { resolver: null, note }]);
    expect((await entries()).slice(before.length).map(({ action, objectId, details }) => [action, objectId, details.resolution, details.confirmedId ?? null])).toEqual([
      ...ids.slice(1).map((id) => ['RESOLVE_CLAIM', rowOf(id), 'REJECTED', ids[0]]),
      ['RESOLVE_CLAIM', rowOf(ids[0]!), 'CONFIRMED', null],
    ]);
  });

  test('links one reader, where two curators confirm two claims of an author at once', async () => {
    const [one, second] = [await author(), await startBeside(server)];
    try {
      for (let round = 0; round < 4; round += 1) {
        const readers = [await seedReader(server), await seedReader(server)];
        const ids: string[] = [];
        for (const reader of readers) ids.push((await claim(reader, one)).claim.id);
        const answers = await Promise.all([server.send(RESOLVE, { token: curator.token, variables: { claimId: ids[0] } }), second.send(RESOLVE, { token: admin.token, variables: { claimId: ids[1] } })]);
        const errors = answers.flatMap((answer) => answer.errors);
        expect(errors.map(({ message, extensions }) => [message, extensions.code])).toEqual([['the claim has ended as REJECTED', 'CONFLICT']]);
        const linked = await server.database.rows<{ id: number }>(sql`SELECT user_id AS id FROM authorship_claims WHERE author_id = ${one.rowId} AND state = 'CONFIRMED'`);
        const winner = readers[answers.findIndex((answer) => answer.errors.length === 0)]!;
        expect(linked).toEqual([{ id: winner.rowId }]);
        await server.query(UNLINK, { token: winner.token, variables: { authorId: one.id } });
      }
    } finally {
      await second.stop();
    }
  });

  test('refuses a claim of whom another reader is, and one author too many', async () => {
    const [reader, one] = [await seedReader(server), await author()];
    const holder = await seedReader(server);
    const { id } = (await claim(reader, one)).claim;
    // As a merge of authors leaves it.
    await server.database.rows(sql`INSERT INTO authorship_claims (user_id, author_id, note, state, resolved_at) VALUES (${holder.rowId}, ${one.rowId}, 'mine', 'CONFIRMED', now())`);
    expect(await server.error(RESOLVE, { token: curator.token, variables: { claimId: id } })).toMatchObject({ message: `the author is linked to @${holder.username}: unlink the author first`, extensions: { code: 'CONFLICT', field: 'claimId' } });
    const { authors } = await bylineOf(100);
    await server.database.rows(sql`INSERT INTO authorship_claims (user_id, author_id, note, state, resolved_at) SELECT ${reader.rowId}, a, 'mine', 'CONFIRMED', now() FROM unnest(${authors.map(({ rowId }) => rowId)}::int4[]) a`);
    await server.query(UNLINK, { token: curator.token, variables: { authorId: one.id } });
    expect(await server.error(RESOLVE, { token: curator.token, variables: { claimId: id } })).toMatchObject({ message: 'the reader is 100 authors already: unlink or merge some first', extensions: { code: 'CONFLICT', field: 'claimId' } });
    await server.query(UNLINK, { token: reader.token, variables: { authorId: authors[0]!.id } });
    expect((await resolve(curator, id)).state).toBe('CONFIRMED');
  });

  test('is told to subscribers', async () => {
    const [reader, one] = [await seedReader(server), await author()];
    const client = sseClient(server, reader.token);
    try {
      const received = await subscribed(server, client, 'subscription { notificationAdded { unreadNotificationCount notification { kind author { name } } } }', {});
      await link(reader, one);
      expect(await received.until(1)).toEqual([{ data: { notificationAdded: { unreadNotificationCount: 1, notification: { kind: 'CLAIM_CONFIRMED', author: { name: one.name } } } } }]);
    } finally {
      client.dispose();
    }
  });
});

describe('unlinkAuthor', () => {
  test('is for the reader and curators, repeatable, and noted of curators once', async () => {
    const [reader, other, one] = [await seedReader(server), await seedReader(server), await author()];
    const id = await link(reader, one);
    expect((await server.error(UNLINK, { variables: { authorId: one.id } })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await server.error(UNLINK, { token: other.token, variables: { authorId: one.id } })).extensions).toEqual({ code: 'FORBIDDEN', field: 'authorId' });
    for (const reason of ['', 'x'.repeat(1001)]) expect((await server.error(UNLINK, { token: curator.token, variables: { authorId: one.id, reason } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'reason' });
    expect((await server.error(UNLINK, { token: curator.token, variables: { authorId: toGlobalId('Author', 2_000_000_000) } })).extensions).toEqual({ code: 'NOT_FOUND', field: 'authorId' });
    expect((await server.error(UNLINK, { token: curator.token, variables: { authorId: id } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'authorId' });
    const before = await entries();
    for (const { token } of [curator, admin, other]) {
      expect((await server.query(UNLINK, { token, variables: { authorId: one.id, reason: 'a namesake' } })).unlinkAuthor.author).toEqual({ id: one.id, user: null, viewerClaim: null });
    }
    expect((await entries()).slice(before.length)).toEqual([{ action: 'UNLINK_AUTHOR', actorId: curator.rowId, objectType: 'Author', objectId: one.rowId, details: { reason: 'a namesake', claimId: id } }]);
    const { node } = await server.query('query ($id: ID!) { node(id: $id) { ... on AuthorshipClaim { state endReason endedAt } } }', { token: reader.token, variables: { id } });
    expect(node).toEqual({ state: 'ENDED', endReason: 'a namesake', endedAt: expect.any(String) });
    // What was told does not hold any more.
    expect(await inbox(reader)).toEqual([]);
    for (const resolution of ['CONFIRMED', 'REJECTED']) expect((await server.error(RESOLVE, { token: curator.token, variables: { claimId: id, resolution } })).message).toBe('the claim has ended as ENDED');
  });

  test('by the reader is noted nowhere, also of a curator', async () => {
    for (const reader of [await seedReader(server), await seedReader(server, 'CURATOR')]) {
      const one = await author();
      await link(reader, one);
      const before = await entries();
      expect((await server.query(UNLINK, { token: reader.token, variables: { authorId: one.id } })).unlinkAuthor.author).toEqual({ id: one.id, user: null, viewerClaim: { state: 'ENDED' } });
      expect(await entries()).toEqual(before);
    }
  });
});

describe('claims are listed', () => {
  const LIST = 'query ($state: ClaimState, $first: Int, $after: String, $last: Int) { list: authorshipClaims(state: $state, first: $first, after: $after, last: $last) { totalCount pageInfo { hasNextPage endCursor } nodes { id state } } }';
  const OWN = 'query ($id: ID!, $state: ClaimState, $first: Int, $after: String) { user(id: $id) { authorshipClaims(state: $state, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id state } } } }';
  let reader: Reader;
  let ids: string[];

  beforeAll(async () => {
    reader = await seedReader(server);
    const { authors } = await bylineOf(7);
    ids = [];
    for (const one of authors) ids.push((await claim(reader, one)).claim.id);
    for (const [n, id] of ids.entries()) if (n < 3) await resolve(curator, id, { resolution: n === 2 ? 'REJECTED' : 'CONFIRMED' });
    ids.reverse();
  });

  test('to curators, the latest first, page by page and by state', async () => {
    expect((await server.error(LIST)).extensions).toEqual({ code: 'UNAUTHENTICATED' });
    expect((await server.error(LIST, { token: reader.token })).extensions).toEqual({ code: 'FORBIDDEN' });
    expect((await server.error(LIST, { token: curator.token, variables: { first: 101 } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'first' });
    const all: string[] = [];
    for (let after: string | null = null; ;) {
      const { list }: any = await server.query(LIST, { token: curator.token, variables: { first: 3, after } });
      all.push(...list.nodes.map(({ id }: any) => id));
      expect(list.nodes.length).toBeLessThanOrEqual(3);
      after = list.pageInfo.endCursor;
      if (list.pageInfo.hasNextPage === false) break;
    }
    const rows = await server.database.rows<{ id: number }>(sql`SELECT id FROM authorship_claims ORDER BY created_at DESC, id DESC`);
    expect(all).toEqual(rows.map(({ id }) => toGlobalId('AuthorshipClaim', id)));
    expect(all.slice(0, 7)).toEqual(ids);
    const { list } = await server.query(LIST, { token: admin.token, variables: { state: 'PENDING', first: 4 } });
    expect(list.nodes).toEqual(ids.slice(0, 4).map((id) => ({ id, state: 'PENDING' })));
    expect(list.totalCount).toBe((await server.database.rows(sql`SELECT id FROM authorship_claims WHERE state = 'PENDING'`)).length);
  });

  test('of a reader, to the reader and curators alone', async () => {
    for (const { token } of [reader, curator]) {
      const { user } = await server.query(OWN, { token, variables: { id: reader.id, first: 5 } });
      expect(user.authorshipClaims).toMatchObject({ totalCount: 7, pageInfo: { hasNextPage: true }, nodes: ids.slice(0, 5).map((id) => ({ id })) });
      const rest = await server.query(OWN, { token, variables: { id: reader.id, first: 5, after: user.authorshipClaims.pageInfo.endCursor } });
      expect(rest.user.authorshipClaims).toMatchObject({ pageInfo: { hasNextPage: false }, nodes: ids.slice(5).map((id) => ({ id })) });
      expect((await server.query(OWN, { token, variables: { id: reader.id, state: 'CONFIRMED' } })).user.authorshipClaims).toMatchObject({ totalCount: 2, nodes: ids.slice(5).map((id) => ({ id, state: 'CONFIRMED' })) });
    }
    for (const token of [null, (await seedReader(server)).token]) expect((await server.query(OWN, { token, variables: { id: reader.id } })).user).toEqual({ authorshipClaims: null });
    expect((await server.query('{ viewer { authorshipClaims(first: 1) { nodes { id } } } }', { token: reader.token })).viewer.authorshipClaims.nodes).toEqual([{ id: ids[0] }]);
    expect((await server.query('{ viewer { authors(last: 1) { pageInfo { hasPreviousPage } edges { confirmedAt node { user { username } viewerClaim { id } } } } } }', { token: reader.token })).viewer.authors).toEqual({
      pageInfo: { hasPreviousPage: true }, edges: [{ confirmedAt: expect.any(String), node: { user: { username: reader.username }, viewerClaim: { id: ids[6] } } }],
    });
  });
});

describe('votes and comments by authors', () => {
  const READ = `query ($id: ID!) { paper(id: $id) { upvotes { edges { isByAuthor isBySubmitter node { username } } } comments(orderBy: OLDEST) { nodes { isByAuthor replies { nodes { isByAuthor } } } } } }`;

  test('are marked, by either way of answering, in the statement of the list', async () => {
    const both = await startBothWays();
    const outer = server;
    try {
      server = both.interpreted;
      const [own, submitter, other, moderator] = [await seedReader(server), await seedReader(server), await seedReader(server), await seedReader(server, 'CURATOR')];
      const { paper, authors: [one, unconfirmed] } = await bylineOf(2, { submittedById: submitter.rowId });
      const { paper: elsewhere, authors: [two] } = await bylineOf(1, { submittedById: other.rowId });
      await seedUpvotes(server, [own, submitter, other].flatMap((reader) => [[reader, paper], [reader, elsewhere]] as const));
      for (const [reader, claimed] of [[own, one!], [other, two!]] as const) await resolve(moderator, (await claim(reader, claimed)).claim.id);
      await claim(submitter, unconfirmed!);
      const ADD = 'mutation ($paperId: ID!, $parentId: ID) { addComment(input: { paperId: $paperId, parentId: $parentId, body: "Hello" }) { comment { id isByAuthor } } }';
      const comment = (await server.query(ADD, { token: own.token, variables: { paperId: paper.id } })).addComment.comment;
      expect(comment.isByAuthor).toBe(true);
      await server.query(ADD, { token: other.token, variables: { paperId: paper.id, parentId: comment.id } });

      const read = async (id: string, token: string | null = null): Promise<any> => {
        const { expected, got } = await both.ask({ document: READ, variables: { id }, token });
        for (const outcome of got) {
          expect(outcome.body).toEqual(expected.body);
          expect(isWritten(outcome)).toBe(true);
        }
        return expected.body.data.paper;
      };
      const marks = ({ upvotes }: any): unknown => Object.fromEntries(upvotes.edges.map(({ isByAuthor, isBySubmitter, node }: any) => [node.username, [isByAuthor, isBySubmitter]]));
      const shown = await read(paper.id);
      expect(marks(shown)).toEqual({ [own.username]: [true, false], [submitter.username]: [false, true], [other.username]: [false, false] });
      expect(shown.comments).toEqual({ nodes: [{ isByAuthor: true, replies: { nodes: [{ isByAuthor: false }] } }] });
      expect(marks(await read(elsewhere.id))).toEqual({ [own.username]: [false, false], [submitter.username]: [false, false], [other.username]: [true, true] });

      const PAGE = 'query ($first: Int!) { papers(first: $first) { nodes { upvotes { edges { isByAuthor isBySubmitter } } } } }';
      for (const first of [1, 3]) {
        const { expected, got } = await both.ask({ document: PAGE, variables: { first } });
        expect([expected.statements.length, got[1].statements.length]).toEqual([2, 1]);
      }

      // Who is not told who wrote a comment is not told this either.
      await server.database.rows(sql`UPDATE comments SET hidden_at = now() WHERE id = ${rowOf(comment.id)}`);
      expect((await read(paper.id)).comments.nodes[0].isByAuthor).toBe(false);
      expect((await read(paper.id, own.token)).comments.nodes[0].isByAuthor).toBe(true);
      expect((await read(paper.id, moderator.token)).comments.nodes[0].isByAuthor).toBe(true);
      await server.query(UNLINK, { token: own.token, variables: { authorId: one!.id } });
      expect(marks(await read(paper.id))).toMatchObject({ [own.username]: [false, false] });
    } finally {
      server = outer;
      await both.stop();
    }
  });
});

describe('merged authors', () => {
  const merge = (keep: Named, duplicate: Named): Promise<any> => server.send(`mutation { mergeAuthors(input: { keepId: "${keep.id}", duplicateId: "${duplicate.id}" }) { author { id user { username } } } }`, { token: curator.token });

  test.each([['the kept one', 0], ['the duplicate', 1]] as const)('keep the reader of %s', async (_, place) => {
    const [reader, pair] = [await seedReader(server), (await bylineOf(2)).authors as [Named, Named]];
    await link(reader, pair[place]);
    // What the reader claims of the other one is said already.
    await claim(reader, pair[1 - place]!);
    expect((await merge(pair[0], pair[1])).data.mergeAuthors.author).toEqual({ id: pair[0].id, user: { username: reader.username } });
    expect(await claimsOf(reader)).toEqual([{ author: pair[0].rowId, state: 'CONFIRMED' }]);
    expect(await userOf(pair[1])).toBe(reader.username);
    expect((await inbox(reader)).map((told) => told.author.id)).toEqual([pair[0].id]);
    expect((await claim(reader, pair[1])).isNew).toBe(false);
    expect((await server.query(UNLINK, { token: reader.token, variables: { authorId: pair[1].id } })).unlinkAuthor.author.id).toBe(pair[0].id);
  });

  test('of one reader are one link, and of two readers no merge', async () => {
    const [reader, other, [keep, same, foreign]] = [await seedReader(server), await seedReader(server), (await bylineOf(3)).authors as [Named, Named, Named]];
    for (const one of [keep, same]) await link(reader, one);
    await link(other, foreign);
    expect((await merge(keep, foreign)).errors[0]).toMatchObject({ message: `the authors are linked to two readers, @${reader.username} and @${other.username}: unlink one of them first`, extensions: { code: 'CONFLICT', field: 'duplicateId' } });
    expect([await userOf(keep), await userOf(foreign)]).toEqual([reader.username, other.username]);
    expect((await merge(keep, same)).errors).toEqual([]);
    expect(await claimsOf(reader)).toEqual([{ author: keep.rowId, state: 'CONFIRMED' }]);
    await server.query(UNLINK, { token: curator.token, variables: { authorId: foreign.id } });
    expect((await merge(keep, foreign)).errors).toEqual([]);
    expect(await claimsOf(other)).toEqual([{ author: keep.rowId, state: 'ENDED' }]);
  });

  test('have the pending claims of both, of one reader one', async () => {
    const [first, second, [keep, duplicate]] = [await seedReader(server), await seedReader(server), (await bylineOf(2)).authors as [Named, Named]];
    const ids = [(await claim(first, duplicate, { note: 'other' })).claim.id, (await claim(first, keep, { note: 'kept' })).claim.id, (await claim(second, duplicate)).claim.id];
    expect((await merge(keep, duplicate)).errors).toEqual([]);
    const { list } = await server.query('{ list: authorshipClaims(state: PENDING, first: 2) { nodes { id note author { id } } } }', { token: curator.token });
    expect(list.nodes).toEqual([{ id: ids[2], note: 'ask me', author: { id: keep.id } }, { id: ids[1], note: 'kept', author: { id: keep.id } }]);
    expect((await server.error(RESOLVE, { token: curator.token, variables: { claimId: ids[0] } })).extensions).toEqual({ code: 'NOT_FOUND', field: 'claimId' });
    await resolve(curator, ids[2]);
    expect(await userOf(duplicate)).toBe(second.username);
  });

  test('while they are claimed lose no claim', async () => {
    const readers = await Promise.all(Array.from({ length: 6 }, () => seedReader(server)));
    for (let round = 0; round < (isOnServer ? 4 : 1); round += 1) {
      const [keep, duplicate] = (await bylineOf(2)).authors as [Named, Named];
      const [merged, ...answers] = await Promise.all([merge(keep, duplicate), ...readers.map((reader, n) => server.send(CLAIM, { token: reader.token, variables: { authorId: (n % 2 === 0 ? duplicate : keep).id } }))]);
      expect([merged.errors, ...answers.map(({ errors }) => errors)]).toEqual(Array(7).fill([]));
      const rows = await server.database.rows<{ id: number }>(sql`SELECT user_id AS id FROM authorship_claims WHERE author_id = ${keep.rowId} AND state = 'PENDING' ORDER BY user_id`);
      expect(rows.map(({ id }) => id)).toEqual(readers.map(({ rowId }) => rowId).sort((a, b) => a - b));
      await server.database.rows(sql`UPDATE authorship_claims SET state = 'WITHDRAWN', resolved_at = now() WHERE author_id = ${keep.rowId}`);
    }
  });
});

test('a deleted account takes its claims and links along, and leaves what it decided', async () => {
  const [person, other, { paper, authors: [one, two] }] = [await signUp(server, 'claimant-who-goes'), await seedReader(server), await bylineOf(2)];
  await link(person, one!);
  await claim(person, two!);
  await server.database.rows(sql`UPDATE users SET role = 'CURATOR' WHERE id = ${person.rowId}`);
  const decided = (await claim(other, two!)).claim.id;
  await resolve(person, decided, { resolution: 'REJECTED', note: 'no proof' });
  await seedUpvotes(server, [[person, paper]]);
  await server.query(`mutation { deleteAccount(input: { password: "${PASSWORD}" }) { deletedUserId } }`, { token: person.token });
  expect([await claimsOf(person), await userOf(one!)]).toEqual([[], null]);
  const { node } = await server.query(`query ($id: ID!) { node(id: $id) { ... on AuthorshipClaim { state resolutionNote resolver { id } } } }`, { token: curator.token, variables: { id: decided } });
  expect(node).toEqual({ state: 'REJECTED', resolutionNote: 'no proof', resolver: null });
  // The author is free again.
  await link(other, one!);
  expect(await userOf(one!)).toBe(other.username);
});
