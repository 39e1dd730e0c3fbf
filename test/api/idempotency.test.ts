import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Database, sql } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import { unservedSchema } from '../../src/schemaFile.js';
import { receive, wsClient } from '../support/liveClients.js';
import { signUp } from '../support/fullLife.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { createTestDatabase } from '../support/testDatabase.js';
import { startBeside, startTestServer, type Answer, type TestServer } from '../support/testServer.js';

// One interprets, the other compiles at once, where there can be two on one database with connections of their own.
let server: TestServer;
let other: TestServer;
let papers: SeededPaper[];
let reader: Reader;

beforeAll(async () => {
  const comments = { editMinutes: 15, mostInWindow: 1000 };
  const made = await createTestDatabase();
  server = await startTestServer({ comments, compileAfter: 1000 }, made);
  other = made.url === null
    ? await startBeside(server, { comments, compileAfter: 0 })
    : await startTestServer({ comments, compileAfter: 0 }, { database: new Database(await openPostgres(made.url, 5)), drop: () => Promise.resolve() });
  papers = await seedPapers(server, Array.from({ length: 3 }, (_, n) => ({ title: `Paper ${n}`, listedOn: '2026-01-01' })));
});
afterAll(async () => {
  await other.stop();
  await server.stop();
});
beforeEach(async () => {
  reader = await seedReader(server);
  for (const { services } of [server, other]) services.idempotencyKeys.waitMs = 10_000;
});

const COMMENT = 'mutation ($body: String!, $paper: ID!, $key: String) { addComment(input: { body: $body, paperId: $paper }, idempotencyKey: $key) { comment { id bodyMarkdown createdAt } } }';

const comment = (at: TestServer, body: string, key: string | null): Promise<Answer<any>> =>
  at.send(COMMENT, { token: reader.token, variables: { body, paper: papers[0]!.id, key } });
const ask = (document: string, at = server): Promise<Answer<any>> => at.send(document, { token: reader.token });
const codes = ({ errors }: Answer<any>): unknown[] => errors.map(({ extensions: { code, field } }) => (field === undefined ? [code] : [code, field]));

/** Comments are old at once, so that the same words again would be another comment. */
const age = async (): Promise<void> => {
  await server.database.transaction(async (transaction) => {
    await transaction.rows(sql`SELECT set_config('session_replication_role', 'replica', true)`);
    await transaction.rows(sql`UPDATE comments SET created_at = created_at - interval '1 hour' WHERE user_id = ${reader.rowId}`);
  });
};
const bodies = async (): Promise<string[]> => (await server.database.rows<{ body: string }>(sql`SELECT body FROM comments WHERE user_id = ${reader.rowId} ORDER BY id`)).map(({ body }) => body);
const rows = (): Promise<{ key: string; isDone: boolean; answer: string | null; results: Record<string, string> }[]> =>
  server.database.rows(sql`SELECT key, completed_at IS NOT NULL AS "isDone", answer, results FROM idempotency_keys WHERE user_id = ${reader.rowId} ORDER BY created_at, key`);
/** As though whoever did it had ended before it was answered. */
const cutOff = (): Promise<unknown> => server.database.rows(sql`UPDATE idempotency_keys SET answer = NULL, selection = NULL, completed_at = NULL, held_until = now() - interval '1 s' WHERE user_id = ${reader.rowId}`);
/** As though another server were at it. */
const hold = (key: string, seconds: number): Promise<unknown> => server.database.rows(sql`
  UPDATE idempotency_keys SET answer = NULL, selection = NULL, completed_at = NULL, holder = gen_random_uuid(), held_until = clock_timestamp() + make_interval(secs => ${seconds}::float8)
  WHERE user_id = ${reader.rowId} AND key = ${key}`);

describe('the schema', () => {
  const mutations = Object.values(unservedSchema().getMutationType()!.getFields());
  const withoutKey: Readonly<Record<string, string>> = {
    signUp: 'nobody is signed in whose key it could be; the name is taken then', signIn: 'as signUp; it has a password', signOut: 'ends what says whose key it is',
    confirmDigest: 'as signUp; repeating it changes nothing', deleteAccount: 'takes the keys with it; it has a password', changePassword: 'it has passwords; with the old one it is refused the second time',
    linkExternalIdentity: 'takes a password; repeating it changes nothing',
  };

  test('has a key in every mutation but these', () => {
    const taking = mutations.filter(({ args }) => args.some(({ name, type }) => name === 'idempotencyKey' && String(type) === 'String'));
    expect(mutations.filter((field) => !taking.includes(field)).map(({ name }) => name).sort()).toEqual(Object.keys(withoutKey).sort());
    expect(taking.length).toBeGreaterThan(65);
  });
});

describe.each([['interpreted', () => server, () => other], ['compiled', () => other, () => server]] as const)('%s, a key', (_way, first, second) => {
  test('has a mutation done once, with one answer on every server, as it was then', async () => {
    const [one, again] = [await comment(first(), 'Well said.', 'k'), await comment(second(), 'Well said.', 'k')];
    expect(one).toMatchObject({ status: 200, data: { addComment: { comment: { bodyMarkdown: 'Well said.' } } } });
    expect(again).toEqual(one);
    await age();
    await ask(`mutation { deleteComment(input: { commentId: "${one.data.addComment.comment.id}" }) { comment { id } } }`);
    expect(await comment(first(), 'Well said.', 'k')).toEqual(one);
    expect(await bodies()).toEqual(['']);
    // Without the key it is another one.
    expect((await comment(first(), 'Well said.', null)).data.addComment.comment.id).not.toBe(one.data.addComment.comment.id);
  });

  test('is the same whatever the order of inputs, aliases and the layout of the document', async () => {
    const [a, b, c] = [
      await ask(`mutation { addComment(input: { paperId: "${papers[0]!.id}", body: "Same." }, idempotencyKey: "k") { comment { id createdAt } } }`, first()),
      await ask(`mutation Again { addComment(idempotencyKey: "k", input: { body: "Same.", paperId: "${papers[0]!.id}" }) {\n comment { id, createdAt } } }`, first()),
      await ask(`mutation { said: addComment(idempotencyKey: "k", input: { body: "Same.", paperId: "${papers[0]!.id}" }) { comment { id createdAt } } }`, second()),
    ];
    expect(b).toEqual(a);
    expect(c.data).toEqual({ said: a.data.addComment });
    expect(await bodies()).toEqual(['Same.']);
  });

  test('is refused for other arguments and another mutation, and says so', async () => {
    await comment(first(), 'One.', 'k');
    expect((await comment(second(), 'Two.', 'k')).errors).toMatchObject([{ message: 'this idempotencyKey was used with other arguments: send a new one with each new request', path: ['addComment'], extensions: { code: 'IDEMPOTENCY_KEY_REUSED', field: 'idempotencyKey' } }]);
    expect((await ask(`mutation { upvotePaper(input: { paperId: "${papers[0]!.id}" }, idempotencyKey: "k") { paper { id } } }`, first())).errors[0]!.message).toMatch('was used for addComment');
    expect(await bodies()).toEqual(['One.']);
    expect(await ask(`{ paper(id: "${papers[0]!.id}") { viewerHasUpvoted } }`)).toMatchObject({ data: { paper: { viewerHasUpvoted: false } } });
  });

  test('gives another selection what it asks for, without doing it again', async () => {
    const { data } = await comment(first(), 'One.', 'k');
    await age();
    const more = await ask(`mutation { addComment(input: { paperId: "${papers[0]!.id}", body: "One." }, idempotencyKey: "k") { comment { id paper { title } author { username } } } }`, second());
    expect(more).toMatchObject({ status: 200, data: { addComment: { comment: { id: data.addComment.comment.id, paper: { title: 'Paper 0' }, author: { username: reader.username } } } } });
    expect(await bodies()).toEqual(['One.']);
    // The first one has its answer still.
    expect(JSON.parse((await rows())[0]!.answer!)).toEqual(data.addComment);
  });

  test('gives a token that is told less what that one is told', async () => {
    const curator = await seedReader(server, 'CURATOR');
    const tokenFor = async (scopes: string): Promise<string> =>
      (await server.query(`mutation { createApiToken(input: { name: "${scopes}", scopes: [${scopes}] }) { token } }`, { token: curator.token })).createApiToken.token;
    const document = `mutation { setPaperNote(input: { paperId: "${papers[0]!.id}", note: "Mine." }, idempotencyKey: "k") { paper { flaggedUpvoteCount viewerLibraryEntry { note } } } }`;
    const one = await first().query(document, { token: curator.token });
    expect(one.setPaperNote.paper).toEqual({ flaggedUpvoteCount: 0, viewerLibraryEntry: { note: 'Mine.' } });
    await server.database.rows(sql`UPDATE library_entries SET note = 'Later.' WHERE user_id = ${curator.rowId}`);
    const [writes, reads, alike] = [await tokenFor('WRITE'), await tokenFor('READ, WRITE'), await tokenFor('READ, WRITE, ADMIN')];
    const { data, errors } = await second().send(document, { token: writes });
    expect([data, errors.map(({ message }) => message)]).toEqual([{ setPaperNote: { paper: { flaggedUpvoteCount: null, viewerLibraryEntry: null } } }, Array(2).fill('this needs a token with the scope READ, this one has WRITE')]);
    // Read now, and not written again.
    expect((await second().query(document, { token: reads })).setPaperNote.paper).toEqual({ flaggedUpvoteCount: null, viewerLibraryEntry: { note: 'Later.' } });
    expect(await second().query(document, { token: alike })).toEqual(one);
  });

  test('is a reader’s own', async () => {
    const [one, two] = [await comment(first(), 'One.', 'k'), await first().send(COMMENT, { token: (await seedReader(server)).token, variables: { body: 'Two.', paper: papers[0]!.id, key: 'k' } })];
    expect([one.errors, two.errors]).toEqual([[], []]);
    expect(two.data.addComment.comment.bodyMarkdown).toBe('Two.');
  });

  test.each([[''], ['a'.repeat(256)], ['naïve'], ['a\nb'], ['\u007f']])('must be 1 to 255 printable ASCII characters: %j', async (key) => {
    expect(codes(await comment(first(), 'One.', key))).toEqual([['BAD_USER_INPUT', 'idempotencyKey']]);
    expect([await bodies(), await rows()]).toEqual([[], []]);
  });

  test('of 255 characters, with spaces and quotes, is one', async () => {
    const key = `" it's ${'~'.repeat(248)}`;
    expect(key).toHaveLength(255);
    expect((await comment(first(), 'One.', key)).errors).toEqual([]);
    expect(await rows()).toMatchObject([{ key, isDone: true }]);
  });

  test('that is null is none', async () => {
    expect((await comment(first(), 'One.', null)).errors).toEqual([]);
    expect(await rows()).toEqual([]);
  });

  test('of what was refused is free for what is right', async () => {
    expect(codes(await comment(first(), '  ', 'k'))).toEqual([['BAD_USER_INPUT', 'body']]);
    expect(await rows()).toEqual([]);
    expect((await comment(second(), 'Right.', 'k')).errors).toEqual([]);
    expect(await bodies()).toEqual(['Right.']);
  });

  test('needs a viewer first, and a role', async () => {
    expect(codes(await first().send(COMMENT, { variables: { body: 'One.', paper: papers[0]!.id, key: 'k' } }))).toEqual([['UNAUTHENTICATED']]);
    expect(codes(await ask(`mutation { hidePaper(input: { paperId: "${papers[0]!.id}", reason: "none" }, idempotencyKey: "k") { paper { id } } }`, first()))).toEqual([['FORBIDDEN']]);
    expect(await rows()).toEqual([]);
  });

  test('whose role was taken is not answered from before', async () => {
    const curator = await seedReader(server, 'CURATOR');
    const hide = `mutation { hidePaper(input: { paperId: "${papers[2]!.id}", reason: "none" }, idempotencyKey: "k") { paper { id } } }`;
    expect((await first().send(hide, { token: curator.token })).errors).toEqual([]);
    await server.database.rows(sql`UPDATE users SET role = 'READER' WHERE id = ${curator.rowId}`);
    expect(codes(await second().send(hide, { token: curator.token }))).toEqual([['FORBIDDEN']]);
    await server.database.rows(sql`UPDATE papers SET hidden_at = NULL WHERE id = ${papers[2]!.rowId}`);
  });
});

describe.each([['interpreted', () => server], ['compiled', () => other]] as const)('%s, a document of several mutations', (_way, at) => {
  const add = (body: string, key: string | null): string => `addComment(input: { paperId: "${papers[0]!.id}", body: "${body}" }${key === null ? '' : `, idempotencyKey: "${key}"`}) { comment { id bodyMarkdown } }`;

  test('has a key for each of them', async () => {
    const document = `mutation { a: ${add('A', 'a')} b: ${add('B', null)} c: ${add('C', 'c')} }`;
    const first = await ask(document, at());
    expect(Object.keys(first.data)).toEqual(['a', 'b', 'c']);
    await age();
    const again = await ask(document, at());
    expect([again.data.a, again.data.c]).toEqual([first.data.a, first.data.c]);
    expect(again.data.b.comment.id).not.toBe(first.data.b.comment.id);
    expect(await bodies()).toEqual(['A', 'B', 'C', 'B']);
  });

  test('with one key twice does it once; for two things the second is refused, and those behind it not done', async () => {
    const twice = await ask(`mutation { a: ${add('A', 'k')} b: ${add('A', 'k')} }`, at());
    expect(twice.data.b).toEqual(twice.data.a);
    const two = await ask(`mutation { a: ${add('B', 'l')} b: ${add('C', 'l')} c: ${add('D', null)} }`, at());
    expect([two.data, codes(two), two.errors[0]!.path]).toEqual([null, [['IDEMPOTENCY_KEY_REUSED', 'idempotencyKey']], ['b']]);
    expect(await bodies()).toEqual(['A', 'B']);
    // What was done before it is answered when it is asked again.
    expect((await ask(`mutation { a: ${add('B', 'l')} }`, at())).data.a.comment.bodyMarkdown).toBe('B');
    expect(await bodies()).toEqual(['A', 'B']);
  });

  test('may have fragments, variables and directives', async () => {
    const document = `mutation ($key: String, $isWanted: Boolean!, $body: Boolean = true) {
      __typename ...Wanted @include(if: $isWanted) ... on Mutation { b: ${add('B', 'b')} } b: addComment(input: { paperId: "${papers[0]!.id}", body: "B" }, idempotencyKey: "b") { comment { createdAt } }
      skipped: addComment(input: { paperId: "${papers[0]!.id}", body: "None" }, idempotencyKey: $key) @skip(if: true) { comment { id } }
    }
    fragment Wanted on Mutation { a: addComment(input: { paperId: "${papers[0]!.id}", body: "A" }, idempotencyKey: $key) { comment { ...Told } } }
    fragment Told on Comment { id bodyMarkdown @include(if: $body) }`;
    const send = (variables: Record<string, unknown>): Promise<Answer<any>> => at().send(document, { token: reader.token, variables });
    const first = await send({ key: 'a', isWanted: true });
    expect(first.errors).toEqual([]);
    expect(first.data).toEqual({ __typename: 'Mutation', a: { comment: { id: expect.any(String), bodyMarkdown: 'A' } }, b: { comment: { id: expect.any(String), bodyMarkdown: 'B', createdAt: expect.any(String) } } });
    await age();
    expect(await send({ key: 'a', isWanted: true })).toEqual(first);
    const other = await send({ key: 'a', isWanted: true, body: false });
    expect(other.data.a).toEqual({ comment: { id: first.data.a.comment.id } });
    const { data } = await send({ key: 'other', isWanted: false });
    expect(data).toEqual({ __typename: 'Mutation', b: first.data.b });
    expect(await bodies()).toEqual(['A', 'B']);
    expect(codes(await send({ key: 'a' }))).toEqual([['BAD_USER_INPUT']]);
  });
});

describe('over WebSocket', () => {
  test('a key does the same', async () => {
    const client = wsClient(server, reader.token);
    const variables = { body: 'Said.', paper: papers[0]!.id, key: 'k' };
    const answers = [await receive(client, COMMENT, variables).until(1), await receive(client, COMMENT, variables).until(1)];
    expect(answers[1]).toEqual(answers[0]);
    expect(await comment(other, 'Said.', 'k')).toMatchObject({ data: answers[0]![0].data });
    expect(await bodies()).toEqual(['Said.']);
    await client.dispose();
  });
});

// Four of a reader wait on each server.
describe('what is under way', () => {
  test('8 at once on two servers have one effect and one answer', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => comment(n % 2 === 0 ? server : other, 'At once.', 'k')));
    expect(answers[0]!.errors).toEqual([]);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(await bodies()).toEqual(['At once.']);
  });

  test('and each of 8 keys its own', async () => {
    const names = Array.from({ length: 8 }, (_, n) => `Key ${String(n).padStart(2, '0')}`);
    await Promise.all([...names, ...names].map((name, n) => comment(n % 2 === 0 ? server : other, name, name)));
    expect((await bodies()).sort()).toEqual(names);
  });

  test('8 at once that are refused are each told why', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => comment(n % 2 === 0 ? server : other, ' ', 'k')));
    expect(new Set(answers.flatMap(codes).map(String))).toEqual(new Set(['BAD_USER_INPUT,body']));
    expect(await rows()).toEqual([]);
  });

  test('is waited for', async () => {
    const first = await comment(server, 'One.', 'k');
    const answer = (await rows())[0]!.answer!;
    const [{ selection }] = await server.database.rows<{ selection: string }>(sql`SELECT encode(selection, 'hex') AS selection FROM idempotency_keys WHERE user_id = ${reader.rowId}`) as [{ selection: string }];
    await hold('k', 60);
    const again = comment(other, 'One.', 'k');
    await new Promise((done) => { setTimeout(done, 100); });
    await server.database.rows(sql`UPDATE idempotency_keys SET answer = ${answer}, selection = decode(${selection}, 'hex'), completed_at = now(), held_until = now() WHERE user_id = ${reader.rowId}`);
    expect(await again).toEqual(first);
  });

  test('is waited for so long, and then said to be in progress', async () => {
    await comment(server, 'One.', 'k');
    await hold('k', 60);
    server.services.idempotencyKeys.waitMs = 100;
    expect((await comment(server, 'One.', 'k')).errors).toMatchObject([{ message: expect.stringMatching(/^addComment with this idempotencyKey is still being done: come again in (60|59|58) s$/), extensions: { code: 'IDEMPOTENCY_IN_PROGRESS', field: 'idempotencyKey', retryAfter: expect.any(Number) } }]);
    // What it is not is known at once.
    expect(codes(await comment(server, 'Two.', 'k'))).toEqual([['IDEMPOTENCY_KEY_REUSED', 'idempotencyKey']]);
  });

  test('is taken over from a server that has ended, and then the one that had not ended writes nothing', async () => {
    const use = { viewerId: reader.rowId, key: 'k', mutation: 'addComment', argumentsHash: new Uint8Array(32), selectionHash: new Uint8Array(32), isSecret: false };
    const holder = await server.services.idempotencyKeys.take(use);
    if ('answer' in holder) throw new Error('the key is new');
    await server.database.rows(sql`UPDATE idempotency_keys SET held_until = now() - interval '1 s' WHERE user_id = ${reader.rowId}`);
    const next = await other.services.idempotencyKeys.take(use);
    if ('answer' in next) throw new Error('nothing was answered');
    const add = (at: TestServer, body: string) => () => at.services.commentWriter.add({ userId: reader.rowId, paperId: papers[0]!.rowId, parentId: null, body });
    await expect(holder.run(add(server, 'Late.'))).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    await holder.leave();
    await next.run(add(other, 'In time.'));
    await next.complete('{}');
    expect(await bodies()).toEqual(['In time.']);
    expect(await rows()).toMatchObject([{ isDone: true, answer: '{}' }]);
  });
});

describe('a server that ends', () => {
  test('after the effect and before the answer leaves it to be gone on with: nothing is done twice', async () => {
    const first = await comment(server, 'One.', 'k');
    await age();
    await cutOff();
    const again = await comment(other, 'One.', 'k');
    expect(again.data.addComment.comment).toEqual({ ...first.data.addComment.comment, createdAt: expect.any(String) });
    expect(await bodies()).toEqual(['One.']);
    expect(await rows()).toMatchObject([{ isDone: true, answer: JSON.stringify(again.data.addComment) }]);
  });

  test('before the effect leaves nothing, and it is done then', async () => {
    await comment(server, 'One.', 'k');
    await server.database.rows(sql`DELETE FROM comments WHERE user_id = ${reader.rowId}`);
    await server.database.rows(sql`UPDATE idempotency_keys SET results = '{}' WHERE user_id = ${reader.rowId}`);
    await cutOff();
    expect((await comment(other, 'One.', 'k')).errors).toEqual([]);
    expect(await bodies()).toEqual(['One.']);
  });

  test('amid a vote that was taken back since does not vote again', async () => {
    const VOTE = `mutation { upvotePaper(input: { paperId: "${papers[1]!.id}" }, idempotencyKey: "k") { paper { viewerHasUpvoted } } }`;
    await ask(VOTE);
    await cutOff();
    await ask(`mutation { removeUpvote(input: { paperId: "${papers[1]!.id}" }) { paper { id } } }`);
    expect((await ask(VOTE, other)).data).toEqual({ upvotePaper: { paper: { viewerHasUpvoted: false } } });
  });

  test('amid what is gone since says that it is gone, and does not make it again', async () => {
    const MAKE = 'mutation { createCollection(input: { name: "Once" }, idempotencyKey: "k") { collection { id name } } }';
    const { createCollection } = (await ask(MAKE)).data;
    await cutOff();
    await ask(`mutation { deleteCollection(input: { collectionId: "${createCollection.collection.id}" }) { deletedCollectionId } }`);
    for (const at of [server, other]) expect((await ask(MAKE, at)).errors).toMatchObject([{ extensions: { code: expect.stringMatching(/NOT_FOUND|FORBIDDEN/) } }]);
    expect((await ask('{ viewer { collections { totalCount } } }')).data.viewer.collections.totalCount).toBe(0);
  });

  test('whose answer could not be noted has answered, and is gone on with', async () => {
    const { rows: run } = Database.prototype;
    const failures: unknown[] = [];
    server.services.idempotencyKeys.onFailure = (error) => { failures.push(error); };
    server.database.rows = function rowsBut(this: Database, statement) {
      return statement.text.includes('completed_at = coalesce') ? Promise.reject(new Error('the disk is full')) : run.call(this, statement) as never;
    };
    const first = await comment(server, 'One.', 'k');
    server.database.rows = run;
    expect([first.errors, failures.map(String)]).toEqual([[], ['Error: the disk is full']]);
    expect(await rows()).toMatchObject([{ isDone: false }]);
    await age();
    await cutOff();
    expect((await comment(other, 'One.', 'k')).data.addComment.comment.id).toBe(first.data.addComment.comment.id);
    expect(await bodies()).toEqual(['One.']);
  });
});

describe('a refusal that was counted', () => {
  test('is forgotten, so that the key does it when there is room', async () => {
    const strict = await startBeside(server, { votes: { limits: { perMinute: 1, perDay: 100 }, bursts: { votes: 0, minutes: 10, newAccountHours: 48 } } });
    const vote = (n: number): string => `mutation { upvotePaper(input: { paperId: "${papers[n]!.id}" }, idempotencyKey: "vote ${n}") { paper { viewerHasUpvoted } } }`;
    expect((await ask(vote(0), strict)).errors).toEqual([]);
    expect(codes(await ask(vote(1), strict))).toEqual([['RATE_LIMITED']]);
    expect((await rows()).map(({ key }) => key)).toEqual(['vote 0']);
    expect((await ask(vote(1), other)).data).toEqual({ upvotePaper: { paper: { viewerHasUpvoted: true } } });
    await strict.stop();
  });
});

describe('an answer with an error below', () => {
  test('is not kept, and what is done is not done again', async () => {
    const add = (first: number): string => `mutation { addComment(input: { paperId: "${papers[0]!.id}", body: "Once." }, idempotencyKey: "k") { comment { id replies(first: ${first}) { totalCount } } } }`;
    for (const at of [server, other]) {
      expect(codes(await ask(add(5000), at))).toEqual([['BAD_USER_INPUT', 'first']]);
      await age();
    }
    expect(await rows()).toMatchObject([{ isDone: false, answer: null }]);
    expect((await ask(add(5))).data.addComment.comment.replies).toEqual({ totalCount: 0 });
    expect(await bodies()).toEqual(['Once.']);
  });
});

describe('a secret', () => {
  const MAKE = 'mutation { createFeedToken(input: { name: "phone" }, idempotencyKey: "k") { syndication { atomUrl } feedToken { id } } }';

  test('is answered once, and in no row', async () => {
    const { data } = await ask(MAKE);
    const token = /for\/(.*)\.atom/.exec(data.createFeedToken.syndication.atomUrl)![1]!;
    for (const at of [server, other]) expect((await ask(MAKE, at)).errors).toMatchObject([{ message: expect.stringContaining('was done'), extensions: { code: 'CONFLICT', field: 'idempotencyKey' } }]);
    const [{ text }] = await server.database.rows<{ text: string }>(sql`SELECT to_jsonb(k)::text AS text FROM idempotency_keys k WHERE user_id = ${reader.rowId}`) as [{ text: string }];
    expect(text).not.toContain(token);
    expect(await rows()).toMatchObject([{ isDone: true, answer: null }]);
    await cutOff();
    expect(codes(await ask(MAKE))).toEqual([['CONFLICT', 'idempotencyKey']]);
    expect((await ask('{ feedTokens { totalCount } }')).data.feedTokens.totalCount).toBe(1);
  });

  test('of a server that ended before it was made is made', async () => {
    await ask(MAKE);
    await server.database.rows(sql`DELETE FROM feed_tokens WHERE user_id = ${reader.rowId}`);
    await server.database.rows(sql`UPDATE idempotency_keys SET results = '{}' WHERE user_id = ${reader.rowId}`);
    await cutOff();
    expect((await ask(MAKE)).errors).toEqual([]);
  });
});

describe('what is kept', () => {
  test('has no long answer: it is made anew', async () => {
    const LONG = `mutation ($body: String!) { addComment(input: { paperId: "${papers[0]!.id}", body: $body }, idempotencyKey: "k") { comment { id ${Array.from({ length: 5 }, (_, n) => `b${n}: bodyMarkdown`).join(' ')} } } }`;
    const body = 'long '.repeat(1900);
    const first = await server.query(LONG, { token: reader.token, variables: { body } });
    expect(await rows()).toMatchObject([{ isDone: true, answer: null }]);
    await age();
    expect(await other.query(LONG, { token: reader.token, variables: { body } })).toEqual(first);
    expect(await bodies()).toHaveLength(1);
  });

  test('goes after the hours that are configured, and then the key is new', async () => {
    await comment(server, 'One.', 'k');
    await comment(server, 'Two.', 'l');
    await server.database.rows(sql`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE user_id = ${reader.rowId} AND key = 'k'`);
    await server.services.idempotencyKeys.prune();
    expect((await rows()).map(({ key }) => key)).toEqual(['l']);
    await age();
    await comment(server, 'One.', 'k');
    expect(await bodies()).toEqual(['One.', 'Two.', 'One.']);
  });

  test('is bounded: a reader has 10,000 keys a day, and those that they have go on', async () => {
    await comment(server, 'One.', 'k');
    await server.database.rows(sql`
      INSERT INTO idempotency_keys (user_id, key, mutation, arguments, holder, held_until, created_at)
      SELECT ${reader.rowId}::int4, 'old ' || n, 'addComment', sha256('x'), gen_random_uuid(), now(), now() - interval '2 hours' FROM generate_series(1, 9999) n`);
    const refused = await comment(server, 'Two.', 'l');
    expect(refused.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } }]);
    expect((await comment(server, 'One.', 'k')).errors).toEqual([]);
    await cutOff();
    expect((await comment(server, 'One.', 'k')).errors).toEqual([]);
    expect((await comment(server, 'Two.', null)).errors).toEqual([]);
    expect(await bodies()).toEqual(['One.', 'Two.']);
  });

  test('tells of nobody whose account is gone', async () => {
    const leaver = await signUp(server, 'zq-leaver-xj', 'Zq Leaver');
    await ask(`mutation { followUser(input: { userId: "${leaver.id}" }, idempotencyKey: "k") { user { id username displayName } } }`);
    await comment(server, 'Nothing of them.', 'l');
    await server.query(`mutation { upvotePaper(input: { paperId: "${papers[0]!.id}" }, idempotencyKey: "k") { paper { id } } }`, { token: leaver.token });
    await server.query('mutation { deleteAccount(input: { password: "correct horse battery" }) { deletedUserId } }', { token: leaver.token });
    const [{ text }] = await server.database.rows<{ text: string }>(sql`SELECT jsonb_agg(to_jsonb(k))::text AS text FROM idempotency_keys k`) as [{ text: string }];
    for (const trace of ['zq-leaver-xj', 'Zq Leaver', leaver.id]) expect(text).not.toContain(trace);
    expect((await rows()).map(({ key, answer }) => [key, answer === null])).toEqual([['k', true], ['l', false]]);
  });
});

describe('what it costs', () => {
  const statementsOf = async (key: string | null): Promise<string[]> => (await server.countStatements(() => comment(server, `Comment ${String(key)}`, key))).statements;

  test('is nothing for mutations without a key, five statements and what a transaction has for a write with one, and two for a repetition', async () => {
    await statementsOf(null);
    const plain = await statementsOf(null);
    expect(plain.filter((text) => text.includes('idempotency_keys'))).toEqual([]);
    expect((await statementsOf('k')).filter((text) => text.includes('idempotency_keys')).map((text) => /SELECT mutation|INSERT|results \|\||completed_at = /.exec(text)?.[0])).toEqual(
      ['SELECT mutation', 'INSERT', 'results ||', 'results ||', 'completed_at = '],
    );
    // Who asks, and the answer.
    expect(await statementsOf('k')).toHaveLength(2);
  });
});
