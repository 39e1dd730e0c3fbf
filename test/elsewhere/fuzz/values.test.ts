import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { toGlobalId } from '../../../src/graphql/globalId.js';
import { tellProof } from '../../support/proof.js';
import { chance } from '../../support/random.js';
import { complaint, send, sentBodies } from './asking.js';
import { HOSTILE_NUMBERS, HOSTILE_TEXTS, OTHER_KINDS, jsonOf, tamperedCursors } from './hostile.js';
import { placesOf, type Place } from './places.js';
import { PATIENCE_MS, RUNS, SEED } from './settings.js';
import { startFuzzWorld, type FuzzWorld } from './world.js';

/** So many values are tried at each place: a few, or all where more runs are asked for. */
const VALUES_A_PLACE = Math.ceil(RUNS / 75);
/** What is tried at each place of a type, whatever chance says: it has broken more servers than the rest. */
const ALWAYS: Readonly<Record<string, readonly unknown[]>> = { String: ['\ud800'], ID: [toGlobalId('Paper', 2_147_483_648)], Int: [2_147_483_647], DateTime: ['0000-01-01T00:00:00Z'], LocalDate: ['9999-12-31'] };
/** Sent side by side: the database waits for none of them. */
const AT_ONCE = 8;

let world: FuzzWorld;
let places: Place[];

beforeAll(async () => {
  world = await startFuzzWorld();
  // These end what the others need: the session, and with sound arguments beside a key the collection.
  places = placesOf(world).filter(({ name }) => !/^Mutation\.((signOut|deleteAccount)\(|deleteCollection\(idempotencyKey)/.test(name));
});
afterEach(async () => {
  expect(await world.server.query('{ papers(first: 1) { totalCount } viewer { username role } }', { token: world.admin.token })).toMatchObject({ viewer: { username: world.admin.username, role: 'ADMIN' } });
});
afterAll(async () => {
  tellProof(`seed ${SEED}: ${sentBodies()} hostile values at ${places.length} places; an answer other than data or a documented error fails the tests above`);
  await world.server.stop();
});

async function complaintsOf(tries: readonly { readonly place: Place; readonly body: string }[]): Promise<string[]> {
  const complaints: string[] = [];
  const waiting = [...tries];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const said = complaint(await send(world.server, next.body, world.admin.token));
      if (said !== null) complaints.push(`${next.place.name}: ${said}: ${next.body.slice(0, 500)}`);
    }
  }));
  return complaints;
}

const asked = (place: Place, value: unknown): { place: Place; body: string } => ({ place, body: jsonOf({ query: place.document, variables: { value: place.around(value) } }) });

describe('values that nobody means well with', () => {
  test('are tried at every argument and every field of an input, each with what makes it count', async () => {
    const names = places.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(350);
    expect(names).toEqual(expect.arrayContaining(['Query.papers(filter.tags.any[])', 'Paper.comments(first)', 'Mutation.submitPaper(input.authors[])', 'Mutation.runIngest(input.options[].value)', 'Feed.papers(after)', 'Query.feed(asOf)']));
    // With what fits there, nothing is said against the operation itself.
    const sound: string[] = [];
    for (const { name, document, around } of places.filter((place) => place.type === 'String')) {
      const { status, body } = await send(world.server, jsonOf({ query: document, variables: { value: around('abc') } }), world.admin.token);
      if (status !== 200) sound.push(`${name}: ${JSON.stringify(body)}`);
    }
    expect(sound).toEqual([]);
  }, PATIENCE_MS);

  test(`are answered or refused, wherever they stand (seed ${SEED})`, async () => {
    const draw = chance(SEED);
    const tries = places.flatMap((place) => {
      const isNumber = place.type === 'Int' || place.type === 'Float';
      const values = place.type === 'Boolean' || place.isEnum ? OTHER_KINDS : [...(isNumber ? HOSTILE_NUMBERS : HOSTILE_TEXTS), ...OTHER_KINDS];
      return [...(ALWAYS[place.type] ?? []), ...draw.sample(values, VALUES_A_PLACE)].map((value) => asked(place, value));
    });
    expect(await complaintsOf(tries)).toEqual([]);
  }, PATIENCE_MS);

  test(`are answered or refused as cursors that nobody was given (seed ${SEED})`, async () => {
    const draw = chance(SEED);
    const tries = (await Promise.all(places.filter(({ name }) => /\((after|before)\)$/.test(name)).map(async (place) => {
      const first = await send(world.server, JSON.stringify({ query: place.document, variables: { value: null } }), world.admin.token);
      const cursor = /"cursor":"([^"]+)"/.exec(JSON.stringify(first.body))?.[1];
      return cursor === undefined ? [] : draw.sample(tamperedCursors(cursor), VALUES_A_PLACE).map((value) => asked(place, value));
    }))).flat();
    expect(tries.length).toBeGreaterThan(20 * VALUES_A_PLACE);
    expect(await complaintsOf(tries)).toEqual([]);
  }, PATIENCE_MS);
});

/** What writes a text, and what reads it again. */
interface Keeper {
  readonly name: string;
  readonly write: string;
  /** White space within becomes a space. */
  readonly isLine?: boolean;
  /** Where the payload has it. */
  readonly read: (data: any) => string;
}

const KEEPERS: readonly Keeper[] = [
  { name: 'the title of a paper', isLine: true, write: 'mutation ($text: String!, $paperId: ID!) { updatePaper(input: { paperId: $paperId, title: $text }) { paper { title } } }', read: ({ updatePaper }) => updatePaper.paper.title },
  { name: 'the abstract of a paper', write: 'mutation ($text: String!, $paperId: ID!) { updatePaper(input: { paperId: $paperId, abstract: $text }) { paper { abstract } } }', read: ({ updatePaper }) => updatePaper.paper.abstract },
  { name: 'the name of an author', isLine: true, write: 'mutation ($text: String!, $paperId: ID!) { updatePaper(input: { paperId: $paperId, authors: [$text] }) { paper { authors { nodes { name } } } } }', read: ({ updatePaper }) => updatePaper.paper.authors.nodes[0].name },
  { name: 'a comment', write: 'mutation ($text: String!, $paperId: ID!) { addComment(input: { paperId: $paperId, body: $text }) { comment { bodyMarkdown bodyHtml } } }', read: ({ addComment }) => addComment.comment.bodyMarkdown },
  { name: 'a note on a paper', write: 'mutation ($text: String!, $paperId: ID!) { setPaperNote(input: { paperId: $paperId, note: $text }) { paper { viewerLibraryEntry { note } } } }', read: ({ setPaperNote }) => setPaperNote.paper.viewerLibraryEntry.note },
  { name: 'the name of a collection', write: 'mutation ($text: String!) { createCollection(input: { name: $text }) { collection { name } } }', read: ({ createCollection }) => createCollection.collection.name },
  { name: 'the description of a collection', write: 'mutation ($text: String!, $collectionId: ID!) { updateCollection(input: { collectionId: $collectionId, description: $text }) { collection { description } } }', read: ({ updateCollection }) => updateCollection.collection.description },
  { name: 'the name of a feed token', write: 'mutation ($text: String!) { createFeedToken(input: { name: $text }) { feedToken { name } } }', read: ({ createFeedToken }) => createFeedToken.feedToken.name },
  { name: 'the name of a tag', write: 'mutation ($text: String!, $slug: String!) { createTag(input: { name: $text, slug: $slug, kind: KEYWORD }) { tag { name } } }', read: ({ createTag }) => createTag.tag.name },
];

describe('a hostile text that is taken', () => {
  // A reader has so many at most, and those before took some.
  beforeEach(() => world.server.database.prisma.feedToken.deleteMany());

  test.each(KEEPERS.map((keeper) => [keeper.name, keeper] as const))('comes back as it was sent, or without the white space around it: %s', async (_, { write, read, isLine }) => {
    const different: unknown[] = [];
    let taken = 0;
    for (const [n, text] of HOSTILE_TEXTS.entries()) {
      const variables = { text, paperId: world.papers[6]!.id, collectionId: world.ids.Collection, slug: `tag-${n}-${write.length}` };
      const declared = Object.fromEntries(Object.entries(variables).filter(([name]) => write.includes(`$${name}:`)));
      const reply = await send(world.server, JSON.stringify({ query: write, variables: declared }), world.admin.token);
      const said = complaint(reply);
      if (said !== null) different.push([text, said]);
      if (reply.body.errors !== undefined) continue;
      taken += 1;
      const kept = isLine === true ? text.trim().replace(/\s+/g, ' ') : text.trim();
      if (![text, kept].includes(read(reply.body.data))) different.push([text, read(reply.body.data)]);
    }
    expect(different).toEqual([]);
    expect(taken).toBeGreaterThan(10);
  }, PATIENCE_MS);

  test('is, in HTML, no element and no address of a script', async () => {
    const { comments } = (await world.server.query('query ($id: ID!) { paper(id: $id) { comments(first: 100, orderBy: OLDEST) { nodes { bodyHtml } } } }', { token: world.admin.token, variables: { id: world.papers[6]!.id } })).paper;
    const html = comments.nodes.map(({ bodyHtml }: any) => bodyHtml).join('\n');
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).not.toMatch(/<(img|script|iframe|svg)|href="(javascript|data|file):|\son\w+=[^<]*>(?<!&gt;)/i);
  });
});
