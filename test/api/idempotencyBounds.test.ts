import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { PASSWORD, signUp } from '../support/fullLife.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type Answer, type TestServer } from '../support/testServer.js';

let server: TestServer;
let papers: SeededPaper[];
let reader: Reader;

beforeAll(async () => {
  server = await startTestServer({ comments: { editMinutes: 15, mostInWindow: 1000 } });
  papers = await seedPapers(server, Array.from({ length: 2 }, (_, n) => ({ title: `Paper ${n}`, listedOn: '2026-01-01' })));
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
