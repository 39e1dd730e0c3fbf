import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Database, sql } from '../../src/database/database.js';
import { DomainError, UnavailableError, type ErrorCode } from '../../src/errors.js';
import { PASSWORD, signUp } from '../support/fullLife.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type Answer, type TestServer } from '../support/testServer.js';

let server: TestServer;
let papers: SeededPaper[];
let reader: Reader;

beforeAll(async () => {
  server = await startTestServer({ comments: { editMinutes: 15, mostInWindow: 1000 } });
  papers = await seedPapers(server, Array.from({ length: 2 }, (_, n) => ({ title: `Paper ${n}`, doi: `10.5555/paper-${n}`, listedOn: '2026-01-01' })));
});
afterAll(() => server.stop());
beforeEach(async () => {
  reader = await seedReader(server);
});

const COMMENT = 'mutation ($body: String!, $paper: ID!, $key: String) { addComment(input: { body: $body, paperId: $paper }, idempotencyKey: $key) { comment { id paper { title } author { username role } } } }';
const comment = (body: string, key: string, { token } = reader): Promise<Answer<any>> => server.send(COMMENT, { token, variables: { body, paper: papers[0]!.id, key } });
const codes = ({ errors }: Answer<any>): unknown[] => errors.map(({ extensions: { code, field } }) => (field === undefined ? [code] : [code, field]));
const rows = (): Promise<{ key: string; isDone: boolean; answer: string | null; results: Record<string, unknown> | null }[]> =>
  server.database.rows(sql`SELECT key, completed_at IS NOT NULL AS "isDone", answer, results FROM idempotency_keys WHERE user_id = ${reader.rowId} ORDER BY key`);
const bodies = async (): Promise<string[]> => (await server.database.rows<{ body: string }>(sql`SELECT body FROM comments WHERE user_id = ${reader.rowId} ORDER BY id`)).map(({ body }) => body);
/** As though whoever did it had ended before it was answered. */
const cutOff = (): Promise<unknown> => server.database.rows(sql`UPDATE idempotency_keys SET answer = NULL, selection = NULL, completed_at = NULL, held_until = now() - interval '1 s' WHERE user_id = ${reader.rowId}`);
const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  for (const end = Date.now() + 10_000; !(await isSo()) && Date.now() < end;) await new Promise((done) => { setTimeout(done, 25); });
};

describe('an account that is deleted', () => {
  const leave = async (username: string, displayName: string): Promise<void> => {
    const { token } = await signUp(server, username, displayName);
    await server.query('mutation ($password: String!) { deleteAccount(input: { password: $password }) { deletedUserId } }', { token, variables: { password: PASSWORD } });
  };

  test.each([['comment', 'id'], ['title', 'paper'], ['idol', 'READER'], ['pupil', 'Comment'], ['dots', '.*'], ['comma', ','], ['colon', ':']])(
    'takes no answer with it for a name that is a word of all answers: @%s, “%s”', async (username, displayName) => {
      const first = await comment('Stays.', 'k');
      expect(first.errors).toEqual([]);
      const before = await rows();
      await leave(username, displayName);
      expect(await rows()).toEqual(before);
      expect(before[0]!.answer).not.toBeNull();
      expect(await comment('Stays.', 'k')).toEqual(first);
    });

  test('has what others were answered made anew where its name is said in it, as its own or by chance', async () => {
    const first = await comment('Stays.', 'k');
    await leave('chance', 'Paper 0');
    expect(await rows()).toMatchObject([{ answer: null, results: expect.objectContaining({}) }]);
    expect(await comment('Stays.', 'k')).toEqual(first);
    expect(await bodies()).toEqual(['Stays.']);
  });

  test('takes with it what was noted of it, but no answer that does not tell of it', async () => {
    await comment('Told.', 'k');
    const noted = (names: object): Promise<unknown> => server.database.rows(sql`UPDATE idempotency_keys SET results = results || ${JSON.stringify({ more: [{ rowId: 1, ...names }] })}::text::jsonb WHERE user_id = ${reader.rowId}`);
    await noted({ title: 'A "quoted" (name)', state: 'zq-noted' });
    await leave('zq-noted', 'A "quoted" (name)');
    expect((await rows())[0]!.results).not.toBeNull();
    await noted({ displayName: 'A "quoted" (name)' });
    await leave('zq-noted', 'A "quoted" (name)');
    expect(await rows()).toMatchObject([{ answer: expect.any(String), results: null }]);
    expect((await comment('Told.', 'k')).errors).toEqual([]);
    await cutOff();
    expect((await comment('Told.', 'k')).errors).toMatchObject([{ message: expect.stringContaining('is not kept'), extensions: { code: 'CONFLICT', field: 'idempotencyKey' } }]);
    expect(await bodies()).toEqual(['Told.']);
  });

  test('is looked for in a thousand keys a statement, in all of them', async () => {
    await server.database.rows(sql`DELETE FROM idempotency_keys`);
    const insert = (answer: string, count: number): Promise<unknown> => server.database.rows(sql`
      INSERT INTO idempotency_keys (user_id, key, mutation, arguments, holder, held_until, completed_at, selection, answer)
      SELECT ${reader.rowId}::int4, ${answer.length}::int4 || ' ' || n, 'addComment', sha256('x'), gen_random_uuid(), now(), now(), sha256('x'), ${answer} FROM generate_series(1, ${count}::int4) n`);
    await insert('{"author":{"username":"zq-many"}}', 1500);
    await insert('{"author":{"username":"zq-many-others"}}', 1500);
    const { statements } = await server.countStatements(() => server.services.idempotencyKeys.forgetAccount({ id: 1, username: 'zq-many', displayName: null }));
    expect(statements.filter((text) => text.includes('idempotency_keys'))).toHaveLength(4);
    expect(await server.database.rows(sql`SELECT answer, count(*)::int4 AS count FROM idempotency_keys GROUP BY 1 ORDER BY 1`)).toEqual([{ answer: '{"author":{"username":"zq-many-others"}}', count: 1500 }, { answer: null, count: 1500 }]);
    await server.database.rows(sql`DELETE FROM idempotency_keys`);
  });

  test('has its mail forgotten though its keys cannot be, and the failure is told', async () => {
    const { idempotencyKeys, mailer } = server.services;
    const { token } = await signUp(server, 'zq-mailed');
    await server.query('mutation { subscribeToDigest(input: { email: "zq-mailed@mail.example", timeZone: "UTC" }) { isConfirmationSent } }', { token });
    const [forgetAccount, forget, forgotten] = [idempotencyKeys.forgetAccount, mailer.forget, [] as string[]];
    idempotencyKeys.forgetAccount = () => Promise.reject(new Error('the connection was cut'));
    mailer.forget = async (email) => {
      await forget.call(mailer, email);
      forgotten.push(email);
    };
    const answer = await server.send('mutation ($password: String!) { deleteAccount(input: { password: $password }) { deletedUserId } }', { token, variables: { password: PASSWORD } });
    Object.assign(idempotencyKeys, { forgetAccount });
    Object.assign(mailer, { forget });
    expect(codes(answer)).toEqual([['INTERNAL_SERVER_ERROR']]);
    expect(forgotten).toEqual(['zq-mailed@mail.example']);
  });
});

describe('an import under a key', () => {
  const IMPORT = 'mutation ($content: String!, $format: LibraryFormat!) { importLibrary(input: { content: $content, format: $format }, idempotencyKey: "k") { upvotedCount rejects { place title received } } }';
  const importing = (content: string, format = 'CSL_JSON'): Promise<Answer<any>> => server.send(IMPORT, { token: reader.token, variables: { content, format } });

  test.each([['a\u0000b'], ['a\ud800b'], ['\udc00'], ['a\\u0000b']])('may have a title that the database cannot hold: %j', async (title) => {
    const first = await importing(JSON.stringify([{ title }]));
    expect([first.errors, first.data?.importLibrary.rejects]).toMatchObject([[], [{ title: expect.any(String) }]]);
    expect(await importing(JSON.stringify([{ title }]))).toEqual(first);
    const { downloadUrl } = (await server.query('mutation { exportMyData { downloadUrl } }', { token: reader.token })).exportMyData;
    const exported = await (await fetch(new URL(new URL(downloadUrl).pathname, server.url))).json() as { idempotencyKeys: { answer: unknown }[] };
    expect(exported.idempotencyKeys[0]!.answer).toEqual(first.data.importLibrary);
    // What was read before a write is noted with it.
    const both = JSON.stringify([{ title }, { title: 'Paper 1', DOI: '10.5555/paper-1' }]);
    const send = (): Promise<Answer<any>> => server.send(IMPORT.replace('"k"', '"l"'), { token: reader.token, variables: { content: both, format: 'CSL_JSON' } });
    const second = await send();
    expect(second.data?.importLibrary).toMatchObject({ upvotedCount: 1, rejects: [{ title: expect.any(String) }] });
    await cutOff();
    expect(await send()).toEqual(second);
  });

  test('whose result is too long to be kept is done, and says so when it is repeated', async () => {
    const content = Array.from({ length: 400 }, (_, n) => `@book{nowhere${n}, title = {A Book Nobody Has Here, of Many Words, ${n} ${'and more '.repeat(20)}}, author = {Nobody}}`).join('\n') + '@misc{here, title = {Paper 1}, doi = {10.5555/paper-1}}';
    const first = await importing(content, 'BIBTEX');
    expect([first.errors, first.data.importLibrary.upvotedCount, first.data.importLibrary.rejects.length]).toEqual([[], 1, 400]);
    expect(await rows()).toMatchObject([{ isDone: true, answer: null, results: null }]);
    for (let round = 1; round <= 2; round += 1) {
      expect((await importing(content, 'BIBTEX')).errors).toMatchObject([{ message: expect.stringContaining('too long'), extensions: { code: 'CONFLICT', field: 'idempotencyKey' } }]);
      await cutOff();
    }
  });
});

describe('those who wait', () => {
  /** As though another server were at what a reader has done under `k`; gives what ends that. */
  const heldElsewhere = async (at: Reader): Promise<() => Promise<unknown>> => {
    await comment('One.', 'k', at);
    const [{ answer, selection }] = await server.database.rows<{ answer: string; selection: string }>(sql`SELECT answer, encode(selection, 'hex') AS selection FROM idempotency_keys WHERE user_id = ${at.rowId}`) as [{ answer: string; selection: string }];
    await server.database.rows(sql`UPDATE idempotency_keys SET answer = NULL, selection = NULL, completed_at = NULL, holder = gen_random_uuid(), held_until = clock_timestamp() + interval '60 s' WHERE user_id = ${at.rowId}`);
    return () => server.database.rows(sql`UPDATE idempotency_keys SET answer = ${answer}, selection = decode(${selection}, 'hex'), completed_at = now(), held_until = now() WHERE user_id = ${at.rowId}`);
  };

  test.each([[1, 6, 2], [7, 4, 3]])('of %i readers with %i requests each: all but four a reader and 25 a server, so %i, are told at once', async (readers, each, refused) => {
    const asking = await Promise.all(Array.from({ length: readers }, () => seedReader(server)));
    const ends = [];
    for (const at of asking) ends.push(await heldElsewhere(at));
    for (let round = 1; round <= 2; round += 1) {
      const told: unknown[] = [];
      const all = asking.flatMap((at) => Array.from({ length: each }, async () => {
        const answer = await comment('One.', 'k', at);
        told.push(codes(answer));
        return answer;
      }));
      await until(() => told.length >= refused);
      expect(told).toEqual(Array.from({ length: refused }, () => [['IDEMPOTENCY_IN_PROGRESS', 'idempotencyKey']]));
      for (const end of ends) await end();
      // Whoever waited is answered, and its place is free for the second round.
      expect((await Promise.all(all)).filter(({ errors }) => errors.length === 0)).toHaveLength(readers * each - refused);
      if (told.length > 0) for (const at of asking) await server.database.rows(sql`UPDATE idempotency_keys SET answer = NULL, selection = NULL, completed_at = NULL, held_until = clock_timestamp() + interval '60 s' WHERE user_id = ${at.rowId}`);
    }
  });
});

describe('what became of a key', () => {
  test('is noted when the database answers again', async () => {
    const { rows: run } = Database.prototype;
    let isOut = true;
    let refused = 0;
    server.database.rows = function rowsBut(this: Database, statement) {
      if (!isOut || !statement.text.includes('completed_at = coalesce')) return run.call(this, statement) as never;
      refused += 1;
      return Promise.reject(new UnavailableError('the database does not answer', 1));
    };
    expect((await comment('One.', 'k')).errors).toEqual([]);
    await until(() => refused > 1);
    expect(await rows()).toMatchObject([{ isDone: false }]);
    isOut = false;
    await until(async () => (await rows())[0]!.isDone);
    server.database.rows = run;
    expect(await rows()).toMatchObject([{ isDone: true, answer: expect.any(String) }]);
  });

  test.each([['NOT_FOUND', 1], ['BAD_USER_INPUT', 1], ['RATE_LIMITED', 0], ['CONFLICT', 0]] as [ErrorCode, number][])('after a write and %s: %i rows', async (code, kept) => {
    const writer = server.services.commentWriter;
    const { add } = writer;
    writer.add = async (wish) => {
      await add.call(writer, wish);
      throw new DomainError(code, 'there is more to it');
    };
    expect(codes(await comment('One.', 'k'))).toEqual([[code]]);
    Object.assign(writer, { add });
    expect(await rows()).toHaveLength(kept);
    if (kept === 0) return;
    await server.database.transaction(async (transaction) => {
      await transaction.rows(sql`SELECT set_config('session_replication_role', 'replica', true)`);
      await transaction.rows(sql`UPDATE comments SET created_at = created_at - interval '1 hour' WHERE user_id = ${reader.rowId}`);
    });
    expect((await comment('One.', 'k')).errors).toEqual([]);
    expect(await bodies()).toEqual(['One.']);
  });
});
