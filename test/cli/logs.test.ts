import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { until } from '../support/liveClients.js';
import { run, type RunningProcess } from '../support/process.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';

// The compiled server at its most talkative, given secrets wherever one can come in, in requests that succeed and in such that fail.
// Nothing that it writes may have one of them.

const secrets = new Map<string, string>();
const canary = (name: string): string => {
  const text = `Canary-${name}-${Math.random().toString(36).slice(2)}`;
  secrets.set(name, text);
  return text;
};
const started: RunningProcess[] = [];
let folder: string;
let database: TestDatabase | null = null;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-logs-'));
  if (isOnServer) database = await createTestDatabase();
});
afterEach(() => Promise.all(started.splice(0).map((server) => server.kill('SIGKILL'))));
afterAll(async () => {
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

function start(environment: Record<string, string>): RunningProcess {
  const server = run(['dist/main.js'], { PORT: '0', HOST: '127.0.0.1', DATA_DIR: join(folder, 'main'), LOG_LEVEL: 'trace', ...environment });
  started.push(server);
  return server;
}

/** Those that stand in a text, as they are or as bytes that are listed. */
function told(text: string): string[] {
  const listed = (secret: string): string => [...Buffer.from(secret)].join(',');
  return [...secrets].filter(([, secret]) => text.includes(secret) || text.includes(listed(secret))).map(([name]) => name);
}

/** The address of the tests' database with a password that it does not ask for. */
function databaseUrl(password: string): Record<string, string> {
  if (database?.url == null) return {};
  const url = new URL(database.url);
  url.password = password;
  return { DATABASE_URL: url.href };
}

test('a server that succeeds and fails writes no secret', async () => {
  const [demo, admin] = [canary('demo-password'), canary('admin-password')];
  const server = start({
    DEMO_PASSWORD: demo, ADMIN_PASSWORD: admin, INGEST_GITHUB_TOKEN: canary('github-token'), INGEST_GITHUB_URL: 'http://127.0.0.1:1', ...databaseUrl(canary('database-password')),
  });
  const url = (await server.waitFor(/GraphQL +(\S+)/))[1]!;
  const post = async (body: object | string, headers: Record<string, string> = {}, path = ''): Promise<{ status: number; text: string; data: any }> => {
    const response = await fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    const text = await response.text();
    return { status: response.status, text, data: text.startsWith('{') ? JSON.parse(text).data : null };
  };
  const ask = async (query: string, token?: string, variables = {}): Promise<any> => {
    const { text, data } = await post({ query, variables }, token === undefined ? {} : { authorization: `Bearer ${token}` });
    if (data == null) throw new Error(text);
    return data;
  };
  const SIGN_IN = 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }';
  const signIn = async (username: string, password: string): Promise<string> => (await ask(SIGN_IN, undefined, { input: { username, password } })).signIn.token;

  const [token, adminToken] = [await signIn('demo', demo), await signIn('admin', admin)];
  secrets.set('token', token).set('admin-token', adminToken);
  const fresh = (await ask('mutation ($password: String!) { signUp(input: { username: "canary", password: $password }) { token } }', undefined, { password: canary('new-password') })).signUp.token;
  secrets.set('new-token', fresh);

  // Passwords that do not fit, in each way.
  for (const input of [{ username: 'demo', password: canary('wrong-password') }, { username: 'demo', password: [canary('listed-password')] }, canary('input-that-is-a-password'), { username: 'demo', password: canary('extra'), more: 1 }]) await post({ query: SIGN_IN, variables: { input } });
  await post({ query: `mutation { signIn(input: { username: "demo", password: "${canary('literal-password')}" }) { token } }` });
  await post({ query: `mutation { signIn(input: { username: "demo", password: "${canary('unparsed-password')}" ` });
  await post(`{"query":"mutation { signIn", "password": ${canary('no-json')}}`);
  await post({ query: '{ __typename }' }, { 'content-type': `text/${canary('content-type')}` });

  // Tokens that do not hold, in each way that they come.
  await post({ query: '{ viewer { id } }' }, { authorization: `Bearer ${canary('unknown-token')}` });
  await post({ query: '{ viewer { id } }' }, { authorization: `Basic ${canary('basic-credentials')}`, cookie: `session=${canary('cookie')}` });
  await post({ query: 'subscription { notificationAdded { __typename } }' }, { authorization: `Bearer ${canary('stream-token')}` }, '/stream');
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${canary('socket-token')}` } }));
  await once(socket, 'close');

  // Addresses that hold tokens, and such that are like them.
  const origin = new URL(url);
  const { atomUrl } = (await ask('mutation { createFeedToken(input: { name: "x" }) { syndication { atomUrl } } }', token)).createFeedToken.syndication;
  secrets.set('feed-token', /\/feeds\/for\/([\w-]+)\.atom$/.exec(atomUrl)![1]!);
  expect((await fetch(new URL(new URL(atomUrl).pathname, origin))).status).toBe(200);
  await ask('mutation { subscribeToDigest(input: { email: "ada@example.org", timeZone: "UTC" }) { __typename } }', token);
  const mails = join(folder, 'main', 'mail');
  await until(async () => (await readdir(mails).catch(() => [])).some((name) => name.endsWith('.eml')));
  const mail = (await Promise.all((await readdir(mails)).map((name) => readFile(join(mails, name), 'utf8')))).join('\n').replace(/=\r?\n/g, '');
  const confirm = /\/digest\/confirm\?token=(?:3D)?([\w-]{43})/.exec(mail)?.[1] ?? '';
  secrets.set('digest-token', confirm);
  expect(confirm).toHaveLength(43);
  for (const method of ['GET', 'POST']) expect((await fetch(new URL(`/digest/confirm?token=${confirm}`, origin), { method })).status).toBe(200);
  const exported = (await ask('mutation { exportMyData { downloadUrl } }', token)).exportMyData.downloadUrl;
  secrets.set('export-token', exported.split('/').at(-1));
  expect((await fetch(new URL(new URL(exported).pathname, origin))).status).toBe(200);
  for (const path of [`/feeds/for/${canary('wrong-feed')}.atom`, `/digest/confirm?token=${canary('wrong-digest')}`, `/exports/${canary('wrong-export')}`, `/graphql?token=${canary('query-token')}`, `/%${canary('bad-address')}`]) await fetch(new URL(path, origin));

  // What is no request, with a token in it.
  for (const text of [`GET /${canary('cut-address')} HTTP/1.1\r\nAuthorization: Bearer ${canary('cut-token')}\r\nNo header\r\n\r\n`, `POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${canary('chunked-token')}\r\nTransfer-Encoding: chunked\r\n\r\n${canary('chunk')}\r\n`]) {
    const raw = connect(Number(origin.port), origin.hostname);
    raw.end(text);
    raw.on('error', () => undefined);
    await once(raw.resume(), 'close');
  }

  // An import whose service is not there, with a token for it.
  await ask('mutation { runIngest(input: { source: "github" }) { run { id } } }', adminToken);
  await until(async () => (await ask('{ ingestRuns(first: 1) { nodes { state } } }', adminToken)).ingestRuns.nodes[0]?.state !== 'QUEUED');

  // A database that fails: each request has an internal error, which is logged.
  if (database !== null) {
    await database.database.prisma.$executeRawUnsafe('ALTER TABLE sessions RENAME TO sessions_gone');
    await database.database.prisma.$executeRawUnsafe('ALTER TABLE users RENAME TO users_gone');
    await post({ query: SIGN_IN, variables: { input: { username: 'demo', password: canary('failing-password') } } });
    await post({ query: 'mutation ($password: String!) { signUp(input: { username: "late", password: $password }) { token } }', variables: { password: canary('failing-new-password') } });
    await post({ query: '{ viewer { id } }' }, { authorization: `Bearer ${canary('failing-token')}` });
    await post({ query: 'subscription { notificationAdded { __typename } }' }, { authorization: `Bearer ${canary('failing-stream-token')}` }, '/stream');
    for (const path of [`/feeds/for/${'a'.repeat(20)}${canary('failing-feed')}.atom`, `/exports/${canary('failing-export')}`]) await fetch(new URL(path, origin));
    await fetch(new URL(`/digest/confirm?token=${canary('failing-digest').padEnd(43, 'x')}`, origin), { method: 'POST' });
    expect(server.output()).toContain('a request failed');
  }
  server.child.kill('SIGTERM');
  await server.ended();
  // It was talkative.
  expect(server.output()).toMatch(/"level":(10|20|30)/);
  expect(secrets.size).toBeGreaterThan(25);
  expect([told(server.output()), server.output().length > 500]).toEqual([[], true]);
});

test('a mail that cannot be sent is logged without the password of the mail server', async () => {
  const server = start({ DATA_DIR: join(folder, 'mail'), DEMO_PASSWORD: canary('demo-password-by-mail'), SMTP_URL: `smtp://reader:${canary('mail-password')}@127.0.0.1:1`, MAIL_FROM: 'a@b.example' });
  const url = (await server.waitFor(/GraphQL +(\S+)/))[1]!;
  const ask = async (query: string, token = ''): Promise<any> =>
    (await (await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...(token !== '' && { authorization: `Bearer ${token}` }) }, body: JSON.stringify({ query }) })).json()).data;
  const { token } = (await ask(`mutation { signIn(input: { username: "demo", password: "${secrets.get('demo-password-by-mail')!}" }) { token } }`)).signIn;
  expect((await ask('mutation { subscribeToDigest(input: { email: "ada@example.org", timeZone: "UTC" }) { isConfirmationSent } }', token)).subscribeToDigest).toBeDefined();
  await new Promise((resolve) => { setTimeout(resolve, 3000); });
  server.child.kill('SIGTERM');
  await server.ended();
  expect([told(server.output()), server.output().length > 200]).toEqual([[], true]);
});

describe('a start that fails writes no secret', () => {
  test.each<[string, (secret: string) => Record<string, string>]>([
    ['a database that is not there', (secret) => ({ DATABASE_URL: `postgresql://reader:${secret}@127.0.0.1:1/papers` })],
    ['a database of another kind', (secret) => ({ DATABASE_URL: `mysql://reader:${secret}@127.0.0.1/papers` })],
    ['an address that is none', (secret) => ({ DATABASE_URL: `postgresql://reader:${secret}@:x:y/papers` })],
    ['a mail server’s address that is none', (secret) => ({ SMTP_URL: `smtp//reader:${secret}@mail.example`, MAIL_FROM: 'a@b.example' })],
    ['a public address with a password', (secret) => ({ PUBLIC_URL: `ftp://reader:${secret}@papers.example` })],
    ['an origin with a password', (secret) => ({ CORS_ORIGINS: `https://reader:${secret}@app.example` })],
    ['a password that is too short beside one that is not', (secret) => ({ DEMO_PASSWORD: 'short', ADMIN_PASSWORD: secret })],
  ])('%s', async (name, environment) => {
    const server = start({ DATA_DIR: join(folder, 'none'), ...environment(canary(name)) });
    expect(await server.ended()).toBe(1);
    expect([told(server.output()), server.output().length > 20]).toEqual([[], true]);
  });
});
