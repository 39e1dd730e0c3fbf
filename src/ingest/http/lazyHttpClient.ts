import type { HttpClient } from './httpClient.js';

/** A client that is made when it is first asked: a server that imports nothing is spared the loading of its library. */
export function lazyHttpClient(open: () => Promise<HttpClient>): HttpClient {
  let opened: Promise<HttpClient> | null = null;
  const client = (): Promise<HttpClient> => (opened ??= open());
  return {
    ask: async (request) => (await client()).ask(request),
    stream: async (request) => (await client()).stream(request),
  };
}
