import { sql } from '../../src/database/database.js';
import { until } from './fakeRunner.js';
import type { Reader, SeededPaper } from './seed.js';
import type { TestServer } from './testServer.js';

export const PASSWORD = 'correct horse battery';

/** A reader with a password. */
export async function signUp(server: TestServer, username: string, displayName: string | null = null): Promise<Reader> {
  const document = 'mutation ($username: String!, $password: String!, $displayName: String) { signUp(input: { username: $username, password: $password, displayName: $displayName }) { token viewer { id } } }';
  const { token, viewer } = (await server.query(document, { variables: { username, password: PASSWORD, displayName } })).signUp;
  return { username, token, id: viewer.id, rowId: Number(Buffer.from(viewer.id, 'base64url').toString().split(':')[1]) };
}

export interface Surroundings {
  readonly papers: readonly SeededPaper[];
  readonly other: Reader;
  readonly tags: readonly [string, string];
  /** By id. */
  readonly authors: readonly [string, string];
}

/** Votes and wishes that rankings know: on the first four papers. */
export async function haveTastes(server: TestServer, { token }: Reader, { papers, tags, authors }: Surroundings): Promise<void> {
  const [liked, left, unwanted, once] = papers.map(({ id }) => id);
  await server.query(`mutation {
    a: upvotePaper(input: { paperId: "${liked}" }) { __typename } b: upvotePaper(input: { paperId: "${left}" }) { __typename } c: removeUpvote(input: { paperId: "${left}" }) { __typename }
    d: dismissPaper(input: { paperId: "${unwanted}" }) { __typename } e: upvotePaper(input: { paperId: "${once}" }) { __typename }
    f: followTag(input: { tagSlug: "${tags[0]}" }) { __typename } g: followAuthor(input: { authorId: "${authors[0]}" }) { __typename }
    h: muteTag(input: { tagSlug: "${tags[1]}" }) { __typename } i: muteAuthor(input: { authorId: "${authors[1]}" }) { __typename }
  }`, { token });
}

let authors = 0;

/** What was made on the way. */
export interface Traces {
  readonly email: string;
  readonly commentId: string;
  readonly replyId: string;
  readonly mentioningId: string;
  readonly secrets: readonly string[];
}

/** A row of everything that a reader can leave, and others with them. */
export async function leadFullLife(server: TestServer, reader: Reader, surroundings: Surroundings): Promise<Traces> {
  const { token, username, rowId } = reader;
  const { papers, other } = surroundings;
  const paperId = papers[0]!.id;
  const email = `${username}@mail.example`;
  await haveTastes(server, reader, surroundings);
  const add = async (who: Reader, body: string, parentId: string | null = null): Promise<string> =>
    (await server.query('mutation ($input: AddCommentInput!) { addComment(input: $input) { comment { id } } }', { token: who.token, variables: { input: { paperId, body, parentId } } })).addComment.comment.id;
  const commentId = await add(reader, `Well said, @${other.username}.`);
  const mentioningId = await add(other, `As @${username} says.`, commentId);
  const replyId = await add(reader, 'Nothing more.', mentioningId);
  const made = await server.query(`mutation {
    upvoteComment(input: { commentId: "${mentioningId}" }) { __typename } followUser(input: { userId: "${other.id}" }) { __typename }
    createCollection(input: { name: "Read twice", description: "Good ones", isPublic: true }, idempotencyKey: "mine") { collection { id } } createFeedToken(input: { name: "phone" }) { syndication { atomUrl } }
    createApiToken(input: { name: "a script", scopes: [READ] }) { token }
    setReadingState(input: { paperId: "${paperId}", state: READ }) { __typename } setPaperNote(input: { paperId: "${paperId}", note: "a thought" }) { __typename }
    markFeedSeen(input: {}) { __typename } subscribeToDigest(input: { email: "${email}", timeZone: "UTC" }) { __typename } submitPaper(input: { title: "A paper of one's own" }) { __typename }
  }`, { token });
  await server.query(`mutation { addToCollection(input: { collectionId: "${made.createCollection.collection.id}", paperId: "${paperId}", note: "the best" }) { __typename } }`, { token });
  await server.query(`mutation { followUser(input: { userId: "${reader.id}" }, idempotencyKey: "follow ${authors}") { user { id username displayName } } upvoteComment(input: { commentId: "${commentId}" }) { __typename } }`, { token: other.token });
  await server.database.rows(sql`INSERT INTO ingest_runs (source, options, trigger, requested_by_id) VALUES ('pond', '{"limit": 1}', 'ADMIN', ${rowId})`);
  await server.query(`mutation { report(input: { userId: "${other.id}", reason: OTHER, note: "a note" }) { __typename } }`, { token });
  await server.query(`mutation { report(input: { userId: "${reader.id}", reason: SPAM }) { __typename } }`, { token: other.token });
  await server.database.rows(sql`INSERT INTO reports (reporter_id, paper_id, reason, state, resolved_at, resolver_id) VALUES (${other.rowId}, ${papers[1]!.rowId}, 'SPAM', 'ACTED', now(), ${rowId})`);
  await server.database.rows(sql`INSERT INTO audit_entries (actor_id, action, object_type, object_id, details) VALUES (${rowId}, 'HIDE', 'Paper', ${papers[4]!.rowId}, '{}'), (${other.rowId}, 'SET_ROLE', 'User', ${rowId}, '{"role": "READER"}')`);
  await server.query(`mutation { claimAuthorship(input: { authorId: "${surroundings.authors[0]}", note: "ask ${username}" }) { __typename } }`, { token });
  await server.database.rows(sql`WITH own AS (INSERT INTO authors (name) VALUES (${`Somebody ${(authors += 1)}`}), (${`Somebody ${(authors += 1)}`}) RETURNING id)
    INSERT INTO authorship_claims (user_id, author_id, state, note, resolved_at, resolver_id)
    SELECT CASE WHEN place = 1 THEN ${rowId}::int4 ELSE ${other.rowId}::int4 END, id, (CASE WHEN place = 1 THEN 'CONFIRMED' ELSE 'REJECTED' END)::claim_state, 'It is me', now(),
      CASE WHEN place = 1 THEN ${other.rowId}::int4 ELSE ${rowId}::int4 END
    FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM own) x`);
  await server.database.rows(sql`INSERT INTO refused_upvotes (user_id, paper_id) VALUES (${rowId}, ${papers[1]!.rowId})`);
  await server.database.rows(sql`WITH own AS (INSERT INTO external_identities (user_id, issuer, subject, last_seen_on, refused_before) VALUES (${rowId}, 'https://login.example', ${`${username} at work`}, '2026-01-02', now()) RETURNING id)
    INSERT INTO sessions (user_id, kind, token_hash, expires_at, identity_id, signed_hash) SELECT ${rowId}, 'EXTERNAL', sha256(convert_to(${`whole ${username}`}::text, 'UTF8')), now() + interval '1 hour', id, sha256(convert_to(${`signed ${username}`}::text, 'UTF8')) FROM own`);
  await server.send(`mutation { signIn(input: { username: "${username}", password: "not theirs" }) { token } }`);
  await server.query('mutation { exportMyData { expiresAt } }', { token });
  const secrets = await server.database.rows<{ secret: string }>(sql`
    SELECT encode(token_hash, 'hex') AS secret FROM sessions WHERE user_id = ${rowId} UNION ALL SELECT encode(token_hash, 'hex') FROM feed_tokens WHERE user_id = ${rowId}
    UNION ALL SELECT encode(token_hash, 'hex') FROM data_exports WHERE user_id = ${rowId} UNION ALL SELECT password_hash FROM users WHERE id = ${rowId}
    UNION ALL SELECT encode(sha256(convert_to(${username}, 'UTF8')), 'hex') UNION ALL SELECT unsubscribe_token FROM digest_subscriptions WHERE user_id = ${rowId}`);
  await until(async () => (await server.database.prisma.digestMail.count({ where: { state: 'SENT', subscription: { userId: rowId } } })) === 1, 'the mail was written');
  return { email, commentId, replyId, mentioningId, secrets: secrets.map(({ secret }) => secret) };
}
