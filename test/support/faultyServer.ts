import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import type { Config } from '../../src/config.js';
import { startTestServer, type TestServer } from './testServer.js';

/** A server on a database of an address, which is another one's to stop and to drop. */
export async function startOnUrl(url: string, settings: Pick<Config, 'databasePoolSize' | 'databaseLimits'> & Partial<Config>): Promise<TestServer> {
  const { databasePoolSize, databaseLimits } = settings;
  return startTestServer(settings, { database: new Database(await openPostgres(url, databasePoolSize, databaseLimits)), drop: () => Promise.resolve() });
}

/** Waits until something holds; gives the milliseconds, and throws when it takes too long. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 20_000): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > withinMs) throw new Error(`${what} did not come to be within ${withinMs} ms`);
    await sleep(20);
  }
  return performance.now() - start;
}

/** The status of a path, and how long it took to be told. */
export async function statusOf({ url }: TestServer, path: string): Promise<{ readonly status: number; readonly tookMs: number }> {
  const start = performance.now();
  const { status } = await fetch(new URL(path, url));
  return { status, tookMs: performance.now() - start };
}

/** An answer with all that tells of a failure. */
export interface Told {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: { readonly data?: any; readonly errors?: readonly { readonly message: string; readonly path?: readonly (string | number)[]; readonly extensions: { readonly code: string; readonly retryAfter?: number; readonly outcome?: string } }[] };
  readonly tookMs: number;
}

/** Sends a document. */
export async function ask({ url }: TestServer, query: string, token: string | null = null): Promise<Told> {
  const start = performance.now();
  const headers = { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) });
  const body = (await response.json()) as Told['body'];
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body, tookMs: performance.now() - start };
}

/** Whether the server is ready. */
export async function isReady(server: TestServer): Promise<boolean> {
  return (await statusOf(server, '/readyz')).status === 200;
}
