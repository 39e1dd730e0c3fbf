import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { buildSchema } from 'graphql';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { isWritten, shown, startBothWays, withoutWitnesses, type BothWays } from '../support/bothWays.js';
import { seedPaperWorld, type PaperWorld } from '../support/paperWorld.js';
import { chance } from '../support/random.js';
import { randomOperation, type Choices } from '../support/randomOperations.js';

const OPERATIONS = 300;
const SEED = 20261125;

let both: BothWays;
let world: PaperWorld;
let choices: Choices;

beforeAll(async () => {
  both = await startBothWays();
  world = await seedPaperWorld(both.interpreted);
  choices = { schema: buildSchema(await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8')), values: await valuesOf() };
});
afterAll(() => both.stop());

/** What arguments may be: things that exist and things that do not. */
async function valuesOf(): Promise<Choices['values']> {
  const page = '{ edges { cursor } nodes { id } }';
  const { papers, feed, authors, repos, tags } = await both.interpreted.query(`{ papers { edges { cursor } nodes { authors ${page} tags ${page} repos ${page} upvotes ${page} origins { edges { cursor } } } } feed { papers ${page} } authors ${page} repos ${page} tags ${page} }`);
  const cursorsOf = (connections: readonly any[]): string[] => connections.flatMap(({ edges }) => edges.map(({ cursor }: any) => cursor as string));
  const within = (edge: string): string[] => cursorsOf(papers.nodes.map((paper: any) => paper[edge]));
  const author = authors.nodes[0].id as string;
  return {
    'Query.papers': cursorsOf([papers]), 'Feed.papers': cursorsOf([feed.papers]), 'Paper.authors': within('authors'), 'Paper.tags': within('tags'), 'Paper.repos': within('repos'), 'Paper.upvotes': within('upvotes'), 'Paper.origins': within('origins'),
    'Query.authors': cursorsOf([authors]), 'Query.repos': cursorsOf([repos]), 'Query.tags': cursorsOf([tags]), cursor: ['nonsense', cursorsOf([tags])[0]!],
    'Query.paper.id': [...world.papers.map(({ id }) => id), author, null], 'Query.author.id': [author], 'Query.user.id': world.readers.map(({ id }) => id), 'Query.repo.id': [repos.nodes[0].id], 'Query.collection.id': [1, 2, 3, 9].map((row) => toGlobalId('Collection', row)), 'Query.library.orderBy': ['LATEST_ADDED', 'LATEST_CHANGED'], state: ['UNREAD', 'READ', null], id: [author, world.papers[3]!.id, tags.nodes[0].id],
    ids: [JSON.stringify([author, world.papers[1]!.id, tags.nodes[1].id])], arxivId: ['2601.00001', '2601.00007', '2601.99999', null, 'x'], doi: ['10.1234/paper.8', 'doi:10.1234/PAPER.9', '10.1234/none', null, 'x'], slug: ['common', 'tag-0', 'one-of-models', 'none'], username: ['reader-1', 'nobody'], prefix: ['a', 'tag', null], host: ['github.com', null], kind: ['KEYWORD'],
    date: ['2026-01-03', '2026-01-11', '1999-01-01', null], period: ['DAY', 'WEEK', 'MONTH'], 'Query.authors.orderBy': ['NAME', 'MOST_PAPERS'], 'Query.repos.orderBy': ['STARS', 'MOST_PAPERS'], 'Query.tags.orderBy': ['SLUG', 'MOST_PAPERS'], 'Paper.comments.orderBy': ['BEST', 'NEWEST', 'OLDEST'], 'Comment.replies.orderBy': ['BEST', 'OLDEST'], orderBy: ['TOP', 'TRENDING', 'NEWEST'],
    filter: ['{ text: "models" }', '{ text: "\\"graphs of\\" -漢" }', '{ hasCode: true, tags: { all: ["common"] } }', '{ tags: { any: ["rare", "none"] }, listed: { from: "2026-01-02" } }', `{ author: "${author}" }`, '{ published: { to: "1980-01-01" } }', '{ text: "nowhere" }', '{ withdrawn: true }', '{ withdrawn: false, tags: { any: ["one-of-models", "common"] } }', 'null', '{}'],
  };
}

test(`answers of ${OPERATIONS} random queries are the same, and the database writes those that it can`, async () => {
  const draw = chance(SEED);
  const counts = { written: 0, resolved: 0, errors: 0 };
  for (let n = 0; n < OPERATIONS; n += 1) {
    const { isPlain, ...operation } = randomOperation(choices, draw);
    const question = { ...operation, token: draw.pick([null, ...world.readers.map(({ token }) => token)]) };
    const { expected, got } = await both.ask(question);
    for (const outcome of got) expect(shown(question, withoutWitnesses(outcome))).toBe(shown(question, withoutWitnesses(expected)));
    const hasErrors = expected.body.errors !== undefined;
    if (isPlain && !hasErrors) expect(`${got.map(isWritten).join()} ${JSON.stringify(question)}`).toMatch(/^true,true /);
    counts[hasErrors ? 'errors' : got.every(isWritten) ? 'written' : 'resolved'] += 1;
    expect(both.failures.splice(0)).toEqual([]);
  }
  // Each kind comes often enough to tell something.
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(OPERATIONS / 20);
  expect(counts.errors).toBeLessThan(OPERATIONS / 3);
}, 300_000);
