import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient, fetchExchange, gql, subscriptionExchange, type Client, type ClientOptions, type OperationResult, type TypedDocumentNode } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { until, wsClient } from '../support/liveClients.js';
import { documentOf, startClientWorld, type ClientWorld } from './world.js';

let world: ClientWorld;
const cleanups: (() => unknown)[] = [];

beforeAll(async () => {
  world = await startClientWorld();
});
afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean();
});
afterAll(() => world.server.stop());

/** With its normalised cache; queries go by POST. */
function clientOf(token: string | null = world.reader.token): Client {
  return clientWith({ preferGetMethod: false, ...(token !== null && { fetchOptions: { headers: { authorization: `Bearer ${token}` } } }) }, token);
}

function clientWith(options: Partial<ClientOptions>, token: string | null = null): Client {
  const socket = wsClient(world.server, token);
  cleanups.push(() => socket.dispose());
  return createClient({
    url: world.server.url,
    exchanges: [
      // Without keys are the types that have no id, whichever they are.
      cacheExchange({ resolvers: { Query: { papers: relayPagination() }, Feed: { papers: relayPagination() } }, keys: { Feed: () => null } }),
      fetchExchange,
      subscriptionExchange({ forwardSubscription: ({ query, variables }) => ({ subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query: query ?? '', variables }, sink as never) }) }) }),
    ],
    ...options,
  });
}

const query = (name: string): TypedDocumentNode<any, Record<string, unknown>> => gql(documentOf(name));
const idsOf = (connection: any): string[] => connection.edges.map(({ node }: any) => node.id);
const codesOf = ({ error }: OperationResult): unknown => error?.graphQLErrors.map(({ extensions }) => extensions);

describe('urql', () => {
  test('asks with variables, fragments and a token', async () => {
    const [paper] = world.papers;
    const { data, error } = await clientOf().query(query('paper'), { id: paper!.id });
    expect([error, data.paper]).toMatchObject([undefined, { id: paper!.id, viewerHasUpvoted: false, authors: { nodes: [{ name: expect.any(String) }] } }]);
    expect((await clientOf().query(query('viewer'), {})).data.viewer.username).toBe(world.reader.username);
    expect((await clientOf(null).query(query('viewer'), {})).data.viewer).toBeNull();
  });

  // By default it asks short queries by GET, which the server takes from whom no foreign page can be.
  test('asks by GET with a header that says so, and is told of it without', async () => {
    const [without, withHeader] = [clientWith({}), clientWith({ fetchOptions: { headers: { 'apollo-require-preflight': 'true' } } })];
    const refused = await without.query(query('viewer'), {});
    expect([codesOf(refused), refused.error?.message]).toEqual([[{ code: 'BAD_REQUEST' }], expect.stringContaining('apollo-require-preflight')]);
    const { data, operation } = await withHeader.query(query('papers'), { first: 2 });
    expect([operation.context.preferGetMethod, data.papers.edges.length]).toEqual(['within-url-limit', 2]);
  });

  test.each([['papers', {}, (data: any) => data.papers], ['feed', { date: '2026-01-05' }, (data: any) => data.feed.papers]] as const)('merges the pages of %s to the whole list', async (name, variables, connectionOf) => {
    const client = clientOf();
    let result = await client.query(query(name), { ...variables, first: 5 });
    let pages = 1;
    while (connectionOf(result.data).pageInfo.hasNextPage) {
      result = await client.query(query(name), { ...variables, first: 5, after: connectionOf(result.data).pageInfo.endCursor });
      pages += 1;
    }
    expect([pages, idsOf(connectionOf(result.data))]).toEqual([5, world.papers.map(({ id }) => id)]);
  });

  test('writes the payload of a mutation into what is shown', async () => {
    const client = clientOf();
    const [, paper] = world.papers;
    const seen: any[] = [];
    const { unsubscribe } = client.query(query('paper'), { id: paper!.id }).subscribe(({ data }) => seen.push([data.paper.upvoteCount, data.paper.viewerHasUpvoted]));
    cleanups.push(unsubscribe);
    await until(() => seen.length === 1);
    for (const name of ['upvotePaper', 'removeUpvote']) expect((await client.mutation(query(name), { input: { paperId: paper!.id } })).error).toBeUndefined();
    await until(() => seen.length === 3);
    expect(seen).toEqual([[0, false], [1, true], [0, false]]);
  });

  test('gives its caller code and field of errors', async () => {
    expect(codesOf(await clientOf(null).query(query('papers'), { first: 5000 }))).toEqual([{ code: 'BAD_USER_INPUT', field: 'first' }]);
    expect(codesOf(await clientOf(null).query(query('papers'), { first: 'ten' }))).toEqual([{ code: 'BAD_USER_INPUT' }]);
    expect(codesOf(await clientOf(null).mutation(query('upvotePaper'), { input: { paperId: 'UGFwZXI6MQ' } }))).toEqual([{ code: 'UNAUTHENTICATED' }]);
    expect(codesOf(await clientOf().mutation(query('upvotePaper'), { input: { paperId: 'UGFwZXI6OTk5' } }))).toEqual([{ code: 'NOT_FOUND', field: 'paperId' }]);
    expect(codesOf(await clientOf('dp_unknown').query(query('viewer'), {}))).toEqual([{ code: 'UNAUTHENTICATED' }]);
    expect(codesOf(await clientOf().query(query('search'), { query: 'x'.repeat(2_000_000) }))).toEqual([{ code: 'BAD_REQUEST' }]);
  });

  test('is told of votes by a subscription', async () => {
    const client = clientOf();
    const [, , paper] = world.papers;
    const { live } = world.server.services;
    const before = live.subscriberCount;
    const told: number[] = [];
    const { unsubscribe } = client.subscription(query('paperVotes'), { paperId: paper!.id }).subscribe(({ data }) => told.push(data.paperVotes.paper.upvoteCount));
    await until(() => live.subscriberCount > before);
    await client.mutation(query('upvotePaper'), { input: { paperId: paper!.id } });
    await until(() => told.length > 0);
    expect(told).toEqual([1]);
    unsubscribe();
    await until(() => live.subscriberCount === before);
  });
});
