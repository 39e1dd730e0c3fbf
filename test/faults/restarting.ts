import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import { openPostgres } from '../../src/database/postgres.js';
import { WRONG, expectReplayable } from '../support/invariants.js';
import { OwnPostgres } from '../support/ownPostgres.js';
import { run, type RunningProcess } from '../support/process.js';
import { chance, type Chance } from '../support/random.js';
import { LIMITS } from './killing.js';
import { Writer, missingIn, type Failed } from './writer.js';

const WRITERS = 6;
const READERS = 3;
const PAPERS_A_WRITER = 3;
const PAGE = '{ papers(first: 20) { nodes { title upvoteCount authors(first: 3) { nodes { name } } } } }';
/** How many writes are acknowledged before a restart. */
const LEAST_WRITES = 50;
const MORE_WRITES = 100;
/** How long a server may take to answer again, before it counts as one that does not. */
const PATIENCE_MS = 20_000;
/** How often it is asked whether it answers again. */
const ASK_EVERY_MS = 10;

/** What became of requests while PostgreSQL was stopped and started again. */
export interface Report {
  restarts: number;
  acknowledged: number;
  /** From when PostgreSQL takes connections to the first answer with data, for each restart. */
  recoveriesMs: number[];
  /** Answers without data. */
  failed: Failed[];
  lost: string[];
  refused: string[];
  wrong: unknown[];
}

/** Restarts PostgreSQL under load, by a stop and by a crash in turn, with one server that lives through all of it. */
export async function restartRepeatedly(times: number, seed: number): Promise<Report> {
  const random = chance(seed);
  const report: Report = { restarts: 0, acknowledged: 0, recoveriesMs: [], failed: [], lost: [], refused: [], wrong: [] };
  const folder = await mkdtemp(join(tmpdir(), 'daily-papers-restarts-'));
  const postgres = await OwnPostgres.start();
  let server: RunningProcess | null = null;
  try {
    server = run(['dist/main.js'], { PORT: '0', HOST: '127.0.0.1', DEMO: 'false', SUBMISSION_LOOKUP: 'false', DATA_DIR: folder, DATABASE_URL: postgres.url, SHARE_ANSWERS_MS: '0', ...LIMITS });
    const url = (await server.waitFor(/GraphQL +(\S+)/))[1] as string;
    const load = await Load.begin(url, random);
    while (report.restarts < times) {
      await load.during(async () => {
        const enough = load.acknowledged() + LEAST_WRITES + random.below(MORE_WRITES);
        for (const end = Date.now() + PATIENCE_MS; load.acknowledged() < enough && Date.now() < end;) await sleep(2);
        await postgres.stop(report.restarts % 2 === 0 ? 'fast' : 'immediate');
        await sleep(random.below(1_000));
        await postgres.begin();
        report.recoveriesMs.push(await firstAnswer(url));
      });
      report.restarts += 1;
      report.lost.push(...(await load.readBack()));
    }
    load.tell(report);
    // With what the server wrote of errors that it masked.
    if (report.refused.length > 0) report.refused.push(...server.output().split('\n').filter((line) => line.includes('"a request failed"')));
    await inspect(postgres.url, report, load);
    // It would have ended by a rejection that nobody took care of.
    if (server.child.exitCode !== null) report.wrong.push(`the server ended: ${server.output()}`);
  } finally {
    await server?.kill('SIGKILL');
    await postgres.drop();
    await rm(folder, { recursive: true, force: true });
  }
  return report;
}

/** Clients that go on whatever they are answered. */
class Load {
  private readonly failed: Failed[] = [];

  private constructor(
    private readonly url: string,
    readonly writers: readonly Writer[],
    private readonly papers: readonly string[],
  ) {}

  static async begin(url: string, random: Chance): Promise<Load> {
    const writers = await Promise.all(Array.from({ length: WRITERS }, (_, n) => Writer.signUp(url, `writer-${n}`, chance(random.below(2 ** 30)))));
    const papers: string[] = [];
    for (const writer of writers) for (let n = 0; n < PAPERS_A_WRITER; n += 1) papers.push((await writer.submit(url)) as string);
    return new Load(url, writers, papers);
  }

  /** Writes and reads while `work` is under way. */
  async during(work: () => Promise<void>): Promise<void> {
    let isOver = false;
    const write = async (writer: Writer): Promise<void> => {
      while (!isOver) {
        await writer.writeUntilCut(this.url, this.papers, () => isOver);
        await sleep(20);
      }
    };
    const read = async (): Promise<void> => {
      while (!isOver) {
        const failed = await readPage(this.url);
        if (failed !== null) this.failed.push(failed);
        await sleep(failed === null ? 1 : 20);
      }
    };
    const loops = [...this.writers.map(write), ...Array.from({ length: READERS }, read)];
    try {
      await work();
    } finally {
      isOver = true;
      await Promise.all(loops);
    }
  }

  acknowledged(): number {
    return this.writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  async readBack(): Promise<string[]> {
    return (await Promise.all(this.writers.map((writer) => writer.readBack(this.url)))).flat();
  }

  tell(report: Report): void {
    report.failed.push(...this.failed);
    for (const { acknowledged, failed, refused } of this.writers) {
      report.acknowledged += acknowledged;
      report.failed.push(...failed);
      report.refused.push(...refused);
    }
  }
}

/** Null where there is a page. */
async function readPage(url: string): Promise<Failed | null> {
  const start = performance.now();
  try {
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: PAGE }), signal: AbortSignal.timeout(30_000) });
    const text = await answer.text();
    return answer.status === 200 && text.startsWith('{"data":') ? null : { text, status: answer.status, tookMs: performance.now() - start };
  } catch (error) {
    return { text: String(error), status: 0, tookMs: performance.now() - start };
  }
}

async function firstAnswer(url: string): Promise<number> {
  const start = performance.now();
  while ((await readPage(url)) !== null) {
    if (performance.now() - start > PATIENCE_MS) throw new Error(`the server did not answer again within ${PATIENCE_MS} ms`);
    await sleep(ASK_EVERY_MS);
  }
  return performance.now() - start;
}

/** Everything since the beginning, in the tables themselves. */
async function inspect(url: string, report: Report, { writers }: Load): Promise<void> {
  const database = new Database(await openPostgres(url, 2));
  try {
    report.lost.push(...(await missingIn(database, writers)));
    report.wrong.push(...(await database.rows(WRONG)));
    await expectReplayable(database).catch((error: unknown) => report.wrong.push(String(error)));
  } finally {
    await database.close();
  }
}
