import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getNamedType, isInterfaceType, isObjectType, isUnionType, parse, buildSchema, print, type GraphQLSchema } from 'graphql';
import { readFile } from 'node:fs/promises';
import { sql } from '../../src/database/database.js';
import { startTasteServer, type TasteServer } from '../support/tasteServer.js';

const HIDDEN = 'Paper 4';

// Every field of the schema that gives papers, and why it shows no hidden one. A list is asked here, as each kind of viewer; what
// comes from a list, or by the id of a paper that the viewer may see, is said to. A field that is new fails until it is named.
const LISTS: Record<string, string> = {
  'Query.papers': '{ papers(first: 100) { totalCount nodes { title } } }',
  'Feed.papers': '{ feed(date: "2026-01-01", period: MONTH) { papers(first: 100) { totalCount nodes { title } } } }',
  'Tag.papers': '{ tag(slug: "vision") { papers(first: 100) { totalCount nodes { title } } } }',
  'Author.papers': '{ authors(first: 100) { nodes { papers(first: 100) { totalCount nodes { title } } } } }',
  'Repo.papers': '{ repos(first: 100) { nodes { papers(first: 100) { totalCount nodes { title } } } } }',
  'User.submittedPapers': '{ user(username: "SUBMITTER") { submittedPapers(first: 100) { totalCount nodes { title } } } }',
  'User.upvotedPapers': '{ user(username: "VOTER") { upvotedPapers(first: 100) { totalCount nodes { title } } } }',
  'Query.dismissedPapers': '{ dismissedPapers(first: 100) { totalCount nodes { title } } }',
  'Query.recommendations': '{ recommendations(first: 100) { totalCount nodes { title } edges { reasons { ... on PaperReason { paper { title } } } } } }',
  'Paper.similar': '{ papers(first: 50) { nodes { similar(first: 50) { totalCount nodes { title } edges { reasons { ... on PaperReason { paper { title } } } } } } } }',
  'Paper.byTheSameAuthors': '{ papers(first: 50) { nodes { byTheSameAuthors(first: 50) { totalCount nodes { title } } } } }',
  'Collection.papers': '{ user(username: "VOTER") { collections(first: 5) { nodes { paperCount papers(first: 100) { totalCount nodes { title } } } } } }',
  'Query.followingFeed': '{ followingFeed(first: 100) { totalCount nodes { title } } }',
  'Query.library': '{ library(first: 100) { totalCount nodes { title } } }',
  'SearchResults.nodes': '{ search(query: "Paper", first: 100) { totalCount nodes { title } edges { node { title } } facets { tags { count tag { slug } } } } }',
  'SimilarReaderEdge.reasons': '{ user(username: "VOTER") { similarReaders(first: 20) { edges { reasons { paper { title } } } } } }',
};
const BY_ID = ['Query.paper', 'Query.node', 'Query.nodes', 'Report.object', 'Comment.paper', 'Notification.paper', 'TasteSignal.paper', 'FlaggedVote.paper'];
const FROM_LISTS = [/^\w+Edge\.node$/, /^\w+Connection\.nodes$/, /^PaperReason\.paper$/, /^DigestPick\.paper$/, /^RankingMove\.paper$/, /^\w+Payload\.paper$/];

/** The fields whose type is Paper, an interface or union that has it, or a connection of papers. */
function doorsOf(schema: GraphQLSchema): string[] {
  const holdsPapers = (name: string): boolean => {
    const type = schema.getType(name);
    if (isInterfaceType(type) || isUnionType(type)) return schema.getPossibleTypes(type).some((possible) => possible.name === 'Paper');
    if (name === 'Paper') return true;
    return isObjectType(type) && name.endsWith('Connection') && 'nodes' in type.getFields() && holdsPapers(getNamedType(type.getFields()['nodes']!.type).name);
  };
  return Object.values(schema.getTypeMap()).filter(isObjectType).filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.values(type.getFields()).filter((field) => holdsPapers(getNamedType(field.type).name)).map((field) => `${type.name}.${field.name}`));
}

let server: TasteServer;

beforeAll(async () => {
  server = await startTasteServer();
  const [, voter, submitter] = server.readers;
  const hidden = server.papers[4]!;
  await server.database.prisma.paper.updateMany({ where: { id: { in: [1, 2, 3, 4].map((n) => server.papers[n]!.rowId) } }, data: { submittedById: submitter!.rowId } });
  await server.services.repos.linkOne({ paperId: hidden.rowId, address: { host: 'github.com', owner: 'lab', name: 'code' }, isOfficial: null });
  await server.services.upvotes.add(voter!.rowId, hidden.rowId);
  await server.services.upvotes.add(submitter!.rowId, hidden.rowId);
  await server.services.dismissals.add(server.admin.rowId, hidden.rowId);
  const { id } = await server.database.prisma.collection.create({ data: { ownerId: voter!.rowId, name: 'Of a voter', isPublic: true } });
  for (const [position, { rowId }] of server.papers.slice(3, 6).entries()) await server.database.rows(sql`INSERT INTO collection_papers (collection_id, paper_id, position) VALUES (${id}, ${rowId}, ${position})`);
  for (const { rowId } of [voter!, server.admin]) {
    await server.services.libraryEntries.setState(rowId, hidden.rowId, 'UNREAD');
    await server.services.follows.addTag(rowId, 'vision');
  }
});
afterAll(() => server.stop());

const named = (document: string): string => document.replace('VOTER', server.readers[1]!.username).replace('SUBMITTER', server.readers[2]!.username);
const ask = async (document: string, token: string | null): Promise<string> => JSON.stringify((await server.send(named(document), { token })).data);

test('every field that gives papers has its rule', async () => {
  const schema = buildSchema(print(parse(await readFile('schema.graphql', 'utf8'))), { assumeValidSDL: true });
  const unruled = doorsOf(schema).filter((door) => !(door in LISTS) && !BY_ID.includes(door) && !FROM_LISTS.some((pattern) => pattern.test(door)));
  expect(unruled).toEqual([]);
});

describe('a hidden paper', () => {
  const tokens = (): (string | null)[] => [null, ...server.readers.slice(0, 3).map(({ token }) => token), server.admin.token];
  let before: Record<string, string[]>;
  let state: unknown;

  beforeAll(async () => {
    before = {};
    for (const [door, document] of Object.entries(LISTS)) before[door] = await Promise.all(tokens().map((token) => ask(document, token)));
    state = await server.state();
    await server.query(`mutation { hidePaper(input: { paperId: "${server.papers[4]!.id}", reason: "to be seen nowhere" }) { paper { id } } }`, { token: server.admin.token });
  });

  test.each(Object.keys(LISTS).filter((door) => door !== 'SimilarReaderEdge.reasons'))('was behind %s', (door) => {
    expect(before[door]!.some((answer) => answer.includes(`"${HIDDEN}"`))).toBe(true);
  });

  test.each(Object.entries(LISTS))('is not behind %s, nor counted there', async (_, document) => {
    for (const token of tokens()) {
      for (let n = 0; n < 4; n += 1) {
        const answer = await ask(document, token);
        expect(answer).not.toContain(`"${HIDDEN}"`);
        for (const [, count, nodes] of answer.matchAll(/"totalCount":(\d+),"nodes":(\[[^\]]*\])/g)) {
          const { length } = JSON.parse(nodes!) as unknown[];
          if (length < 50) expect(Number(count)).toBe(length);
        }
      }
    }
  }, 180_000);

  test('is not in a feed of its day alone, nor makes that a day with papers', async () => {
    const READ = '{ feed(date: "2026-01-15") { previous next papers { totalCount } } papers(filter: { listed: { from: "2026-01-01", to: "2026-01-31" }, text: "Paper" }, orderBy: TOP, first: 50) { totalCount nodes { title } } }';
    expect(await ask(READ, null)).not.toContain(`"${HIDDEN}"`);
  });

  test('comes back behind all of them', async () => {
    await server.query(`mutation { restorePaper(input: { paperId: "${server.papers[4]!.id}" }) { paper { id } } }`, { token: server.admin.token });
    for (const [door, document] of Object.entries(LISTS)) expect([door, await Promise.all(tokens().map((token) => ask(document, token)))]).toEqual([door, before[door]]);
    expect(await server.state()).toEqual(state);
  });
});
