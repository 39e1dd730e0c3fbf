import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { tellProof } from '../support/proof.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

/** Audits of the specification "GraphQL over HTTP" that the server does not pass, and why it should not. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  // SHOULD 200 for a document that is refused where the answer is application/json, which is for clients that take any other
  // status for a failure of the network. Apollo Server has answered 400 always, its clients read the errors of such an answer, and
  // what watches a server by its status sees what is refused. Clients that accept application/graphql-response+json get what
  // the specification wants of that type.
  '572B': 'document that does not parse: 400',
  'FDE2': 'document that is not valid: 400',
  '7B9B': 'variables that do not fit: 400',
  // MAY answer GET: it does, to whom a page of another origin cannot be, which is to say with a header that browsers ask for
  // beforehand (apollo-require-preflight).
  '5A70': 'GET without such a header: 400',
  'D6D5': 'GET without such a header: 400',
  '6A70': 'GET without such a header: 400',
};

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(async () => {
  tellProof(`${passed.size} of ${audits.length} audits of GraphQL over HTTP passed; argued exceptions: ${Object.keys(EXCEPTIONS).join(', ')}`);
  await server.stop();
});

const passed = new Set<string>();
const audits = serverAudits({ url: () => server.url });

describe('GraphQL over HTTP, by the audits of graphql-http', () => {
  test.each(audits.map(({ id, name, fn }) => [id, name, fn] as const))('%s %s', async (id, _, run) => {
    const result = await run();
    if (result.status === 'ok') passed.add(id);
    // Both ways: an exception that is no longer one is to go.
    expect({ isPassed: result.status === 'ok', ...('reason' in result && { reason: result.reason }) }).toMatchObject({ isPassed: !(id in EXCEPTIONS) });
  });

  test('are as many as were looked at, and all exceptions are audits', () => {
    expect(audits.length).toBeGreaterThanOrEqual(60);
    const ids = new Set(audits.map(({ id }) => id));
    expect(Object.keys(EXCEPTIONS).filter((id) => !ids.has(id))).toEqual([]);
  });
});

// What never becomes an operation is refused by the HTTP server, in the form that clients of GraphQL read.
describe('a request that is no operation', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };
  const GRAPHQL_TYPE = { ...JSON_TYPE, accept: 'application/graphql-response+json, application/json;q=0.9' };
  const huge = JSON.stringify({ query: `{ __typename } # ${'x'.repeat(10_000_000)}` });
  test.each<[string, RequestInit, [status: number, type: string]]>([
    ['is no JSON', { headers: JSON_TYPE, body: '{"query": ' }, [400, 'application/json']],
    ['is no JSON, for a client of the newer type', { headers: GRAPHQL_TYPE, body: '{"query": ' }, [400, 'application/graphql-response+json']],
    ['is nothing', { headers: JSON_TYPE }, [400, 'application/json']],
    ['reaches for the prototype', { headers: JSON_TYPE, body: '{"query": "{ __typename }", "variables": {"__proto__": {"role": "ADMIN"}}}' }, [400, 'application/json']],
    ['reaches for the constructor', { headers: JSON_TYPE, body: '{"query": "{ __typename }", "variables": {"constructor": {"prototype": {"role": "ADMIN"}}}}' }, [400, 'application/json']],
    ['is longer than 1 MiB', { headers: JSON_TYPE, body: huge }, [413, 'application/json']],
    ['is of a type unknown', { headers: { 'content-type': 'application/xml' }, body: '<query/>' }, [415, 'application/json']],
  ])('because it %s is refused', async (_, init, [status, type]) => {
    for (const url of [server.url, `${server.url}/stream`]) {
      const response = await fetch(url, { method: 'POST', ...init });
      expect([response.status, response.headers.get('content-type')]).toEqual([status, `${type}; charset=utf-8`]);
      expect(await response.json()).toEqual({ errors: [{ message: expect.stringMatching(/\w/), extensions: { code: 'BAD_REQUEST' } }] });
    }
    expect(await server.query('{ __typename }')).toEqual({ __typename: 'Query' });
  });
});
