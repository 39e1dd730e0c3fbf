import { expect, test } from '@jest/globals';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { readFile } from 'node:fs/promises';

/**
 * What the next release breaks, and what clients do instead: it goes into the release's notes. A release empties this list and
 * keeps its schema with `npm run release:schema`, in one commit.
 */
const ANNOUNCED: Readonly<Record<string, string>> = {
  'Feed.papers': 'its connection tells what is new (`edges.isNew`): fragments on PaperConnection become fragments on FeedConnection',
  'Query.feed.orderBy': 'a feed has an order that papers have not (FOR_YOU): variables of the type PaperOrder become FeedOrder',
};

const schemaOf = async (path: string): Promise<GraphQLSchema> => buildSchema(await readFile(new URL(path, import.meta.url), 'utf8'));

async function breakingPaths(next: GraphQLSchema): Promise<string[]> {
  const changes = await diff(await schemaOf('released.graphql'), next);
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  return [...new Set(breaking.map(({ path, message }) => path ?? message))].sort();
}

test('what breaks clients of the last release is announced, and nothing is announced that does not', async () => {
  expect(await breakingPaths(await schemaOf('../../schema.graphql'))).toEqual(Object.keys(ANNOUNCED).sort());
});

test('a field that goes, one that may be null, an argument that is needed and an enum value that goes are seen', async () => {
  const text = await readFile(new URL('released.graphql', import.meta.url), 'utf8');
  const changed = [
    ['type Paper implements Node {', 'upvoteCount: Int!', 'upvoteCount: Int'], ['type User implements Node {', '  username: String!\n', ''],
    ['enum FeedPeriod {', '  WEEK\n', ''], ['input SignUpInput {', 'password: String!', 'password: String!\n  mail: String!'],
  ].reduce((schema, [within, from, to]) => {
    const place = schema.indexOf(from!, schema.indexOf(within!));
    return schema.slice(0, place) + to! + schema.slice(place + from!.length);
  }, text);
  expect(await breakingPaths(buildSchema(changed))).toEqual(['FeedPeriod.WEEK', 'Paper.upvoteCount', 'SignUpInput.mail', 'User.username']);
});
