import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startTestServer, type TestServer } from '../support/testServer.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const status = async (path: string): Promise<number> => (await fetch(new URL(path, server.url))).status;

test('the server is ready once the recommender has loaded, and asks it no more after that', async () => {
  const { taste } = server.services;
  const load = taste.current.bind(taste);
  taste.current = () => Promise.reject(new Error('not yet'));
  expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
  let loads = 0;
  taste.current = () => {
    loads += 1;
    return load();
  };
  expect(await status('/readyz')).toBe(200);
  expect(loads).toBeGreaterThan(0);
  taste.current = () => Promise.reject(new Error('lost its connection'));
  expect(await status('/readyz')).toBe(200);
});
