import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import fc, { type GeneratorValue } from 'fast-check';
import { parse, validate } from 'graphql';
import { tellProof } from '../../support/proof.js';
import type { Chance } from '../../support/random.js';
import { DOCUMENTS, documentOf } from '../world.js';
import { complaint, send, sentBodies } from './asking.js';
import { mutated, wildDocument } from './documents.js';
import { PATIENCE_MS, RUNS, SEED } from './settings.js';
import { startFuzzWorld, type FuzzWorld } from './world.js';

let world: FuzzWorld;

beforeAll(async () => {
  world = await startFuzzWorld();
});
// Whatever was sent, the server is there and answers others.
afterEach(async () => {
  expect((await fetch(new URL('/readyz', world.server.url))).status).toBe(200);
  expect(await world.server.query('{ papers(first: 1) { totalCount } viewer { username } }', { token: world.admin.token })).toMatchObject({ papers: { totalCount: expect.any(Number) }, viewer: { username: world.admin.username } });
});
afterAll(async () => {
  tellProof(`seed ${SEED}: ${sentBodies()} documents and bodies made up or spoilt; an answer other than data or a documented error fails the tests above`);
  await world.server.stop();
});

/** Choices that fast-check makes, and makes simpler where something fails. */
function chanceOf(choose: GeneratorValue): Chance {
  const below = (end: number): number => choose(fc.nat, { max: end - 1 });
  return {
    below,
    pick: (items) => items[below(items.length)]!,
    sample: (items, size) => {
      const rest = [...items];
      return Array.from({ length: Math.min(size, rest.length) }, () => rest.splice(below(rest.length), 1)).flat();
    },
    number: () => below(2 ** 30) / 2 ** 30,
  };
}

// What fails is made simpler for so long, and told then.
const PARAMETERS = { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: PATIENCE_MS / 2, markInterruptAsFailure: true };
const ask = async (document: unknown, variables: unknown = {}): Promise<string | null> => complaint(await send(world.server, JSON.stringify({ query: document, variables }), world.admin.token));

test(`${RUNS} valid documents get data or an error that a client can act on (seed ${SEED})`, async () => {
  await fc.assert(fc.asyncProperty(fc.gen(), async (choose) => {
    const document = wildDocument(world, chanceOf(choose));
    expect([document, validate(world.schema, parse(document)).map(({ message }) => message)]).toEqual([document, []]);
    expect([document, await ask(document)]).toEqual([document, null]);
  }), PARAMETERS);
}, PATIENCE_MS);

test(`${RUNS} documents with wrong tokens get an error that a client can act on, or data (seed ${SEED})`, async () => {
  const known = [...DOCUMENTS.keys()].filter((name) => name !== 'paperCard').map(documentOf);
  const variables = { id: world.ids.Paper, first: 2, query: 'graphs', paperId: world.ids.Paper, input: { paperId: world.ids.Paper, body: 'Well said' } };
  let refused = 0;
  await fc.assert(fc.asyncProperty(fc.gen(), async (choose) => {
    const chance = chanceOf(choose);
    const document = mutated(chance.below(2) === 0 ? chance.pick(known) : wildDocument(world, chance), chance);
    const reply = await send(world.server, JSON.stringify({ query: document, variables }), world.admin.token);
    if (reply.status !== 200) refused += 1;
    expect([document, complaint(reply)]).toEqual([document, null]);
  }), PARAMETERS);
  expect(refused).toBeGreaterThan(RUNS / 2);
}, PATIENCE_MS);

test(`${RUNS} bodies of any JSON get an error that a client can act on, or data (seed ${SEED})`, async () => {
  const query = fc.oneof(fc.constant('query Q($first: Int) { papers(first: $first) { totalCount } }'), fc.constant('{ __typename }'), fc.constant('query A { __typename } query B { __typename }'), fc.jsonValue());
  const envelope = fc.record({ query, variables: fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('first', '__proto__', 'x'), fc.jsonValue())), operationName: fc.oneof(fc.constantFrom('Q', 'A', '', null), fc.jsonValue()), extensions: fc.jsonValue() }, { requiredKeys: [] });
  const body = fc.oneof({ weight: 5, arbitrary: envelope.map((value) => JSON.stringify(value)) }, { weight: 1, arbitrary: fc.json() }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) });
  const token = fc.constantFrom(null, world.admin.token);
  await fc.assert(fc.asyncProperty(body, token, async (text, who) => {
    expect([text, complaint(await send(world.server, text, who))]).toEqual([text, null]);
  }), PARAMETERS);
}, PATIENCE_MS);
