import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { SIGN_IN_LIMITS } from '../../src/users/signInLimits.js';
import { PASSWORD } from '../support/fullLife.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const SIGN_IN = 'mutation ($username: String!, $password: String!) { signIn(input: { username: $username, password: $password }) { token } }';
const SIGN_UP = 'mutation ($username: String!, $password: String!) { signUp(input: { username: $username, password: $password }) { token } }';
const DELETE = 'mutation ($password: String!) { deleteAccount(input: { password: $password }) { deletedUserId } }';
/** Where readers sign up; known for 90 days. */
const HOME = '192.0.2.1';

let server: TestServer;
/** How often a password was looked at. */
let looks = 0;
let people = 0;

const options = { trustedProxies: 1, signIn: SIGN_IN_LIMITS };

beforeAll(async () => {
  server = await startTestServer(options);
  const { users } = server.services;
  const findByPassword = users.findByPassword.bind(users);
  users.findByPassword = (...given) => {
    looks += 1;
    return findByPassword(...given);
  };
});
afterAll(() => server.stop());
beforeEach(async () => {
  await server.database.rows(sql`DELETE FROM sign_in_attempts`);
  await server.database.rows(sql`DELETE FROM sign_up_windows`);
  looks = 0;
});

interface Asked {
  readonly document?: string;
  readonly token?: string;
  readonly on?: TestServer;
}

/** What came of it: a code with the seconds to wait, or the data. */
async function ask(address: string, variables: Record<string, string>, { document = SIGN_IN, token, on = server }: Asked = {}): Promise<any> {
  const response = await fetch(on.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address, ...(token !== undefined && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: document, variables }),
  });
  const { data, errors } = (await response.json());
  return errors === undefined ? data : [errors[0].extensions.code, ...(errors[0].extensions.retryAfter === undefined ? [] : [errors[0].extensions.retryAfter])].join(' ');
}

const wrong = (address: string, username: string, asked?: Asked): Promise<any> => ask(address, { username, password: 'not the password' }, asked);
const right = (address: string, username: string, asked?: Asked): Promise<any> => ask(address, { username, password: PASSWORD }, asked);
const times = async (count: number, one: () => Promise<any>): Promise<any[]> => {
  const answers: any[] = [];
  for (let n = 0; n < count; n += 1) answers.push(await one());
  return answers;
};
const REFUSED = 'UNAUTHENTICATED';
const welcome = { signIn: { token: expect.stringMatching(/^dp_/) } };

async function person(): Promise<{ readonly username: string; readonly token: string }> {
  const username = `person-${(people += 1)}`;
  const { signUp } = await right(HOME, username, { document: SIGN_UP });
  return { username, token: signUp.token };
}

/** Lets all counts grow older. */
const pass = (seconds: number): Promise<unknown> => server.database.rows(sql`
  UPDATE sign_in_attempts SET failed_at = failed_at - make_interval(secs => ${seconds}::float8), succeeded_at = succeeded_at - make_interval(secs => ${seconds}::float8)`);
/** As if the last of all that failed had failed just now: a wait of a second is over before a busy machine looks. */
const refresh = (): Promise<unknown> => server.database.rows(sql`UPDATE sign_in_attempts SET failed_at = clock_timestamp() WHERE failed_at > clock_timestamp() - interval '1 minute'`);
/** Whether one may, asked at once. */
async function atOnce(one: () => Promise<any>): Promise<any> {
  await refresh();
  return one();
}
/** As if so many wrong passwords had come from as many places. */
const attacked = (username: string, failures: number): Promise<unknown> => server.database.rows(sql`
  INSERT INTO sign_in_attempts AS a (account, network, failures, failed_at) VALUES (sha256(convert_to(${username}, 'UTF8')), '', ${failures}::int4, now())
  ON CONFLICT (account, network) DO UPDATE SET failures = excluded.failures, failed_at = excluded.failed_at`);

describe('of an account from one place', () => {
  test('five wrong passwords are free; then each attempt waits twice as long, a quarter of an hour at most, and nothing is looked at meanwhile', async () => {
    const { username } = await person();
    expect(await times(5, () => wrong(HOME, username))).toEqual(Array(5).fill(REFUSED));
    const waits: string[] = [];
    for (let n = 0; n < 12; n += 1) {
      const before = looks;
      // The right one, too.
      waits.push(await atOnce(() => right(HOME, username)));
      expect([await atOnce(() => wrong(HOME, username)), looks]).toEqual([waits.at(-1), before]);
      await pass(Number(waits.at(-1)!.split(' ')[1]));
      expect(await wrong(HOME, username)).toBe(REFUSED);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900].map((seconds) => `RATE_LIMITED ${seconds}`));
    expect(looks).toBe(17);
  });

  test('says so, in the words of a limit', async () => {
    const { username } = await person();
    await times(5, () => wrong(HOME, username));
    await refresh();
    const response = await fetch(server.url, { method: 'POST', headers: { 'content-type': 'application/json', 'x-forwarded-for': HOME }, body: JSON.stringify({ query: SIGN_IN, variables: { username, password: PASSWORD } }) });
    expect(await response.json()).toMatchObject({ data: null, errors: [{ message: 'too many wrong passwords were tried: come again in 1 s', path: ['signIn'], extensions: { code: 'RATE_LIMITED', retryAfter: 1 } }] });
  });

  test('the right one begins the count anew, and so does a quiet hour', async () => {
    const { username } = await person();
    for (let n = 0; n < 2; n += 1) {
      expect(await times(4, () => wrong(HOME, username))).toEqual(Array(4).fill(REFUSED));
      expect(await right(HOME, username)).toEqual(welcome);
    }
    await times(5, () => wrong(HOME, username));
    await pass(3599);
    await times(1, () => wrong(HOME, username));
    expect(await atOnce(() => right(HOME, username))).toBe('RATE_LIMITED 2');
    await pass(3601);
    expect(await times(5, () => wrong(HOME, username))).toEqual(Array(5).fill(REFUSED));
    expect(await atOnce(() => right(HOME, username))).toBe('RATE_LIMITED 1');
  });

  test('an account that is not there is counted and answered as one that is', async () => {
    const { username } = await person();
    await server.database.rows(sql`DELETE FROM sign_in_attempts`);
    const course = async (name: string): Promise<any[]> => {
      const answers = [...(await times(5, () => wrong('198.51.100.7', name))), await atOnce(() => wrong('198.51.100.7', name))];
      await pass(1);
      return [...answers, await wrong('198.51.100.7', name), await atOnce(() => wrong('198.51.100.7', name))];
    };
    const known = await course(username);
    expect(known).toEqual([...Array(5).fill(REFUSED), 'RATE_LIMITED 1', REFUSED, 'RATE_LIMITED 2']);
    await server.database.rows(sql`DELETE FROM sign_in_attempts`);
    expect(await course('nobody-at-all')).toEqual(known);
    expect(looks).toBe(12);
  });

  test('no more are looked at where many come at once, on two servers', async () => {
    const { username } = await person();
    const beside = await startBeside(server, options);
    const before = looks;
    const { users } = beside.services;
    const findByPassword = users.findByPassword.bind(users);
    users.findByPassword = (...given) => {
      looks += 1;
      return findByPassword(...given);
    };
    // Of which the last was long enough ago for one more, after which the next has to wait for half a minute.
    await server.database.rows(sql`INSERT INTO sign_in_attempts (account, network, failures, failed_at) VALUES (sha256(convert_to(${username}, 'UTF8')), '198.51.100.8', 9, now() - interval '17 s')`);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => wrong('198.51.100.8', username, { on: n % 2 === 0 ? server : beside })));
    await beside.stop();
    expect([looks - before, answers.filter((answer) => answer === REFUSED).length, answers.filter((answer) => /^RATE_LIMITED [23]\d$/.test(answer)).length]).toEqual([1, 1, 39]);
  });

  test('a network of IPv6 is one place', async () => {
    const { username } = await person();
    for (let n = 1; n <= 5; n += 1) expect(await wrong(`2001:db8:0:7::${n}`, username)).toBe(REFUSED);
    expect([await atOnce(() => wrong('2001:db8:0:7:ffff::9', username)), await wrong('2001:db8:0:8::1', username)]).toEqual(['RATE_LIMITED 1', REFUSED]);
  });
});

describe('of an account, wherever they come from', () => {
  test('30 are free; then a minute at most is to be waited, and its reader comes in where they have been', async () => {
    const { username } = await person();
    await attacked(username, 29);
    expect(await wrong('198.51.100.20', username)).toBe(REFUSED);
    expect([await atOnce(() => right('198.51.100.21', username)), await right(HOME, username)]).toEqual(['RATE_LIMITED 1', welcome]);
    await attacked(username, 5000);
    expect([await right('198.51.100.22', username), await right(HOME, username)]).toEqual(['RATE_LIMITED 60', welcome]);
    // What its reader does by mistake at home is still counted there.
    await times(5, () => wrong(HOME, username));
    expect(await atOnce(() => right(HOME, username))).toBe('RATE_LIMITED 1');
  });

  test('somebody who guesses everywhere has fewer than 100 tries in any hour', async () => {
    const { username } = await person();
    let [now, tries] = [0, 0];
    while (now < 3600) {
      const answer = await server.database.rows<{ wait: number }>(sql`SELECT take_sign_in(sha256(convert_to(${username}, 'UTF8')), ${`network ${tries}`}, 5, 30, 50) AS wait`);
      const wait = answer[0]!.wait;
      if (wait === 0) tries += 1;
      else await pass(wait);
      now += wait;
    }
    expect(tries).toBeGreaterThan(80);
    expect(tries).toBeLessThan(100);
  });

  test('where it was signed in to longer ago than 90 days is any place', async () => {
    const { username } = await person();
    await pass(91 * 86_400);
    await attacked(username, 5000);
    expect(await right(HOME, username)).toBe('RATE_LIMITED 60');
    await pass(60);
    expect(await right(HOME, username)).toEqual(welcome);
    await attacked(username, 5000);
    expect(await right(HOME, username)).toEqual(welcome);
  });
});

describe('from one place, whatever the account', () => {
  test('50 are free; the right password for an account of one’s own gives none of them back', async () => {
    const { username } = await person();
    const there = '198.51.100.30';
    await server.database.rows(sql`INSERT INTO sign_in_attempts (account, network, failures, failed_at) VALUES ('\\x', ${there}, 49, now())`);
    // As it was before.
    expect(await right(there, username)).toEqual(welcome);
    expect(await wrong(there, 'somebody-else')).toBe(REFUSED);
    expect([await atOnce(() => wrong(there, 'another')), await wrong('198.51.100.31', 'another')]).toEqual(['RATE_LIMITED 1', REFUSED]);
    // Where an account is at home, what others guess there keeps nobody out.
    expect(await right(there, username)).toEqual(welcome);
    expect(await atOnce(() => wrong(there, 'another'))).toBe('RATE_LIMITED 1');
  });
});

describe('deleting an account', () => {
  test('asks for the password no more often, and takes what was counted along', async () => {
    const { username, token } = await person();
    const deleteIt = (address: string, password: string): Promise<any> => ask(address, { password }, { document: DELETE, token });
    expect(await times(5, () => deleteIt('198.51.100.40', 'not the password'))).toEqual(Array(5).fill(REFUSED));
    const before = looks;
    expect([await atOnce(() => deleteIt('198.51.100.40', PASSWORD)), looks]).toEqual(['RATE_LIMITED 1', before]);
    const rows = (): Promise<{ network: string }[]> => server.database.rows(sql`SELECT network FROM sign_in_attempts WHERE account = sha256(convert_to(${username}, 'UTF8')) ORDER BY 1`);
    expect((await rows()).map(({ network }) => network)).toEqual(['', HOME, '198.51.100.40'].sort());
    expect(await deleteIt(HOME, PASSWORD)).toMatchObject({ deleteAccount: {} });
    expect(await rows()).toEqual([]);
  });
});

describe('signing up', () => {
  const signUp = (address: string, username: string): Promise<any> => right(address, username, { document: SIGN_UP });

  test('is possible so often in an hour from an address; what is not looked at does not count', async () => {
    const beside = await startBeside(server, { ...options, signIn: { ...SIGN_IN_LIMITS, signUpsPerHour: 3 } });
    const on = (address: string, username: string): Promise<any> => right(address, username, { document: SIGN_UP, on: beside });
    expect(await on('198.51.100.50', 'NOT A NAME')).toBe('BAD_USER_INPUT');
    expect(await Promise.all(['made-1', 'made-2', 'made-3', 'made-4', 'made-5'].map((name) => on('198.51.100.50', name))).then((answers) => answers.filter((answer) => typeof answer !== 'string').length)).toBe(3);
    expect(await on('198.51.100.50', 'made-6')).toMatch(/^RATE_LIMITED 3(600|59\d)$/);
    expect(await on('198.51.100.51', 'made-7')).toMatchObject({ signUp: {} });
    await server.database.rows(sql`UPDATE sign_up_windows SET hour_from = hour_from - interval '1 hour'`);
    // A name that is taken costs a look as well.
    expect([await on('198.51.100.50', 'made-7'), await on('198.51.100.50', 'made-8'), await on('198.51.100.50', 'made-9'), await on('198.51.100.50', 'made-10')]).toEqual(['CONFLICT', { signUp: expect.anything() }, { signUp: expect.anything() }, expect.stringMatching(/^RATE_LIMITED/)]);
    await beside.stop();
  });

  test('gives no guess back that was made before it', async () => {
    const beside = await startBeside(server, { ...options, signIn: { perPlace: 100, perAccount: 1000, perAddress: 2, signUpsPerHour: 0 } });
    const there = '198.51.100.55';
    const names = ['guessed-1', 'guessed-2', 'guessed-3', 'guessed-4'];
    expect([await wrong(there, names[0]!, { on: beside }), await wrong(there, names[1]!, { on: beside })]).toEqual([REFUSED, REFUSED]);
    expect(await atOnce(() => wrong(there, names[2]!, { on: beside }))).toBe('RATE_LIMITED 1');
    for (const name of ['bought-1', 'bought-2']) expect(await right(there, name, { document: SIGN_UP, on: beside })).toMatchObject({ signUp: {} });
    expect(await atOnce(() => wrong(there, names[3]!, { on: beside }))).toBe('RATE_LIMITED 1');
    // What was tried on the name before it was somebody's counts as before; and where it was made is its reader's place.
    expect(await server.database.rows(sql`
      SELECT network, failures, succeeded_at IS NOT NULL AS "isKnown" FROM sign_in_attempts WHERE account IN ('\\x', sha256(convert_to('bought-1', 'UTF8'))) ORDER BY account`)).toEqual([
      { network: there, failures: 2, isKnown: false }, { network: there, failures: 0, isKnown: true },
    ]);
    await beside.stop();
  });

  test('may be unlimited, as signing in', async () => {
    const beside = await startBeside(server, { ...options, signIn: { perPlace: 0, perAccount: 0, perAddress: 0, signUpsPerHour: 0 } });
    await server.database.rows(sql`INSERT INTO sign_up_windows (network, hour_from, sign_ups) VALUES ('198.51.100.60', now(), 1000)`);
    expect(await right('198.51.100.60', 'free-1', { document: SIGN_UP, on: beside })).toMatchObject({ signUp: {} });
    expect(await times(8, () => wrong('198.51.100.60', 'free-1', { on: beside }))).toEqual(Array(8).fill(REFUSED));
    await beside.stop();
    expect(await signUp('198.51.100.60', 'free-2')).toMatch(/^RATE_LIMITED/);
  });
});

describe('what is kept', () => {
  test('is in the export of its reader, but for where others tried', async () => {
    const { username } = await person();
    await wrong('198.51.100.80', username);
    const { id } = await server.database.prisma.user.findUniqueOrThrow({ where: { username } });
    let text = '';
    for await (const piece of server.services.dataExports.write(id, new Date())) text += piece;
    expect(JSON.parse(text).signInPlaces).toEqual([
      { network: null, signedInAt: null, wrongPasswords: 1, lastWrongPasswordAt: expect.any(String) },
      { network: HOME, signedInAt: expect.any(String), wrongPasswords: 0, lastWrongPasswordAt: null },
    ]);
  });

  test('has no username, also none that nobody has, and goes when it counts no longer', async () => {
    const { username } = await person();
    await wrong('198.51.100.70', username);
    await wrong('198.51.100.70', 'my-password-by-mistake');
    const rows = await server.database.rows<{ row: unknown }>(sql`SELECT to_jsonb(a) AS row FROM sign_in_attempts a`);
    expect(rows).toHaveLength(6);
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`${username}|mistake`));
    const left = async (): Promise<number[]> => {
      await server.services.signInLimits.prune();
      return Promise.all([server.database.prisma.signInAttempt.count(), server.database.prisma.signUpWindow.count()]);
    };
    expect(await left()).toEqual([6, 1]);
    await pass(3601);
    // Where the reader was stays for as long as it spares them something.
    expect(await left()).toEqual([1, 1]);
    await pass(90 * 86_400);
    await server.database.rows(sql`UPDATE sign_up_windows SET hour_from = hour_from - interval '1 hour'`);
    expect(await left()).toEqual([0, 0]);
  });
});
