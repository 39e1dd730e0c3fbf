import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const ENTRY = 'viewerLibraryEntry { state note addedAt changedAt readAt }';
const SET = `mutation ($paperId: ID!, $state: ReadingState!) { setReadingState(input: { paperId: $paperId, state: $state }) { paper { ${ENTRY} } } }`;
const NOTE = `mutation ($paperId: ID!, $note: String) { setPaperNote(input: { paperId: $paperId, note: $note }) { paper { ${ENTRY} } } }`;
const REMOVE = `mutation ($paperId: ID!) { removeFromLibrary(input: { paperId: $paperId }) { paper { ${ENTRY} } } }`;
const LIBRARY = `query ($state: ReadingState, $orderBy: LibraryOrder, $first: Int, $after: String, $last: Int, $before: String) {
  library(state: $state, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor entry { state note readAt } } nodes { title ${ENTRY} }
  }
}`;
// An order that is left out in variables is no order: the default is the argument's own.
const ADDED = { orderBy: 'LATEST_ADDED' };

let server: TestServer;
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  papers = await seedPapers(server, Array.from({ length: 7 }, (_, n) => ({ title: `P${n}`, listedOn: '2026-01-01' })));
});
afterAll(() => server.stop());

const read = async ({ token }: Reader, variables: Record<string, unknown> = {}): Promise<any> => (await server.query(LIBRARY, { token, variables: { ...ADDED, ...variables } })).library;
const titles = ({ nodes }: any): string => nodes.map((node: any) => node.title).join(' ');

describe('a library', () => {
  test('says how far its reader is, and when each paper was read', async () => {
    const { token } = await seedReader(server);
    const set = async (state: string): Promise<any> => (await server.query(SET, { token, variables: { paperId: papers[0]!.id, state } })).setReadingState.paper.viewerLibraryEntry;
    const saved = await set('UNREAD');
    expect(saved).toEqual({ state: 'UNREAD', note: null, addedAt: expect.any(String), changedAt: saved.addedAt, readAt: null });
    expect(await set('UNREAD')).toEqual(saved);
    expect(await set('READING')).toMatchObject({ state: 'READING', addedAt: saved.addedAt, readAt: null });
    const done = await set('READ');
    expect(done).toMatchObject({ state: 'READ', addedAt: saved.addedAt, readAt: done.changedAt });
    expect(await set('READ')).toEqual(done);
    expect(await set('READING')).toMatchObject({ state: 'READING', readAt: null });
    for (let turn = 1; turn <= 2; turn += 1) expect((await server.query(REMOVE, { token, variables: { paperId: papers[0]!.id } })).removeFromLibrary.paper.viewerLibraryEntry).toBeNull();
  });

  test('takes notes, which save a paper for later, stay over states and go with the paper', async () => {
    const { token } = await seedReader(server);
    const variables = { paperId: papers[1]!.id };
    const note = async (text: string | null): Promise<any> => (await server.query(NOTE, { token, variables: { ...variables, note: text } })).setPaperNote.paper.viewerLibraryEntry;
    expect(await note(null)).toBeNull();
    const noted = await note(' *Good* on page 3 ');
    expect(noted).toMatchObject({ state: 'UNREAD', note: '*Good* on page 3', readAt: null });
    expect(await note('*Good* on page 3')).toEqual(noted);
    expect((await server.query(SET, { token, variables: { ...variables, state: 'READ' } })).setReadingState.paper.viewerLibraryEntry).toMatchObject({ state: 'READ', note: '*Good* on page 3' });
    for (let turn = 1; turn <= 2; turn += 1) expect(await note(null)).toMatchObject({ state: 'READ', note: null });
    await note('x'.repeat(10_000));
    for (const bad of ['', ' ', 'x'.repeat(10_001)]) expect((await server.error(NOTE, { token, variables: { ...variables, note: bad } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'note' });
    await server.query(REMOVE, { token, variables });
    expect((await server.query(SET, { token, variables: { ...variables, state: 'UNREAD' } })).setReadingState.paper.viewerLibraryEntry).toMatchObject({ note: null });
  });

  test('is listed by state and in either order, in pages from either end', async () => {
    const reader = await seedReader(server);
    const states = ['UNREAD', 'READING', 'READ'] as const;
    for (const [n, { rowId }] of papers.entries()) {
      await server.services.libraryEntries.setState(reader.rowId, rowId, states[n % 3]!);
      const day = (of: number): Date => new Date(Date.UTC(2026, 1, 1 + of));
      await server.database.prisma.libraryEntry.update({ where: { userId_paperId: { userId: reader.rowId, paperId: rowId } }, data: { addedAt: day(n % 4), changedAt: day(9 - n) } });
    }
    const expected = ['P3', 'P6', 'P2', 'P5', 'P1', 'P4', 'P0'];
    expect(await read(reader)).toMatchObject({ totalCount: 7, nodes: expected.map((title) => ({ title })) });
    expect(titles(await read(reader, { orderBy: 'LATEST_CHANGED' }))).toBe('P0 P1 P2 P3 P4 P5 P6');
    const unread = await read(reader, { state: 'UNREAD' });
    expect([titles(unread), unread.totalCount]).toEqual(['P3 P6 P0', 3]);
    expect(titles(await read(reader, { state: 'READ', orderBy: 'LATEST_CHANGED' }))).toBe('P2 P5');
    for (const { edges, nodes } of [unread]) expect(edges[0].entry).toMatchObject({ state: nodes[0].viewerLibraryEntry.state, note: null, readAt: null });
    const forward: string[] = [];
    for (let page = await read(reader, { first: 3 }); ; page = await read(reader, { first: 3, after: page.pageInfo.endCursor })) {
      forward.push(titles(page));
      if (!page.pageInfo.hasNextPage) break;
    }
    const last = await read(reader, { last: 3 });
    expect([forward.join(' '), titles(last), titles(await read(reader, { last: 2, before: last.pageInfo.startCursor }))]).toEqual([expected.join(' '), 'P1 P4 P0', 'P2 P5']);
    expect((await server.error(LIBRARY, { token: reader.token, variables: { ...ADDED, after: unread.edges[0].cursor, orderBy: 'LATEST_CHANGED' } })).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'after' });
  });

  test('takes whichever came last of many at once', async () => {
    const reader = await seedReader(server);
    const variables = { paperId: papers[2]!.id };
    await Promise.all(['UNREAD', 'READ', 'READING', 'READ', 'UNREAD'].flatMap((state) => [
      server.query(SET, { token: reader.token, variables: { ...variables, state } }),
      server.query(NOTE, { token: reader.token, variables: { ...variables, note: `While ${state}` } }),
    ]));
    const { totalCount, edges } = await read(reader);
    expect(totalCount).toBe(1);
    expect(edges[0].entry.note).toMatch(/^While /);
    expect(edges[0].entry.readAt === null).toBe(edges[0].entry.state !== 'READ');
  });

  test('costs one statement a page of cards, beside those that know the viewer and read the papers', async () => {
    const { token } = await seedReader(server);
    for (const first of [1, 7]) {
      const { statements } = await server.countStatements(() => server.query(`{ library(first: 1) { nodes { id } } papers(first: ${first}) { nodes { ${ENTRY} } } }`, { token }));
      expect(statements).toHaveLength(4);
    }
  });

  test.each([['setReadingState', SET], ['setPaperNote', NOTE], ['removeFromLibrary', REMOVE]])('%s needs a viewer and a paper', async (_, document) => {
    const { token, id } = await seedReader(server);
    const variables = { state: 'READ', note: 'A note' };
    const errorOf = async (paperId: string, as: string | null): Promise<any> => (await server.error(document, { token: as, variables: { ...variables, paperId } })).extensions;
    expect(await errorOf(papers[0]!.id, null)).toEqual({ code: 'UNAUTHENTICATED' });
    expect(await errorOf(Buffer.from('Paper:999999').toString('base64url'), token)).toEqual({ code: 'NOT_FOUND', field: 'paperId' });
    expect(await errorOf(id, token)).toEqual({ code: 'BAD_USER_INPUT', field: 'paperId' });
  });
});

describe('what a reader keeps', () => {
  const DOORS = `query ($id: ID!) {
    node(id: $id) { ... on Paper { ${ENTRY} } } nodes(ids: [$id]) { ... on Paper { ${ENTRY} } } paper(id: $id) { ${ENTRY} }
    papers(first: 50) { nodes { ${ENTRY} upvotes { nodes { upvotedPapers { nodes { ${ENTRY} } } } } } }
  }`;

  test('is nobody else’s to see, by any door', async () => {
    const hermit = await seedReader(server);
    const { id, rowId } = papers[4]!;
    await server.services.upvotes.add(hermit.rowId, rowId);
    await server.query(NOTE, { token: hermit.token, variables: { paperId: id, note: 'Secret note' } });
    for (const stranger of [null, await seedReader(server), await seedReader(server, 'CURATOR'), await seedReader(server, 'ADMIN')]) {
      const seen = await server.query(DOORS, { token: stranger?.token ?? null, variables: { id } });
      expect(seen).toMatchObject({ node: { viewerLibraryEntry: null }, nodes: [{ viewerLibraryEntry: null }], paper: { viewerLibraryEntry: null } });
      expect(JSON.stringify(seen)).not.toMatch(/Secret|UNREAD/);
      if (stranger === null) expect((await server.error(LIBRARY, { variables: ADDED })).extensions).toEqual({ code: 'UNAUTHENTICATED' });
      else expect(await read(stranger)).toMatchObject({ totalCount: 0, nodes: [] });
    }
    expect(await server.query(DOORS, { token: hermit.token, variables: { id } })).toMatchObject({ node: { viewerLibraryEntry: { note: 'Secret note' } }, paper: { viewerLibraryEntry: { note: 'Secret note' } } });
  });

  test('goes with the account, and with the paper', async () => {
    const leaving = await seedReader(server);
    const staying = await seedReader(server);
    const [gone] = await seedPapers(server, [{ title: 'Gone soon', listedOn: '2026-02-01' }]);
    for (const { rowId } of [leaving, staying]) await server.services.libraryEntries.setNote(rowId, gone!.rowId, 'Mine');
    await server.database.prisma.user.delete({ where: { id: leaving.rowId } });
    expect(await server.database.prisma.libraryEntry.count({ where: { userId: leaving.rowId } })).toBe(0);
    expect((await read(staying)).totalCount).toBe(1);
    await server.database.prisma.paper.delete({ where: { id: gone!.rowId } });
    expect((await read(staying)).totalCount).toBe(0);
  });
});
