import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClientError, GraphQLClient } from 'graphql-request';
import type { ExecutionResult } from 'graphql';
import { receive, sseClient, subscribed, until, wsClient } from '../support/liveClients.js';
import { documentOf, startClientWorld, type ClientWorld } from './world.js';

let world: ClientWorld;

beforeAll(async () => {
  world = await startClientWorld();
});
afterAll(() => world.server.stop());

const votes = documentOf('paperVotes');

/** What a client of streams gives for an operation of one answer. */
async function answer(client: Parameters<typeof receive>[0], name: string, variables: Record<string, unknown>): Promise<ExecutionResult<any>> {
  const { answers, ended } = receive(client, documentOf(name), variables);
  const end = await ended;
  if (end !== null) throw new Error(JSON.stringify(end), { cause: end });
  expect(answers).toHaveLength(1);
  return answers[0];
}

/** All ids of the papers, page by page, by what gives the data of an operation. */
async function allIds(ask: (name: string, variables: Record<string, unknown>) => Promise<any>): Promise<string[]> {
  const ids: string[] = [];
  let after: string | null = null;
  do {
    const { papers } = await ask('papers', { first: 4, after });
    ids.push(...papers.edges.map(({ node }: any) => node.id as string));
    after = papers.pageInfo.hasNextPage ? papers.pageInfo.endCursor as string : null;
  } while (after !== null);
  return ids;
}

describe('graphql-request', () => {
  const clientOf = (token: string | null = world.reader.token): GraphQLClient => new GraphQLClient(world.server.url, { headers: { ...(token !== null && { authorization: `Bearer ${token}` }) } });
  const ask = (name: string, variables: Record<string, unknown> = {}, token?: string | null): Promise<any> => clientOf(token).request(documentOf(name), variables);
  const refusal = (name: string, variables: Record<string, unknown>, token?: string | null): Promise<unknown> =>
    ask(name, variables, token).then(() => 'no error', (error: unknown) => (error instanceof ClientError ? [error.response.status, error.response.errors?.map(({ extensions }) => extensions)] : error));

  test('asks, votes and pages', async () => {
    const [paper] = world.papers;
    expect((await ask('viewer')).viewer.username).toBe(world.reader.username);
    expect((await ask('upvotePaper', { input: { paperId: paper!.id } })).upvotePaper.paper).toEqual({ id: paper!.id, upvoteCount: 1, viewerHasUpvoted: true });
    expect((await ask('removeUpvote', { input: { paperId: paper!.id } })).removeUpvote.paper).toMatchObject({ upvoteCount: 0, viewerHasUpvoted: false });
    expect(await allIds(ask)).toEqual(world.papers.map(({ id }) => id));
  });

  test('gives its caller status, code and field of errors', async () => {
    expect(await refusal('papers', { first: 5000 })).toEqual([200, [{ code: 'BAD_USER_INPUT', field: 'first' }]]);
    expect(await refusal('papers', { first: 'ten' })).toEqual([400, [{ code: 'BAD_USER_INPUT' }]]);
    expect(await refusal('upvotePaper', { input: { paperId: 'UGFwZXI6OTk5' } })).toEqual([200, [{ code: 'NOT_FOUND', field: 'paperId' }]]);
    expect(await refusal('upvotePaper', { input: { paperId: 'UGFwZXI6MQ' } }, null)).toEqual([200, [{ code: 'UNAUTHENTICATED' }]]);
    expect(await refusal('viewer', {}, 'dp_unknown')).toEqual([401, [{ code: 'UNAUTHENTICATED' }]]);
    expect(await refusal('search', { query: 'x'.repeat(2_000_000) })).toEqual([413, [{ code: 'BAD_REQUEST' }]]);
  });
});

describe.each([['graphql-ws', wsClient], ['graphql-sse', sseClient]] as const)('%s alone', (_, clientOf) => {
  test('asks, votes, pages and subscribes', async () => {
    const client = clientOf(world.server, world.reader.token);
    const [, paper] = world.papers;
    const input = { input: { paperId: paper!.id } };
    expect((await answer(client, 'viewer', {})).data.viewer.username).toBe(world.reader.username);
    const told = await subscribed(world.server, client, votes, { paperId: paper!.id });
    expect((await answer(client, 'upvotePaper', input)).data.upvotePaper.paper.upvoteCount).toBe(1);
    expect(await told.until(1)).toEqual([{ data: { paperVotes: { paper: { id: paper!.id, upvoteCount: 1 } } } }]);
    told.stop();
    await answer(client, 'removeUpvote', input);
    expect(await allIds(async (name, variables) => (await answer(client, name, variables)).data)).toEqual(world.papers.map(({ id }) => id));
    await client.dispose();
  });

  test('iterates over events, and ends the subscription with the loop', async () => {
    const client = clientOf(world.server, world.reader.token);
    const [, , paper] = world.papers;
    const { live } = world.server.services;
    const before = live.subscriberCount;
    const counts: number[] = [];
    const vote = (name: string): Promise<unknown> => world.server.query(documentOf(name), { token: world.reader.token, variables: { input: { paperId: paper!.id } } });
    const timer = setInterval(() => { if (live.subscriberCount > before) { clearInterval(timer); void vote('upvotePaper'); } }, 10);
    for await (const { data } of client.iterate<any>({ query: votes, variables: { paperId: paper!.id } })) {
      counts.push(data!.paperVotes.paper.upvoteCount as number);
      if (counts.length === 2) break;
      await vote('removeUpvote');
    }
    expect(counts).toEqual([1, 0]);
    await until(() => live.subscriberCount === before);
    await client.dispose();
  });

  test('gives its caller code and field of errors, of subscriptions too', async () => {
    const client = clientOf(world.server);
    const extensionsOf = async (name: string, variables: Record<string, unknown>): Promise<unknown> =>
      answer(client, name, variables).then(({ errors }) => errors?.map(({ extensions }) => extensions), (error: unknown) => ((error as Error).cause as any[]).map(({ extensions }) => extensions));
    expect(await extensionsOf('papers', { first: 5000 })).toEqual([{ code: 'BAD_USER_INPUT', field: 'first' }]);
    expect(await extensionsOf('papers', { first: 'ten' })).toEqual([{ code: 'BAD_USER_INPUT' }]);
    expect(await extensionsOf('upvotePaper', { input: { paperId: 'UGFwZXI6MQ' } })).toEqual([{ code: 'UNAUTHENTICATED' }]);
    expect(await extensionsOf('paperVotes', { paperId: 'UGFwZXI6OTk5' })).toEqual([{ code: 'NOT_FOUND', field: 'paperId' }]);
    expect(await extensionsOf('paperVotes', { paperId: 'nonsense' })).toEqual([{ code: 'BAD_USER_INPUT', field: 'paperId' }]);
    await client.dispose();
  });
});
