import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getNamedType, isLeafType, isNonNullType, type GraphQLObjectType } from 'graphql';
import { RULES } from '../../src/authorization.js';
import { sql } from '../../src/database/database.js';
import { fieldNamesOf, type Rule } from '../../src/graphql/authorization.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { toSignalId } from '../../src/recommendations/tasteSignals.js';
import { literalOf, soundInput } from '../elsewhere/fuzz/places.js';
import { startFuzzWorld, type FuzzWorld } from '../elsewhere/fuzz/world.js';
import { seedReader, type Reader } from '../support/seed.js';
import type { Answer } from '../support/testServer.js';

// What mutations answer to tokens that may not read: what anyone is told.
let world: FuzzWorld;
let other: Reader;
/** An admin's, that may do everything but read. */
let unread: string;
let inputs: Readonly<Record<string, Record<string, unknown>>>;

beforeAll(async () => {
  world = await startFuzzWorld();
  const { server, admin, papers } = world;
  other = await seedReader(server);
  unread = await apiToken(admin, ['VOTE', 'WRITE', 'ADMIN']);
  const { authors } = await server.query('{ authors(first: 20) { nodes { id viewerClaim { id } } } }', { token: admin.token });
  const [mine, free] = authors.nodes.filter(({ viewerClaim }: any) => viewerClaim === null).map(({ id }: any) => id);
  const claim = async (authorId: string, { token }: Reader): Promise<string> =>
    (await server.query('mutation ($authorId: ID!) { claimAuthorship(input: { authorId: $authorId, note: "It is me." }) { claim { id } } }', { token, variables: { authorId } })).claimAuthorship.claim.id;
  const signal = toSignalId({ kind: 'UPVOTE', objectId: papers[0]!.rowId });
  const [notification] = await server.database.rows<{ id: number }>(sql`SELECT min(id) AS id FROM notifications WHERE user_id = ${admin.rowId}`);
  await letConfirm();
  await server.query(`mutation { confirmDigest(input: { token: "${OF_THE_MAIL}" }) { __typename } }`);
  inputs = {
    claimAuthorship: { authorId: mine }, withdrawClaim: { claimId: await claim(mine, admin) }, resolveClaim: { claimId: await claim(free, other) },
    report: { paperId: papers[1]!.id }, removeTasteSignal: { signalId: signal }, restoreTasteSignal: { signalId: signal }, subscribeToDigest: { email: `${admin.username}@mail.example` }, markNotificationsRead: { upTo: toGlobalId('Notification', notification!.id) },
  };
}, 60_000);
afterAll(() => world.server.stop());

const OF_THE_MAIL = 'of the mail';

/** Has the token confirm the admin's digest, as though it had come by mail. */
async function letConfirm(): Promise<void> {
  const { server, admin } = world;
  await server.database.rows(sql`UPDATE digest_subscriptions SET confirm_hash = sha256(convert_to(${OF_THE_MAIL}, 'UTF8')), confirm_expires_at = now() + interval '1 hour' WHERE user_id = ${admin.rowId}`);
}

async function apiToken({ token }: Pick<Reader, 'token'>, scopes: readonly string[]): Promise<string> {
  const document = 'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { token } }';
  return (await world.server.query(document, { token, variables: { input: { name: `for ${scopes.join(', ')}`, scopes } } })).createApiToken.token;
}

interface Place {
  /** As `ResumeTastePayload.tasteProfile`. */
  readonly name: string;
  readonly mutation: string;
  readonly field: string;
}

/** A mutation with sound arguments, of whose answer the field is asked. */
function documentOf({ mutation, field }: Place): string {
  const { args, type } = world.schema.getMutationType()!.getFields()[mutation]!;
  const given = args.filter(({ type: wanted, defaultValue }) => isNonNullType(wanted) && defaultValue === undefined).map((argument) => {
    const sound = soundInput(world, { name: argument.name, type: argument.type, parent: `Mutation.${mutation}` });
    return `${argument.name}: ${literalOf({ ...(sound as object), ...inputs[mutation] })}`;
  });
  const isLeaf = isLeafType(getNamedType((getNamedType(type) as GraphQLObjectType).getFields()[field]!.type));
  return `mutation { ${mutation}${given.length === 0 ? '' : `(${given.join(', ')})`} { ${field}${isLeaf ? '' : ' { __typename }'} } }`;
}

/** The fields of payloads that have such a rule, each by a mutation that answers it. */
function placesOf(isOf: (rule: Rule) => boolean): Place[] {
  return RULES.filter(isOf).flatMap(fieldNamesOf).flatMap((name) => {
    const [type = '', field = ''] = name.split('.');
    return type.endsWith('Payload') ? [{ name, field, mutation: `${type[0]!.toLowerCase()}${type.slice(1, -'Payload'.length)}` }] : [];
  });
}

const send = (document: string, token: string): Promise<Answer<any>> => world.server.send(document, { token });
const answersOf = ({ data, errors }: Answer<any>): unknown => ({ data: data ?? null, errors: errors.map(({ message, path }) => ({ message, path })) });
const refused = ({ mutation, field }: Pick<Place, 'mutation' | 'field'>, has: string): unknown =>
  ({ data: null, errors: [{ message: `this needs a token with the scope READ, this one has ${has}`, path: [mutation, field] }] });

describe('of what is a reader’s own or curators’', () => {
  // For want of a provider and of a source; the token of a mail is below.
  const elsewhere = ['linkExternalIdentity', 'runIngest', 'confirmDigest'];
  const isLast = ({ mutation }: Place): number => Number(mutation === 'unsubscribeFromDigest');
  const places = placesOf(({ exceptWhere }) => exceptWhere === undefined).filter(({ mutation }) => !elsewhere.includes(mutation)).sort((a, b) => isLast(a) - isLast(b));

  test('there is much', () => {
    expect(places.length).toBeGreaterThan(18);
  });

  test.each(places.map((place) => [place.name, place] as const))('%s', async (_, place) => {
    const document = documentOf(place);
    // As often as it takes to be compiled, and by who may in between, so that it is not for want of an answer.
    for (let n = 0; n < 3; n += 1) {
      expect(answersOf(await send(document, unread))).toEqual(refused(place, 'VOTE, WRITE, ADMIN'));
      expect((await send(document, world.admin.token)).errors).toEqual([]);
    }
    // Nothing of it is asked, and it is done.
    expect((await send(document.replace(/\{ \w+( \{ __typename \})? \} \}$/, '{ __typename } }'), unread)).errors).toEqual([]);
  });

  test('the confirmation of a digest tells its reader alone, who may read', async () => {
    const { server, admin } = world;
    await send('mutation { subscribeToDigest(input: { email: "back@mail.example", timeZone: "UTC" }) { __typename } }', unread);
    await letConfirm();
    const confirm = (fields: string): string => `mutation { confirmDigest(input: { token: "${OF_THE_MAIL}" }) { ${fields} } }`;
    expect(answersOf(await send(confirm('subscription { email }'), unread))).toEqual({ ...(refused({ mutation: 'confirmDigest', field: 'subscription' }, 'VOTE, WRITE, ADMIN') as object), data: { confirmDigest: { subscription: null } } });
    expect(await server.query(confirm('confirmedAt'), { token: unread })).toEqual({ confirmDigest: { confirmedAt: expect.any(String) } });
    expect(await server.query(confirm('subscription { email }'))).toEqual({ confirmDigest: { subscription: null } });
    expect(await server.query(confirm('subscription { email }'), { token: other.token })).toEqual({ confirmDigest: { subscription: null } });
    expect(await server.query(confirm('subscription { email state }'), { token: admin.token })).toEqual({ confirmDigest: { subscription: { email: 'back@mail.example', state: 'ACTIVE' } } });
  });

  test('a token with WRITE alone cannot tell what its reader likes, nor their address', async () => {
    const { server, admin } = world;
    const token = await apiToken(admin, ['WRITE']);
    const signals = '{ tasteProfile { signals(first: 100) { nodes { kind isUsed weight paper { title } tag { name } author { name } } } topTags { nodes { name } } } }';
    for (const mutation of ['pauseTaste', 'resumeTaste']) {
      expect(answersOf(await send(`mutation { ${mutation} ${signals} }`, token))).toEqual(refused({ mutation, field: 'tasteProfile' }, 'WRITE'));
      // It is done all the same.
      expect((await server.query('{ tasteProfile { isPaused } }', { token: admin.token })).tasteProfile.isPaused).toBe(mutation === 'pauseTaste');
    }
    const { nodes } = (await server.query(`mutation { resumeTaste ${signals} }`, { token: admin.token })).resumeTaste.tasteProfile.signals;
    expect(nodes.filter(({ isUsed, weight }: any) => isUsed && weight === 1).length).toBeGreaterThan(1);
    expect(answersOf(await send('mutation { updateDigest(input: {}) { subscription { email timeZone state } } }', token))).toEqual(refused({ mutation: 'updateDigest', field: 'subscription' }, 'WRITE'));
  });
});

describe('of a collection', () => {
  const places = placesOf(({ exceptWhere }) => exceptWhere?.['isPublic'] === true);
  const FIELDS = 'name description paperCount papers { edges { note } }';
  const make = async (isPublic: boolean, token = world.admin.token): Promise<string> =>
    (await world.server.query('mutation ($input: CreateCollectionInput!) { createCollection(input: $input) { collection { id } } }', { token, variables: { input: { name: `Made ${(collections += 1)}`, isPublic } } })).createCollection.collection.id;
  let collections = 0;

  test.each(places.map((place) => [place.name, place] as const))('%s', async (_, place) => {
    const { server, admin, papers } = world;
    for (const isPublic of [true, false]) {
      const collectionId = await make(isPublic);
      for (const { id } of papers.slice(0, 2)) {
        await server.query('mutation ($input: AddToCollectionInput!) { addToCollection(input: $input) { __typename } }', { token: admin.token, variables: { input: { collectionId, paperId: id, note: 'Mine.' } } });
      }
      inputs = { ...inputs, [place.mutation]: { collectionId, ...(place.mutation === 'updateCollection' && { name: `Named ${collectionId}`, isPublic }) } };
      const document = documentOf(place).replace('{ __typename }', `{ ${FIELDS} }`);
      const answer = await send(document, unread);
      if (!isPublic) expect(answersOf(answer)).toEqual(refused(place, 'VOTE, WRITE, ADMIN'));
      const told = await send(document, admin.token);
      expect(told.data[place.mutation].collection.papers.edges).toContainEqual({ note: 'Mine.' });
      if (isPublic) expect([answer.errors, answer.data]).toEqual([[], told.data]);
    }
  });

  test('there are four', () => {
    expect(places).toHaveLength(4);
  });

  test('a new one is what was just said, and its id can be used; its papers are told to who may read', async () => {
    const { server, papers } = world;
    const create = (fields: string): string => `mutation { createCollection(input: { name: "Quiet", isPublic: false }, idempotencyKey: "quiet") { collection { id name ${fields} } } }`;
    const { collection } = (await server.query(create('paperCount'), { token: unread })).createCollection;
    expect(collection).toEqual({ id: expect.any(String), name: 'Quiet', paperCount: 0 });
    await server.query(`mutation { addToCollection(input: { collectionId: "${collection.id}", paperId: "${papers[0]!.id}", note: "Mine." }) { paper { title } } }`, { token: unread });
    const again = await send(create('papers { edges { note } }'), unread);
    expect(answersOf(again)).toMatchObject({ data: null, errors: [{ message: expect.stringContaining('with the scope READ'), path: ['createCollection', 'collection', 'papers'] }] });
    expect((await server.query(create('papers { edges { note } }'), { token: world.admin.token })).createCollection.collection.papers.edges).toEqual([{ note: 'Mine.' }]);
  });
});

describe('of a paper', () => {
  const places = placesOf(({ exceptWhere }) => exceptWhere?.['isHidden'] === false);
  const setHidden = (isHidden: boolean): Promise<unknown> => world.server.database.rows(sql`UPDATE papers SET hidden_at = CASE WHEN ${isHidden}::boolean THEN now() END WHERE id = ${world.papers[0]!.rowId}`);

  test('there are many', () => {
    expect(places.length).toBeGreaterThan(18);
  });

  // Those that find a hidden paper; others are refused with NOT_FOUND, or CONFLICT.
  const editors = ['updatePaper', 'linkRepo', 'unlinkRepo', 'tagPaper', 'untagPaper', 'clearFlaggedVotes', 'hidePaper'];
  test.each(places.filter(({ mutation }) => editors.includes(mutation)).map((place) => [place.name, place] as const))('%s', async (_, place) => {
    const { admin, papers, ids } = world;
    inputs = { ...inputs, [place.mutation]: { paperId: papers[0]!.id, ...(place.mutation === 'unlinkRepo' && { repoId: ids.Repo }) } };
    const document = documentOf(place).replace('{ __typename }', '{ title isHidden }');
    await setHidden(true);
    for (let n = 0; n < 3; n += 1) {
      expect(answersOf(await send(document, unread))).toEqual(refused(place, 'VOTE, WRITE, ADMIN'));
      expect(answersOf(await send(document, admin.token))).toMatchObject({ data: { [place.mutation]: { paper: { isHidden: true } } }, errors: [] });
    }
    await setHidden(false);
    if (place.mutation !== 'hidePaper') expect(answersOf(await send(document, unread))).toMatchObject({ data: { [place.mutation]: { paper: { isHidden: false } } }, errors: [] });
    await setHidden(false);
  });
});
