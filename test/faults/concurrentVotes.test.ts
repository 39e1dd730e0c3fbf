import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Database, sql } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { tellProof } from '../support/proof.js';
import { WRONG } from '../support/invariants.js';
import { chance, type Chance } from '../support/random.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { createTestDatabase, isOnServer } from '../support/testDatabase.js';
import { startBeside, startTestServer, type TestServer } from '../support/testServer.js';

const READERS = 12;
const PAPERS = 8;
const LEAVERS = 3;
/** What each of two clients does of an account that leaves amid it. */
const STEPS_OF_LEAVER = 40;
/** `npm run races -- --operations 10000` tries more, by chance unless a seed is given, and says what came of it. */
const OPERATIONS = Number(process.env['RACES_OPERATIONS'] ?? 768);
const SEED = Number(process.env['RACES_SEED'] ?? 20261127);
/** One in sixteen is a curator's. */
const DEEDS = Math.ceil(OPERATIONS / 16 / 2);
const STEPS = Math.ceil((OPERATIONS * 15) / 16 / (READERS + 2 * LEAVERS));
/** Leavers come one after another. */
const ROUNDS = Math.ceil(STEPS / STEPS_OF_LEAVER);
const PASSWORD = 'a password of a leaver';

let servers: readonly [TestServer, TestServer];
let papers: SeededPaper[];
let readers: Reader[];
let curators: Reader[];
let admin: Reader;

beforeAll(async () => {
  const made = await createTestDatabase();
  const settings = { comments: { editMinutes: 15, mostInWindow: 1_000_000 } };
  const first = await startTestServer(settings, made);
  // With connections of its own, where there can be more than one.
  const second = made.url === null ? await startBeside(first, settings) : await startTestServer(settings, { database: new Database(await openPostgres(made.url, 5)), drop: () => Promise.resolve() });
  servers = [first, second];
  papers = await seedPapers(first, Array.from({ length: PAPERS }, (_, n) => ({
    title: `Contested ${n}`, listedOn: `2026-01-0${1 + n}`, authors: [`Author ${n % 3}`], tags: [{ slug: n % 2 === 0 ? 'vision' : 'audio', weight: 1 }],
  })));
  readers = await Promise.all(Array.from({ length: READERS }, () => seedReader(first)));
  curators = await Promise.all([1, 2].map(() => seedReader(first, 'CURATOR')));
  admin = await seedReader(first, 'ADMIN');
});
afterAll(async () => {
  for (const server of [...servers].reverse()) await server.stop();
});

/** What was answered, by what was asked: data, or codes of errors. */
const answers = new Map<string, Map<string, number>>();

async function send(name: string, fields: string, { token, random }: { readonly token: string; readonly random: Chance }): Promise<any> {
  const { data, errors } = await random.pick(servers).send(`mutation { ${name}(input: { ${fields} }) { __typename } }`, { token });
  const outcome = errors.length === 0 ? 'data' : errors.map(({ extensions, message }) => (extensions.code === 'INTERNAL_SERVER_ERROR' ? message : extensions.code)).join();
  const outcomes = answers.get(name) ?? new Map<string, number>();
  answers.set(name, outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1));
  return data;
}

async function read({ token }: { readonly token: string }, random: Chance, steps: number): Promise<void> {
  for (let step = 0; step < steps; step += 1) {
    const paper = `paperId: "${random.pick(papers).id}"`;
    const [name, fields] = random.pick([
      ['upvotePaper', paper], ['upvotePaper', paper], ['upvotePaper', paper], ['removeUpvote', paper], ['dismissPaper', paper], ['undoDismissPaper', paper],
      ['addComment', `${paper}, body: "Comment ${random.below(1e9)}"`], ['setReadingState', `${paper}, state: READ`],
    ] as const);
    await send(name, fields, { token, random });
  }
}

async function moderate({ token }: Reader, random: Chance): Promise<void> {
  for (let deed = 0; deed < DEEDS; deed += 1) {
    const [one, other] = random.sample(papers, 2) as [SeededPaper, SeededPaper];
    // So that some are left to vote on.
    const isMerging = random.below(6) === 0 && (answers.get('mergePapers')?.get('data') ?? 0) < PAPERS - 4;
    if (isMerging) await send('mergePapers', `keepId: "${one.id}", duplicateId: "${other.id}"`, { token, random });
    else if (random.below(3) === 0) await send('hidePaper', `paperId: "${one.id}", reason: "to be seen"`, { token, random });
    else await send('restorePaper', `paperId: "${one.id}"`, { token, random });
    await sleep(random.below(40));
  }
}

/** Signs up, votes from two clients, and deletes the account while both still vote. */
async function leave(name: string, random: Chance): Promise<void> {
  const { token } = (await servers[0].query(`mutation { signUp(input: { username: "${name}", password: "${PASSWORD}" }) { token } }`)).signUp;
  const voting = [1, 2].map(() => read({ token }, chance(random.below(2 ** 30)), STEPS_OF_LEAVER));
  await sleep(100 + random.below(200));
  await send('deleteAccount', `password: "${PASSWORD}"`, { token, random });
  await Promise.all(voting);
}

test(`counters are those of rows after votes on two servers amid merges, hiding and deleted accounts, and no answer is an internal error (seed ${SEED})`, async () => {
  const random = chance(SEED);
  const own = (): Chance => chance(random.below(2 ** 30));
  await Promise.all([
    ...readers.map((reader) => read(reader, own(), STEPS)),
    ...curators.map((curator) => moderate(curator, own())),
    ...Array.from({ length: LEAVERS }, async (_, n) => {
      for (let round = 0; round < ROUNDS; round += 1) await leave(`leaver-${n}-${round}`, own());
    }),
  ]);
  // Of papers that are hidden or gone, of accounts that are gone, and of merges that another curator was quicker with.
  const expected = new Set(['data', 'NOT_FOUND', 'UNAUTHENTICATED', 'CONFLICT', 'BAD_USER_INPUT']);
  const told = Object.fromEntries([...answers].map(([name, outcomes]) => [name, Object.fromEntries(outcomes)]));
  expect([...answers].flatMap(([name, outcomes]) => [...outcomes.keys()].filter((outcome) => !expected.has(outcome)).map((outcome) => `${name}: ${outcome}`))).toEqual([]);
  for (const name of ['upvotePaper', 'removeUpvote', 'dismissPaper', 'addComment']) expect({ name, ...told[name] }).toMatchObject({ name, data: expect.any(Number) });
  expect(told).toMatchObject({ mergePapers: { data: expect.any(Number) }, hidePaper: { data: expect.any(Number) }, restorePaper: { data: expect.any(Number) }, deleteAccount: { data: LEAVERS * ROUNDS } });

  const { database } = servers[0];
  const wrong = await database.rows(WRONG);
  const outcomes = [...answers.values()].flatMap((of) => [...of]);
  const count = (isCounted: (outcome: string) => boolean): number => outcomes.reduce((sum, [outcome, times]) => sum + (isCounted(outcome) ? times : 0), 0);
  tellProof(`${isOnServer ? 'PostgreSQL' : 'embedded database'}, seed ${SEED}: ${count(() => true)} concurrent operations on two servers, ${count((outcome) => outcome === 'data')} of them carried out, `
    + `${wrong.length} counters other than their rows`);
  expect(wrong).toEqual([]);
  expect(await database.rows(sql`SELECT username FROM users WHERE username LIKE 'leaver-%'`)).toEqual([]);
  await expectSameEngines();

  // And nothing is left that stands in the way of a vote.
  const left = (await database.rows<{ id: number }>(sql`UPDATE papers SET hidden_at = NULL RETURNING id`)).map(({ id }) => toGlobalId('Paper', id));
  await Promise.all(readers.map(async ({ token }) => {
    for (const id of left) await servers[1].query(`mutation { upvotePaper(input: { paperId: "${id}" }) { __typename } }`, { token });
  }));
  for (const server of servers) {
    const { nodes } = await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Paper { upvoteCount } } }', { variables: { ids: left } });
    expect(nodes).toEqual(left.map(() => ({ upvoteCount: READERS })));
  }
  expect(await database.rows(WRONG)).toEqual([]);
}, 60_000 + OPERATIONS * (isOnServer ? 50 : 100));

/** Both engines, which followed the log, and one that loads the tables afresh say the same. */
async function expectSameEngines(): Promise<void> {
  const STATE = '{ recommenderState { checksum paperCount upvoteCount } }';
  const fresh = await startBeside(servers[0]);
  try {
    const [first, second, third] = await Promise.all([...servers, fresh].map((server) => server.query(STATE, { token: admin.token })));
    expect([second, third]).toEqual([first, first]);
  } finally {
    await fresh.stop();
  }
}
