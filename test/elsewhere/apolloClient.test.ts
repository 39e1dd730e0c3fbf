import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql, type DocumentNode, type TypedDocumentNode } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Kind, OperationTypeNode } from 'graphql';
import { getMainDefinition, relayStylePagination } from '@apollo/client/utilities';
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

/** As its documentation sets one up: a split link, a normalised cache, pages merged by the policies of Relay's connections. */
function clientOf(token: string | null = world.reader.token): ApolloClient {
  const headers = { ...(token !== null && { authorization: `Bearer ${token}` }) };
  const socket = wsClient(world.server, token);
  const isSubscription = ({ query }: { query: DocumentNode }): boolean => {
    const definition = getMainDefinition(query);
    return definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.SUBSCRIPTION;
  };
  const client = new ApolloClient({
    link: ApolloLink.split(isSubscription, new GraphQLWsLink(socket), new HttpLink({ uri: world.server.url, headers })),
    cache: new InMemoryCache({
      possibleTypes: { Node: ['Paper', 'User', 'Tag', 'Author'] },
      typePolicies: { Query: { fields: { papers: relayStylePagination(['filter', 'orderBy']) } }, Feed: { fields: { papers: relayStylePagination() } } },
    }),
  });
  cleanups.push(() => { client.stop(); }, () => socket.dispose());
  return client;
}

const query = (name: string): TypedDocumentNode<any> => gql(documentOf(name));
const idsOf = (connection: any): string[] => connection.edges.map(({ node }: any) => node.id);
const variablesOf = (paper: { id: string }): { input: { paperId: string } } => ({ input: { paperId: paper.id } });

describe('Apollo Client', () => {
  test('asks with variables, fragments and a token', async () => {
    const [paper] = world.papers;
    const { data } = await clientOf().query({ query: query('paper'), variables: { id: paper!.id } });
    expect(data.paper).toMatchObject({ __typename: 'Paper', id: paper!.id, viewerHasUpvoted: false, authors: { nodes: [{ __typename: 'Author' }] } });
    expect((await clientOf().query({ query: query('viewer') })).data.viewer).toMatchObject({ username: world.reader.username });
    expect((await clientOf(null).query({ query: query('viewer') })).data.viewer).toBeNull();
  });

  test.each([
    ['papers', {}, (data: any) => data.papers],
    ['feed.papers', { date: '2026-01-05' }, (data: any) => data.feed.papers],
  ] as const)('merges the pages of %s to the whole list', async (name, variables, connectionOf) => {
    const observed = clientOf().watchQuery({ query: query(name.split('.')[0]!), variables: { ...variables, first: 5 } });
    const seen: number[] = [];
    const subscription = observed.subscribe(({ data, dataState }) => { if (dataState === 'complete') seen.push(connectionOf(data).edges.length); });
    cleanups.push(() => { subscription.unsubscribe(); });
    await until(() => seen.length > 0);
    let pages = 1;
    let { pageInfo } = connectionOf(observed.getCurrentResult().data);
    for (; pageInfo.hasNextPage; pages += 1) {
      const { data } = await observed.fetchMore({ variables: { after: pageInfo.endCursor } });
      ({ pageInfo } = connectionOf(data));
    }
    await until(() => seen.at(-1) === world.papers.length);
    const whole = connectionOf(observed.getCurrentResult().data);
    expect([pages, whole.totalCount, idsOf(whole)]).toEqual([5, world.papers.length, world.papers.map(({ id }) => id)]);
  });

  test('writes the payload of a mutation into what is shown, wherever it is shown', async () => {
    const client = clientOf();
    const [, paper] = world.papers;
    const observed = client.watchQuery({ query: query('papers'), variables: { first: 5 } });
    const seen: any[] = [];
    const subscription = observed.subscribe(({ data, dataState }) => { if (dataState === 'complete') seen.push(data.papers.edges[1].node); });
    cleanups.push(() => { subscription.unsubscribe(); });
    await until(() => seen.length === 1);
    await client.mutate({ mutation: query('upvotePaper'), variables: variablesOf(paper!) });
    await until(() => seen.length === 2);
    await client.mutate({ mutation: query('removeUpvote'), variables: variablesOf(paper!) });
    await until(() => seen.length === 3);
    expect(seen.map(({ id, upvoteCount, viewerHasUpvoted }) => [id, upvoteCount, viewerHasUpvoted])).toEqual([[paper!.id, 0, false], [paper!.id, 1, true], [paper!.id, 0, false]]);
  });

  test.each<[string, [document: string, variables: Record<string, unknown>, who: string | null], Record<string, unknown>]>([
    ['a page that cannot be', ['papers', { first: 5000 }, null], { code: 'BAD_USER_INPUT', field: 'first' }],
    ['a variable that does not fit', ['papers', { first: 'ten' }, null], { code: 'BAD_USER_INPUT' }],
    ['a mutation without a viewer', ['upvotePaper', { input: { paperId: 'UGFwZXI6MQ' } }, null], { code: 'UNAUTHENTICATED' }],
    ['a token that does not hold', ['viewer', {}, 'dp_unknown'], { code: 'UNAUTHENTICATED' }],
    ['what is not there', ['upvotePaper', { input: { paperId: 'UGFwZXI6OTk5' } }, 'reader'], { code: 'NOT_FOUND', field: 'paperId' }],
  ])('gives its caller code and field of the error for %s', async (_, [name, variables, who], extensions) => {
    const client = clientOf(who === 'reader' ? world.reader.token : who);
    const document = query(name);
    const asked = getMainDefinition(document) as { operation: string };
    const error: unknown = await (asked.operation === 'mutation' ? client.mutate({ mutation: document, variables }) : client.query({ query: document, variables })).then(() => null, (thrown: unknown) => thrown);
    if (!CombinedGraphQLErrors.is(error)) throw new Error(`no GraphQL error: ${String(error)}`);
    expect(error.errors.map((each) => each.extensions)).toEqual([extensions]);
  });

  test('gets the code of what is refused before it is an operation', async () => {
    const error: unknown = await clientOf().query({ query: query('search'), variables: { query: 'x'.repeat(2_000_000) } }).catch((thrown: unknown) => thrown);
    if (!CombinedGraphQLErrors.is(error)) throw new Error(`no GraphQL error: ${String(error)}`);
    expect(error.errors).toMatchObject([{ message: expect.stringContaining('too large'), extensions: { code: 'BAD_REQUEST' } }]);
  });

  test('sends the hash of a query alone, once the server knows it', async () => {
    const bodies: any[] = [];
    const spying: typeof fetch = (url, init) => {
      bodies.push(JSON.parse(init?.body as string));
      return fetch(url, init);
    };
    const link = new PersistedQueryLink({ sha256: (text) => createHash('sha256').update(text).digest('hex') }).concat(new HttpLink({ uri: world.server.url, fetch: spying }));
    for (let time = 0; time < 2; time += 1) {
      const client = new ApolloClient({ link, cache: new InMemoryCache() });
      const { data } = await client.query({ query: query('search'), variables: { query: 'paper', first: 1 } });
      expect(data.search.totalCount).toBe(world.papers.length);
    }
    // Unknown, told, and from then on known.
    expect(bodies.map((body) => 'query' in body)).toEqual([false, true, false]);
  });

  test('is told of votes by a subscription, which its cache takes in', async () => {
    const client = clientOf();
    const [, , paper] = world.papers;
    const before = world.server.services.live.subscriberCount;
    const told: number[] = [];
    const subscription = client.subscribe({ query: query('paperVotes'), variables: { paperId: paper!.id } }).subscribe(({ data }) => { told.push(data.paperVotes.paper.upvoteCount); });
    await until(() => world.server.services.live.subscriberCount > before);
    await client.mutate({ mutation: query('upvotePaper'), variables: variablesOf(paper!) });
    await until(() => told.length > 0);
    expect(told).toEqual([1]);
    expect(client.cache.extract()).toMatchObject({ [`Paper:${paper!.id}`]: { upvoteCount: 1 } });
    subscription.unsubscribe();
    await until(() => world.server.services.live.subscriberCount === before);
  });
});
