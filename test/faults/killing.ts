import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PGlite } from '@electric-sql/pglite';
import { Database } from '../../src/database/database.js';
import { embeddedDriver } from '../../src/database/embedded.js';
import { EXTENSIONS } from '../../src/database/pgliteExtensions.js';
import { WRONG, expectReplayable } from '../support/invariants.js';
import { run, type RunningProcess } from '../support/process.js';
import { chance, type Chance } from '../support/random.js';
import { createTestDatabase, isOnServer, type TestDatabase } from '../support/testDatabase.js';
import { Writer, missingIn } from './writer.js';

const WRITERS = 8;
const PAPERS_A_WRITER = 3;
/** How many writes are acknowledged before a kill, and how long it waits for them. */
const LEAST_WRITES = 20;
const MORE_WRITES = 150;
const PATIENCE_MS = 10_000;
/** Writers are as quick as they can, and of one age. */
export const LIMITS = { UPVOTES_PER_MINUTE: '100000', UPVOTES_PER_DAY: '1000000', COMMENTS_PER_TEN_MINUTES: '1000', BURST_VOTES: '0', SIGN_UPS_PER_HOUR: '0' };

/** What became of servers that were killed. */
export interface Report {
  kills: number;
  acknowledged: number;
  /** Writes that were acknowledged, and are not there. */
  lost: string[];
  /** What servers said that did not start again. */
  unopened: string[];
  /** Errors that writers were answered with. */
  refused: string[];
  /** Counters that are not those of their rows, and rows of the log that tell something else than the tables. */
  wrong: unknown[];
}

/** Kills servers amid writes, each time at another moment, and looks at what the next one has. */
export async function killRepeatedly(times: number, seed: number): Promise<Report> {
  const random = chance(seed);
  const report: Report = { kills: 0, acknowledged: 0, lost: [], unopened: [], refused: [], wrong: [] };
  let world = await World.begin(random);
  try {
    while (report.kills < times) {
      await world.killAmidWrites(report);
      // Who starts again may be killed, too, while it repairs what was left.
      if (report.kills % 4 === 3 && report.kills < times) await world.killAmidStart(report);
      if (await world.start(report)) {
        await world.readBack(report);
        continue;
      }
      await world.end(report);
      world = await World.begin(random);
    }
    await world.stop();
    await world.inspect(report);
  } finally {
    await world.end(report);
  }
  return report;
}

/** A database, its readers, and the server of the moment. */
class World {
  private server: RunningProcess | null = null;
  private url = '';
  private writers: Writer[] = [];
  private papers: string[] = [];

  private constructor(
    private readonly random: Chance,
    private readonly folder: string,
    private readonly made: TestDatabase | null,
  ) {}

  static async begin(random: Chance): Promise<World> {
    const world = new World(random, await mkdtemp(join(tmpdir(), 'daily-papers-kills-')), isOnServer ? await createTestDatabase() : null);
    world.url = await world.opened(world.run());
    world.writers = await Promise.all(Array.from({ length: WRITERS }, (_, n) => Writer.signUp(world.url, `writer-${n}`, chance(random.below(2 ** 30)))));
    for (const writer of world.writers) for (let n = 0; n < PAPERS_A_WRITER; n += 1) world.papers.push((await writer.submit(world.url))!);
    return world;
  }

  /** Every fourth one while it closes its database, which it was asked to. */
  async killAmidWrites(report: Report): Promise<void> {
    const writing = this.writers.map((writer) => writer.writeUntilCut(this.url, this.papers));
    // By what was done rather than by time, so that a slow machine kills amid as many writes as a quick one.
    const enough = this.acknowledged() + LEAST_WRITES + this.random.below(MORE_WRITES);
    for (const end = Date.now() + PATIENCE_MS; this.acknowledged() < enough && Date.now() < end;) await sleep(2);
    await sleep(this.random.below(20));
    if (report.kills % 4 === 1) {
      this.server?.child.kill('SIGTERM');
      await sleep(this.random.below(200));
    }
    await this.server?.kill('SIGKILL');
    report.kills += 1;
    await Promise.all(writing);
  }

  async killAmidStart(report: Report): Promise<void> {
    const cut = this.run();
    await sleep(100 + this.random.below(900));
    await cut.kill('SIGKILL');
    report.kills += 1;
  }

  /** Whether the database opens again. */
  async start(report: Report): Promise<boolean> {
    try {
      this.url = await this.opened(this.run());
      return true;
    } catch (error) {
      report.unopened.push(String(error));
      return false;
    }
  }

  async readBack({ lost }: Report): Promise<void> {
    for (const found of await Promise.all(this.writers.map((writer) => writer.readBack(this.url)))) lost.push(...found);
  }

  async stop(): Promise<void> {
    await this.server?.kill('SIGTERM');
  }

  /** Everything since the beginning, in the tables themselves. */
  async inspect(report: Report): Promise<void> {
    await this.between(async (database) => {
      report.lost.push(...(await missingIn(database, this.writers)));
      report.wrong.push(...(await database.rows(WRONG)));
      await expectReplayable(database).catch((error: unknown) => report.wrong.push(String(error)));
    });
  }

  async end(report: Report): Promise<void> {
    await this.server?.kill('SIGKILL');
    for (const { acknowledged, refused } of this.writers) {
      report.acknowledged += acknowledged;
      report.refused.push(...refused);
    }
    await this.made?.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private acknowledged(): number {
    return this.writers.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  }

  private run(): RunningProcess {
    const url = this.made?.url ?? null;
    this.server = run(['dist/main.js'], { PORT: '0', HOST: '127.0.0.1', DEMO: 'false', SUBMISSION_LOOKUP: 'false', DATA_DIR: this.folder, ...LIMITS, ...(url !== null && { DATABASE_URL: url }) });
    return this.server;
  }

  private async opened(server: RunningProcess): Promise<string> {
    return (await server.waitFor(/GraphQL +(\S+)/))[1]!;
  }

  /** The embedded database belongs to one process at a time. */
  private async between(work: (database: Database) => Promise<void>): Promise<void> {
    if (this.made !== null) return work(this.made.database);
    const pglite = await PGlite.create(join(this.folder, 'pgdata'), { extensions: EXTENSIONS });
    const database = new Database(await embeddedDriver(pglite, 'embedded for a test'));
    try {
      await work(database);
    } finally {
      await database.close();
    }
  }
}
