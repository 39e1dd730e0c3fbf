import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { parseTags, parseVotes, type VoteLayout } from '../../src/evaluation/voteFiles.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { distinctTags } from '../../src/ingest/files/tagNames.js';
import { checksumOf } from '../../src/recommender/checksum.js';
import { recommend } from '../../src/recommender/recommend.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { run } from '../support/process.js';
import { seedReader, type Reader } from '../support/seed.js';
import { RECOMMENDATIONS } from '../support/tasteServer.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

const FOLDER = '../shared/data/citeulike-a';
const LISTED_SECONDS = Date.parse('2013-01-01T00:00:00Z') / 1000;
const MINUTES = 60_000;

// The embedded database takes two and a half minutes for the set.
const isRun = isOnServer && existsSync(join(FOLDER, 'users.dat'));
if (!isRun) console.log(isOnServer ? 'skipped: no data' : 'skipped: not on PostgreSQL');

/** The set as its files have it, with ids from 0. */
interface Files {
  /** By reader, from 0. */
  readonly libraries: readonly (readonly number[])[];
  readonly tagged: readonly { readonly paper: number; readonly tag: number }[];
  readonly tagNames: readonly string[];
}

/** Rows by the ids of the files. */
interface Rows {
  readonly papers: ReadonlyMap<number, number>;
  readonly tags: ReadonlyMap<number, number>;
  readonly readers: ReadonlyMap<number, number>;
}

(isRun ? describe : describe.skip)('the CiteULike set, imported by one command and served', () => {
  let opened: TestDatabase;
  let server: TestServer;
  let dataFolder: string;
  let output: string;
  let files: Files;
  let rows: Rows;
  let matrix: TasteMatrix;

  beforeAll(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'daily-papers-citeulike-'));
    opened = await createTestDatabase();
    const child = run(['dist/cli/import.js', 'citeulike', FOLDER], { DATABASE_URL: opened.url!, DATA_DIR: dataFolder, DEMO: 'false' });
    expect(await child.ended()).toBe(0);
    output = child.output();
    server = await startTestServer({}, opened);
    files = await readFiles();
    rows = await readRows(opened, files);
    matrix = matrixOf(files, rows);
    // Loads what was imported.
    await server.services.recommendations.state();
  }, 10 * MINUTES);
  afterAll(async () => {
    await server.stop();
    await rm(dataFolder, { recursive: true, force: true });
  });

  /** The simulated reader of a library, signed in. */
  async function readerOf(index: number): Promise<Reader> {
    const [rowId, username] = [rows.readers.get(index)!, `citeulike-${index}`];
    const { token } = await server.services.sessions.open({ id: rowId, username, role: 'READER' });
    return { rowId, username, id: toGlobalId('User', rowId), token };
  }
  const recommended = async ({ token }: Reader, first: number): Promise<any> => (await server.query(RECOMMENDATIONS, { token, variables: { first } })).recommendations;
  const paperId = (id: number): string => toGlobalId('Paper', rows.papers.get(id)!);

  test('is there in full', async () => {
    expect(output).toMatch(/^added 268357, changed 0, unchanged 0, rejected 0 in \d+\.\d s/m);
    const [counts] = await opened.database.rows(sql`
      SELECT (SELECT count(*) FROM users WHERE is_simulated)::int4 AS readers, (SELECT count(*) FROM papers)::int4 AS papers, (SELECT count(*) FROM upvotes)::int4 AS votes,
        (SELECT count(*) FROM tags)::int4 AS tags, (SELECT sum(upvote_count) FROM papers)::int4 AS "countedVotes", (SELECT sum(tag_count) FROM papers)::int4 AS "countedTags"`);
    const pairs = new Set(files.tagged.map(({ paper, tag }) => `${paper} ${tag}`)).size;
    expect(counts).toEqual({ readers: 5551, papers: 16_980, votes: 204_986, tags: 46_391, countedVotes: 204_986, countedTags: pairs });
  });

  test('is to the recommender what the files say', async () => {
    const { token } = await seedReader(server, 'ADMIN');
    const { recommenderState } = await server.query('{ recommenderState { checksum paperCount readerCount upvoteCount } }', { token });
    expect(recommenderState).toEqual({ checksum: checksumOf(matrix), paperCount: 16_980, readerCount: 5551, upvoteCount: 204_986 });
  });

  test.each([0, 2700, 5550])('reader %i is recommended what the engine computes from the files, in its order and for its reasons', async (index) => {
    const reader = await readerOf(index);
    const { edges, totalCount } = await recommended(reader, 100);
    const direct = recommend(matrix, { readerId: reader.rowId, limit: 100 });
    expect(edges.map(({ node, score }: any) => [node.id, score])).toEqual(direct.items.map((item) => [toGlobalId('Paper', item.paperId), item.score]));
    for (const { score, reasons } of edges) {
      const contributions: number[] = reasons.map(({ contribution }: any) => contribution);
      const largest = Math.max(...contributions.map(Math.abs));
      expect(contributions.length).toBeGreaterThan(0);
      expect(Math.abs(contributions.reduce((sum, one) => sum + one, 0) - score)).toBeLessThanOrEqual(1e-9 * largest);
    }
    const library = new Set(files.libraries[index]!.map(paperId));
    expect(edges.filter(({ node }: any) => library.has(node.id) || node.viewerHasUpvoted)).toEqual([]);
    expect(totalCount).toBe(16_980 - library.size);
  });

  test('papers that readers took back are found again, where those that most readers have are not', async () => {
    const indices = files.libraries.flatMap((library, index) => (library.length >= 50 ? [index] : [])).slice(0, 6);
    const recalls = await Promise.all(indices.map(async (index) => {
      const reader = await readerOf(index);
      const takenBack = files.libraries[index]!.filter((_, place) => place % 5 === 0).map(paperId);
      const mutations = takenBack.map((id, place) => `m${place}: removeUpvote(input: { paperId: "${id}" }) { paper { id } }`);
      await server.query(`mutation { ${mutations.join(' ')} }`, { token: reader.token });
      const kept = new Set(files.libraries[index]!.map(paperId).filter((id) => !takenBack.includes(id)));
      const { nodes: popular } = (await server.query(`{ papers(first: 100, orderBy: TOP) { nodes { id } } }`)).papers;
      const ids: string[] = (await recommended(reader, 20)).nodes.map(({ id }: any) => id);
      const popularIds: string[] = popular.map(({ id }: any) => id).filter((id: string) => !kept.has(id)).slice(0, 20);
      const recall = (list: readonly string[]): number => list.filter((id) => takenBack.includes(id)).length / takenBack.length;
      return { engine: recall(ids), popularity: recall(popularIds) };
    }));
    const mean = (of: 'engine' | 'popularity'): number => recalls.reduce((sum, recall) => sum + recall[of], 0) / recalls.length;
    expect(mean('engine')).toBeGreaterThan(0.3);
    expect(mean('engine')).toBeGreaterThan(5 * mean('popularity'));
  });
});

async function readFiles(): Promise<Files> {
  const read = (name: string): Promise<string> => readFile(join(FOLDER, name), 'utf8');
  const layout: VoteLayout = 'libraries';
  const libraries: number[][] = [];
  for (const { reader, paper } of parseVotes(await read('users.dat'), layout)) (libraries[Number(reader)] ??= []).push(Number(paper));
  const tagged = parseTags(await read('item-tag.dat'), layout).map(({ paper, tag }) => ({ paper: Number(paper), tag: Number(tag) }));
  return { libraries, tagged, tagNames: (await read('tags.dat')).trimEnd().split('\n') };
}

async function readRows({ database }: TestDatabase, { tagNames }: Files): Promise<Rows> {
  const papers = await database.rows<{ name: string; id: number }>(sql`SELECT external_id AS name, paper_id AS id FROM paper_origins WHERE source = 'citeulike'`);
  const readers = await database.rows<{ name: string; id: number }>(sql`SELECT substr(username, length('citeulike-') + 1) AS name, id FROM users WHERE is_simulated`);
  const tags = new Map((await database.rows<{ slug: string; id: number }>(sql`SELECT slug, id FROM tags`)).map(({ slug, id }) => [slug, id]));
  const byNumber = (of: readonly { name: string; id: number }[]): Map<number, number> => new Map(of.map(({ name, id }) => [Number(name), id]));
  return {
    papers: byNumber(papers),
    readers: byNumber(readers),
    tags: new Map(distinctTags(tagNames).map(({ slug = '' }, index) => [index, tags.get(slug)!])),
  };
}

/** What the files say, under the rows' ids. */
function matrixOf({ libraries, tagged }: Files, { papers, tags, readers }: Rows): TasteMatrix {
  const filled = new TasteMatrix();
  filled.beginLoading();
  for (const paper of papers.values()) filled.setPaper(paper, LISTED_SECONDS);
  for (const { paper, tag } of tagged) filled.setTag(papers.get(paper)!, tags.get(tag)!, 1);
  for (const [index, library] of libraries.entries()) for (const paper of library) filled.setUpvote(readers.get(index)!, papers.get(paper)!, true);
  filled.endLoading();
  return filled;
}
