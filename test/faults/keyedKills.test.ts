import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { run, type RunningProcess } from '../support/process.js';
import { chance } from '../support/random.js';
import { createTestDatabase, isOnServer } from '../support/testDatabase.js';

const WRITERS = 8;
const KILLS = 2;
const SEED = 20261128;
/** Those who are told that it is in progress come again: the server that was at it is believed for 15 s. */
const PATIENCE_MS = 60_000;

/** What a writer sends, always with the same key, until it is answered; null before. */
interface Wish {
  readonly name: string;
  id: string | null;
}

async function ask(url: string, query: string, { token, variables }: { readonly token?: string; readonly variables?: object } = {}): Promise<any> {
  const headers = { 'content-type': 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  try {
    return await (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }), signal: AbortSignal.timeout(30_000) })).json();
  } catch {
    return null;
  }
}

// A collection of a name that is there is a CONFLICT: without the key, who repeats what was not answered is told that it failed.
const MAKE = 'mutation ($name: String!) { createCollection(input: { name: $name }, idempotencyKey: $name) { collection { id name } } }';

test(`what servers that are killed did not answer is done once when it is sent again (seed ${SEED})`, async () => {
  const random = chance(SEED);
  const folder = await mkdtemp(join(tmpdir(), 'daily-papers-keyed-'));
  const made = isOnServer ? await createTestDatabase() : null;
  let server: RunningProcess | null = null;
  const started = async (): Promise<string> => {
    server = run(['dist/main.js'], { PORT: '0', HOST: '127.0.0.1', DEMO: 'false', SUBMISSION_LOOKUP: 'false', DATA_DIR: folder, ...(made?.url != null && { DATABASE_URL: made.url }) });
    return (await server.waitFor(/GraphQL +(\S+)/))[1]!;
  };
  try {
    let url = await started();
    const writers = await Promise.all(Array.from({ length: WRITERS }, async (_, n) => {
      const { data } = await ask(url, `mutation { signUp(input: { username: "writer-${n}", password: "a password of a writer" }) { token } }`);
      return { token: data.signUp.token as string, wishes: [] as Wish[] };
    }));
    const unexpected: unknown[] = [];
    const send = async (token: string, wish: Wish): Promise<boolean> => {
      const answer = await ask(url, MAKE, { token, variables: { name: wish.name } });
      const id = answer?.data?.createCollection?.collection.id ?? null;
      if (id !== null && wish.id !== null && id !== wish.id) unexpected.push([wish, id]);
      if (id === null && answer?.errors !== undefined && !['IDEMPOTENCY_IN_PROGRESS', 'UNAVAILABLE'].includes(answer.errors[0].extensions.code)) unexpected.push(answer.errors);
      wish.id ??= id;
      return id !== null;
    };
    let cut = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const writing = writers.map(async ({ token, wishes }) => {
        for (let isThere = true; isThere && wishes.length < 190;) {
          const wish = { name: `Wish ${wishes.length}`, id: null };
          wishes.push(wish);
          isThere = await send(token, wish);
        }
      });
      await sleep(400 + random.below(400));
      await server!.kill('SIGKILL');
      await Promise.all(writing);
      cut += writers.flatMap(({ wishes }) => wishes).filter(({ id }) => id === null).length;
      url = await started();
      await Promise.all(writers.map(async ({ token, wishes }) => {
        for (const wish of wishes.slice(-3)) for (const end = Date.now() + PATIENCE_MS; !(await send(token, wish)) && Date.now() < end;) await sleep(500);
      }));
    }
    expect(unexpected).toEqual([]);
    // Else it would show nothing.
    expect(cut).toBeGreaterThanOrEqual(KILLS);
    for (const { token, wishes } of writers) {
      const there = new Map<string, string>();
      for (let after: string | null = null; ;) {
        const { data } = await ask(url, 'query ($after: String) { viewer { collections(first: 100, after: $after) { nodes { id name } pageInfo { hasNextPage endCursor } } } }', { token, variables: { after } });
        for (const { id, name } of data.viewer.collections.nodes) there.set(name, id);
        const { hasNextPage, endCursor } = data.viewer.collections.pageInfo;
        if (!hasNextPage) break;
        after = endCursor;
      }
      expect(there).toEqual(new Map(wishes.map(({ name, id }) => [name, id])));
    }
  } finally {
    await (server as RunningProcess | null)?.kill('SIGKILL');
    await made?.drop();
    await rm(folder, { recursive: true, force: true });
  }
}, 200_000);
