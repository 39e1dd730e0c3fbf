import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { run, type RunningProcess } from '../support/process.js';

const SERVER = ['dist/main.js'];
const started: RunningProcess[] = [];
let folder: string;

const start = (environment: Record<string, string> = {}): RunningProcess => {
  const server = run(SERVER, { PORT: '0', HOST: '127.0.0.1', DATA_DIR: join(folder, 'main'), ...environment });
  started.push(server);
  return server;
};
const ready = async (server: RunningProcess): Promise<string> => (await server.waitFor(/GraphQL +(\S+)/))[1]!;
const ask = async (url: string, query: string, token?: string): Promise<any> => {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const answer = (await (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })).json());
  if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
  return answer.data;
};
const signIn = async (url: string, password: string): Promise<string> =>
  (await ask(url, `mutation { signIn(input: { username: "demo", password: "${password}" }) { token } }`)).signIn.token;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'daily-papers-cli-'));
});
afterEach(() => Promise.all(started.splice(0).map((server) => server.kill('SIGKILL'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the server as it is started by a user', () => {
  test('says where it is and how to sign in; a vote survives kill -9; a signal ends it', async () => {
    const first = start();
    const url = await ready(first);
    const [, password] = (await first.waitFor(/username demo, password (\S+)/)) as unknown as [string, string];
    expect(first.output()).toContain(`embedded in ${join(folder, 'main')}`);
    expect((await readFile(join(folder, 'main', 'demo-password'), 'utf8')).trim()).toBe(password);

    const token = await signIn(url, password);
    const { feed } = await ask(url, '{ feed { papers(first: 1) { totalCount nodes { id upvoteCount } } } }');
    expect(feed.papers.totalCount).toBe(43);
    const [paper] = feed.papers.nodes;
    await ask(url, `mutation { upvotePaper(input: { paperId: "${paper.id}" }) { paper { id } } }`, token);
    await first.kill('SIGKILL');

    const second = start();
    const again = await ready(second);
    const kept = await ask(again, `{ paper(id: "${paper.id}") { upvoteCount viewerHasUpvoted } papers { totalCount } }`, token);
    expect(kept).toEqual({ paper: { upvoteCount: Number(paper.upvoteCount) + 1, viewerHasUpvoted: true }, papers: { totalCount: 43 } });
    await second.waitFor(new RegExp(`password ${password}`));

    const third = start();
    expect(await third.ended()).toBe(1);
    expect(third.output()).toMatch(/^daily-papers: the data folder \S+ is in use by another process \(process \d+\): stop it, or set DATA_DIR to another folder\n$/);

    second.child.kill('SIGTERM');
    expect(await second.ended()).toBe(0);
  });

  test('a first start that is killed at any moment leaves a folder that opens', async () => {
    for (const moment of [250, 900, 1700, 2600]) {
      const cut = start({ DATA_DIR: join(folder, 'cut') });
      await new Promise((done) => setTimeout(done, moment));
      await cut.kill('SIGKILL');
    }
    const whole = start({ DATA_DIR: join(folder, 'cut') });
    const { papers, users } = await ask(await ready(whole), '{ papers { totalCount } users: user(username: "simulated-300") { isSimulated } }');
    expect(papers.totalCount).toBe(43);
    expect(users.isSimulated).toBe(true);
  });

  test('DEMO_PASSWORD sets the password, also of an account that exists; DEMO=false loads nothing', async () => {
    const server = start({ DEMO_PASSWORD: 'a-chosen-password', ADMIN_PASSWORD: 'an-admin-password' });
    const url = await ready(server);
    await expect(signIn(url, 'a-chosen-password')).resolves.toMatch(/^dp_/);
    const { signIn: admin } = await ask(url, 'mutation { signIn(input: { username: "admin", password: "an-admin-password" }) { viewer { role } } }');
    expect(admin.viewer.role).toBe('ADMIN');
    const bare = start({ DATA_DIR: join(folder, 'bare'), DEMO: 'false' });
    expect((await ask(await ready(bare), '{ papers { totalCount } }')).papers.totalCount).toBe(0);
    expect(bare.output()).not.toContain('sign in');
  });

  test.each([
    ['PORT', 'abc'],
    ['DATABASE_URL', 'mysql://somewhere'],
    ['DEMO_PASSWORD', 'short'],
    ['DEMO', 'maybe'],
    ['SESSION_DAYS', '-1'],
    ['PUBLIC_URL', 'papers.example'],
    ['SMTP_URL', 'mail.example:587'],
    ['MAIL_FROM', 'nobody'],
    ['OIDC_ALGORITHMS', 'RS256,HS256'],
  ])('a bad %s stops the start with a line that names it', async (name, value) => {
    const server = start({ [name]: value });
    expect(await server.ended()).toBe(1);
    expect(server.output()).toMatch(new RegExp(`^daily-papers: the configuration is not valid\\n  ${name}: .+\\n$`));
  });
});

describe('npm run import', () => {
  const importing = (parameters: string[]): RunningProcess => {
    const child = run(['dist/cli/import.js', ...parameters], { DATA_DIR: join(folder, 'import') });
    started.push(child);
    return child;
  };

  test('without a source says how to use it, with exit code 2', async () => {
    const child = importing([]);
    expect(await child.ended()).toBe(2);
    expect(child.output()).toContain('usage: npm run import');
  });
});
