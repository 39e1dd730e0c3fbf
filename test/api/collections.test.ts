import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FIELDS = 'id name description isPublic paperCount owner { username }';
const CREATE = `mutation ($name: String!, $description: String, $isPublic: Boolean = false) { createCollection(input: { name: $name, description: $description, isPublic: $isPublic }) { collection { ${FIELDS} papers { totalCount } } } }`;
const UPDATE = `mutation ($collectionId: ID!, $name: String, $description: String, $isPublic: Boolean) { updateCollection(input: { collectionId: $collectionId, name: $name, description: $description, isPublic: $isPublic }) { collection { ${FIELDS} updatedAt } } }`;
const DELETE = 'mutation ($collectionId: ID!) { deleteCollection(input: { collectionId: $collectionId }) { deletedCollectionId } }';
const LISTED = 'collection { paperCount papers(first: 100) { totalCount edges { note addedAt } nodes { title } } }';
const ADD = `mutation ($collectionId: ID!, $paperId: ID!, $note: String, $position: Int) { addToCollection(input: { collectionId: $collectionId, paperId: $paperId, note: $note, position: $position }) { ${LISTED} paper { collections { totalCount } } } }`;
const REMOVE = `mutation ($collectionId: ID!, $paperId: ID!) { removeFromCollection(input: { collectionId: $collectionId, paperId: $paperId }) { ${LISTED} } }`;
const MOVE = `mutation ($collectionId: ID!, $paperId: ID!, $position: Int!) { moveInCollection(input: { collectionId: $collectionId, paperId: $paperId, position: $position }) { ${LISTED} } }`;
const PAPERS = 'query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { collection(id: $id) { papers(first: $first, after: $after, last: $last, before: $before) { pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { title } } } }';

let server: TestServer;
let papers: SeededPaper[];
let owner: Reader;
let other: Reader;

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, Array.from({ length: 6 }, (_, n) => ({ title: `P${n}`, listedOn: '2026-01-01' })));
  [owner, other] = [await seedReader(server), await seedReader(server)];
});
afterAll(() => server.stop());

let names = 0;
async function create({ token }: Reader, isPublic = true): Promise<string> {
  names += 1;
  return (await server.query(CREATE, { token, variables: { name: `Shelf ${names}`, isPublic } })).createCollection.collection.id;
}
const rowOf = (id: string): number => Number(Buffer.from(id, 'base64url').toString().split(':')[1]);
const add = (collectionId: string, n: number, rest: Record<string, unknown> = {}): Promise<any> => server.query(ADD, { token: owner.token, variables: { collectionId, paperId: papers[n]!.id, ...rest } });
const move = (collectionId: string, n: number, position: number): Promise<any> => server.query(MOVE, { token: owner.token, variables: { collectionId, paperId: papers[n]!.id, position } });
const titles = (connection: any): string => connection.nodes.map((node: any) => node.title).join(' ');
const order = async (id: string): Promise<string> => titles((await server.query(PAPERS, { token: owner.token, variables: { id, first: 100 } })).collection.papers);

describe('a collection', () => {
  test('is made, changed and deleted by its owner', async () => {
    const { collection } = (await server.query(CREATE, { token: owner.token, variables: { name: ' Reading group ', description: 'For Mondays' } })).createCollection;
    expect(collection).toEqual({ id: expect.any(String), name: 'Reading group', description: 'For Mondays', isPublic: false, paperCount: 0, owner: { username: owner.username }, papers: { totalCount: 0 } });
    const change = async (variables: Record<string, unknown>): Promise<any> => (await server.query(UPDATE, { token: owner.token, variables: { collectionId: collection.id, ...variables } })).updateCollection.collection;
    const changed = await change({ name: 'Tuesdays', isPublic: true });
    expect(changed).toMatchObject({ name: 'Tuesdays', description: 'For Mondays', isPublic: true });
    expect(await change({ name: 'Tuesdays', isPublic: true })).toEqual(changed);
    expect(await change({ description: null })).toMatchObject({ name: 'Tuesdays', description: null, isPublic: true });
    for (let turn = 1; turn <= 2; turn += 1) {
      expect((await server.query(DELETE, { token: owner.token, variables: { collectionId: collection.id } })).deleteCollection).toEqual({ deletedCollectionId: collection.id });
      expect((await server.query(`query ($id: ID!) { node(id: $id) { id } collection(id: $id) { id } }`, { variables: { id: collection.id } }))).toEqual({ node: null, collection: null });
    }
  });

  test('has a name of its own among those of its owner, also for two that come at once', async () => {
    const variables = { name: 'Twice' };
    const answers = await Promise.all([1, 2, 3].map(() => server.send(CREATE, { token: owner.token, variables })));
    expect(answers.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    expect(await server.error(CREATE, { token: owner.token, variables })).toMatchObject({ message: 'the viewer has a collection "Twice" already', extensions: { code: 'CONFLICT', field: 'name' } });
    expect((await server.send(CREATE, { token: other.token, variables })).errors).toEqual([]);
    const collectionId = await create(owner);
    expect((await server.error(UPDATE, { token: owner.token, variables: { collectionId, name: 'Twice' } })).extensions).toEqual({ code: 'CONFLICT', field: 'name' });
  });

  test('has bounds, which name themselves', async () => {
    const { token, rowId } = await seedReader(server);
    for (const [field, value] of [['name', ' '], ['name', 'x'.repeat(101)], ['description', ''], ['description', 'x'.repeat(2001)]] as const) {
      expect((await server.error(CREATE, { token, variables: { name: 'Fine', [field]: value } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field });
    }
    await server.database.rows(sql`INSERT INTO collections (owner_id, name, is_public) SELECT ${rowId}, 'n' || n, false FROM generate_series(1, 199) n`);
    const answers = await Promise.all([1, 2, 3].map((n) => server.send(CREATE, { token, variables: { name: `At once ${n}` } })));
    expect(answers.flatMap(({ errors }) => errors.map(({ message, extensions }) => [message, extensions.code]))).toEqual([1, 2].map(() => ['a reader may have at most 200 collections', 'CONFLICT']));
    const id = await create(owner);
    const { rowId: first } = papers[0]!;
    await server.database.rows(sql`INSERT INTO papers (title) SELECT 'Filler ' || n FROM generate_series(1, 1000) n`);
    await server.database.rows(sql`INSERT INTO collection_papers (collection_id, paper_id, position) SELECT ${rowOf(id)}, id, id FROM papers WHERE id <> ${first} ORDER BY id DESC LIMIT 1000`);
    expect(await server.error(ADD, { token: owner.token, variables: { collectionId: id, paperId: papers[0]!.id } })).toMatchObject({ message: 'a collection may have at most 1000 papers', extensions: { code: 'CONFLICT' } });
  });

  test.each([['update', UPDATE], ['add', ADD], ['remove', REMOVE], ['move', MOVE], ['delete', DELETE]])('is its owner’s alone to %s', async (what, document) => {
    const [shown, hidden] = [await create(owner), await create(owner, false)];
    const variables = { paperId: papers[0]!.id, position: 0, name: `Taken over ${what}` };
    const asked = (collectionId: string, token: string | null): Promise<any> => server.send(document, { token, variables: { ...variables, collectionId } });
    const codesOf = ({ errors }: any): unknown[] => errors.map(({ extensions }: any) => extensions);
    expect(codesOf(await asked(shown, null))).toEqual([{ code: 'UNAUTHENTICATED' }]);
    for (const { token } of [other, await seedReader(server, 'ADMIN')]) {
      expect(codesOf(await asked(shown, token))).toEqual([{ code: 'FORBIDDEN', field: 'collectionId' }]);
      // As for one that is not there.
      const absent = await asked(Buffer.from('Collection:999999').toString('base64url'), token);
      expect(codesOf(await asked(hidden, token))).toEqual(codesOf(absent));
      expect(codesOf(absent)).toEqual(what === 'delete' ? [] : [{ code: 'NOT_FOUND', field: 'collectionId' }]);
    }
    expect(codesOf(await asked(papers[0]!.id, owner.token))).toEqual([{ code: 'BAD_USER_INPUT', field: 'collectionId' }]);
    expect((await server.query('query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Collection { paperCount } } }', { token: owner.token, variables: { ids: [shown, hidden] } })).nodes).toEqual([{ paperCount: 0 }, { paperCount: 0 }]);
  });
});

describe('the order of a collection', () => {
  test('is the one in which papers are put and moved', async () => {
    const id = await create(owner);
    for (const n of [0, 1, 2]) await add(id, n);
    expect(await order(id)).toBe('P0 P1 P2');
    await add(id, 3, { position: 0 });
    await add(id, 4, { position: 2 });
    const added = (await add(id, 5, { position: 99, note: 'At the end' })).addToCollection;
    expect(titles(added.collection.papers)).toBe('P3 P0 P4 P1 P2 P5');
    expect(added.collection).toMatchObject({ paperCount: 6, papers: { totalCount: 6, edges: [...Array.from({ length: 5 }, () => ({ note: null })), { note: 'At the end' }] } });
    // Places are those that readers see.
    await server.database.rows(sql`UPDATE papers SET hidden_at = now() WHERE id = ${papers[3]!.rowId}`);
    expect(titles((await move(id, 0, 99)).moveInCollection.collection.papers)).toBe('P4 P1 P2 P5 P0');
    expect(titles((await move(id, 0, 0)).moveInCollection.collection.papers)).toBe('P0 P4 P1 P2 P5');
    await server.database.rows(sql`UPDATE papers SET hidden_at = NULL WHERE id = ${papers[3]!.rowId}`);
    await move(id, 3, 0);
    for (const [n, position, expected] of [[5, 0, 'P5 P3 P0 P4 P1 P2'], [5, 0, 'P5 P3 P0 P4 P1 P2'], [5, 5, 'P3 P0 P4 P1 P2 P5'], [3, 2, 'P0 P4 P3 P1 P2 P5'], [2, 3, 'P0 P4 P3 P2 P1 P5'], [0, 77, 'P4 P3 P2 P1 P5 P0']] as const) {
      expect(titles((await move(id, n, position)).moveInCollection.collection.papers)).toBe(expected);
    }
    for (let turn = 1; turn <= 2; turn += 1) expect(titles((await server.query(REMOVE, { token: owner.token, variables: { collectionId: id, paperId: papers[2]!.id } })).removeFromCollection.collection.papers)).toBe('P4 P3 P1 P5 P0');
  });

  test('stays where a paper is put in again, which changes its note and place only where they are given', async () => {
    const id = await create(owner);
    await add(id, 0, { note: 'One' });
    await add(id, 1);
    const seen = async (rest: Record<string, unknown>): Promise<unknown> => {
      const { collection } = (await add(id, 0, rest)).addToCollection;
      return [titles(collection.papers), collection.papers.edges.map((edge: any) => edge.note), collection.paperCount];
    };
    expect(await seen({})).toEqual(['P0 P1', ['One', null], 2]);
    expect(await seen({ note: 'Two' })).toEqual(['P0 P1', ['Two', null], 2]);
    for (let turn = 1; turn <= 2; turn += 1) expect(await seen({ position: 1 })).toEqual(['P1 P0', [null, 'Two'], 2]);
    expect(await seen({ note: null })).toEqual(['P1 P0', [null, null], 2]);
    for (const [field, value] of [['note', ''], ['note', 'x'.repeat(1001)], ['position', -1]] as const) {
      expect((await server.error(ADD, { token: owner.token, variables: { collectionId: id, paperId: papers[2]!.id, [field]: value } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field });
    }
    expect(await server.error(MOVE, { token: owner.token, variables: { collectionId: id, paperId: papers[0]!.id, position: -1 } })).toMatchObject({ message: 'position must be 0 or more, received -1' });
    expect(await server.error(MOVE, { token: owner.token, variables: { collectionId: id, paperId: papers[2]!.id, position: 0 } })).toMatchObject({ message: 'the paper is not in the collection', extensions: { code: 'NOT_FOUND', field: 'paperId' } });
    expect((await server.error(ADD, { token: owner.token, variables: { collectionId: id, paperId: Buffer.from('Paper:999999').toString('base64url') } })).extensions).toEqual({ code: 'NOT_FOUND', field: 'paperId' });
  });

  test('a move writes one row, and room is made where there is none left', async () => {
    const id = await create(owner);
    for (const n of [0, 1, 2, 3]) await add(id, n);
    const { statements } = await server.countStatements(() => move(id, 3, 1));
    expect(statements.filter((text) => text.includes('UPDATE collection_papers SET position'))).toHaveLength(1);
    // Each comes between P0 and the one before: the gap halves until it is empty, more than once.
    for (let turn = 0; turn < 120; turn += 1) await server.services.collectionPapers.move(owner.rowId, { collectionId: rowOf(id), paperId: papers[1 + (turn % 3)]!.rowId }, 1);
    expect(await order(id)).toBe('P0 P3 P2 P1');
    const positions = await server.database.rows<{ position: number }>(sql`SELECT position FROM collection_papers WHERE collection_id = ${rowOf(id)}`);
    expect(new Set(positions.map(({ position }) => position)).size).toBe(4);
  });

  test('is one that some order of the moves gives, however many come at once', async () => {
    const id = await create(owner);
    for (const n of [0, 1, 2, 3, 4, 5]) await add(id, n);
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(papers.flatMap((_, n) => [move(id, n, 0), move(id, n, 3), add(id, n, { position: n })]));
      const found = (await order(id)).split(' ');
      expect([...found].sort()).toEqual(['P0', 'P1', 'P2', 'P3', 'P4', 'P5']);
    }
    const [{ count }] = await server.database.rows<{ count: number }>(sql`SELECT count(DISTINCT position)::int4 AS count FROM collection_papers WHERE collection_id = ${rowOf(id)}`) as [{ count: number }];
    expect(count).toBe(6);
    // The last one comes last, and is where it was told to be.
    expect(titles((await move(id, 4, 2)).moveInCollection.collection.papers).split(' ')[2]).toBe('P4');
  });

  test('is paged from either end', async () => {
    const id = await create(owner);
    for (const n of [3, 1, 4, 0, 5]) await add(id, n);
    const read = async (page: Record<string, unknown>): Promise<any> => (await server.query(PAPERS, { variables: { id, ...page } })).collection.papers;
    const first = await read({ first: 2 });
    const next = await read({ first: 3, after: first.pageInfo.endCursor });
    expect([titles(first), titles(next), next.pageInfo.hasNextPage]).toEqual(['P3 P1', 'P4 P0 P5', false]);
    const last = await read({ last: 2 });
    expect([titles(last), titles(await read({ last: 2, before: last.pageInfo.startCursor }))]).toEqual(['P0 P5', 'P1 P4']);
  });
});

describe('what is private', () => {
  const DOORS = `query ($id: ID!, $user: ID!, $paper: ID!) {
    node(id: $id) { ... on Collection { name } } nodes(ids: [$id]) { ... on Collection { name } }
    collection(id: $id) { name papers { nodes { title } } }
    user(id: $user) { collections { totalCount nodes { name } } }
    paper(id: $paper) { collections { totalCount nodes { name owner { username } } } }
    papers(first: 100) { nodes { submittedBy { collections { nodes { name } } } collections { totalCount nodes { name } } } }
  }`;

  test('is shown by no door but to its owner, and shown by all when it is made public', async () => {
    const hermit = await seedReader(server);
    const [paper] = await seedPapers(server, [{ title: 'Kept', listedOn: '2026-02-01', submittedById: hermit.rowId }]);
    const { id } = (await server.query(CREATE, { token: hermit.token, variables: { name: 'Secret shelf' } })).createCollection.collection;
    await server.query(ADD, { token: hermit.token, variables: { collectionId: id, paperId: paper!.id, note: 'Secret note' } });
    const variables = { id, user: hermit.id, paper: paper!.id };
    const strangers = [null, other.token, (await seedReader(server, 'CURATOR')).token, (await seedReader(server, 'ADMIN')).token];
    for (const token of strangers) {
      const seen = await server.query(DOORS, { token, variables });
      expect(seen).toMatchObject({ node: null, nodes: [null], collection: null, user: { collections: { totalCount: 0, nodes: [] } }, paper: { collections: { totalCount: 0, nodes: [] } } });
      expect(JSON.stringify(seen)).not.toContain('Secret');
    }
    const shelf = { name: 'Secret shelf' };
    const own = await server.query(DOORS, { token: hermit.token, variables });
    expect(own).toMatchObject({ node: shelf, nodes: [shelf], collection: { ...shelf, papers: { nodes: [{ title: 'Kept' }] } }, user: { collections: { totalCount: 1, nodes: [shelf] } }, paper: { collections: { totalCount: 1, nodes: [{ ...shelf, owner: { username: hermit.username } }] } } });
    await server.query(UPDATE, { token: hermit.token, variables: { collectionId: id, isPublic: true } });
    for (const token of strangers) expect(await server.query(DOORS, { token, variables })).toEqual(own);
  });

  test('goes with its owner’s account', async () => {
    const leaving = await seedReader(server);
    const id = await create(leaving);
    await server.query(ADD, { token: leaving.token, variables: { collectionId: id, paperId: papers[0]!.id } });
    await server.database.prisma.user.delete({ where: { id: leaving.rowId } });
    expect((await server.query(DOORS, { variables: { id, user: leaving.id, paper: papers[0]!.id } }))).toMatchObject({ node: null, collection: null, user: null });
    expect(await server.database.rows(sql`SELECT 1 AS one FROM collection_papers WHERE collection_id = ${rowOf(id)}`)).toEqual([]);
  });

  test('and a collection keeps its count when a paper goes', async () => {
    const id = await create(owner);
    const [gone] = await seedPapers(server, [{ title: 'Gone soon', listedOn: '2026-02-01' }]);
    await add(id, 0);
    await server.query(ADD, { token: owner.token, variables: { collectionId: id, paperId: gone!.id } });
    await server.database.prisma.paper.delete({ where: { id: gone!.rowId } });
    expect((await server.query('query ($id: ID!) { collection(id: $id) { paperCount papers { totalCount nodes { title } } } }', { variables: { id } })).collection).toEqual({ paperCount: 1, papers: { totalCount: 1, nodes: [{ title: 'P0' }] } });
  });
});
