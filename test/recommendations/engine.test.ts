import { afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { createEngine, type Engine } from '../../src/recommendations/engine.js';
import type { Job, MatrixState } from '../../src/recommendations/engineJobs.js';
import { packChanges, type ChangeKind, type TasteChange } from '../../src/recommender/change.js';
import { run } from '../support/process.js';
import { chance, type Chance } from '../support/random.js';

const DAY = 86_400;
/** Threads run the compiled code. */
const WORKER = new URL('../../dist/recommendations/engineWorker.js', import.meta.url);

const engines: Engine[] = [];
const folders: string[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

function start(threads: number, worker = WORKER): Engine {
  const engine = createEngine(threads, worker);
  engines.push(engine);
  return engine;
}

/** A worker that ends at relatedTags of tag −1, and takes its time at −2. */
async function fragileWorker(): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'daily-papers-worker-'));
  folders.push(folder);
  const file = join(folder, 'worker.mjs');
  await writeFile(file, `
    const { EngineHost } = await import(${JSON.stringify(new URL('./engineJobs.js', WORKER).href)});
    const { run } = EngineHost.prototype;
    EngineHost.prototype.run = function (job) {
      if (job.tagId === -1) process.exit(1);
      if (job.tagId === -2) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      return run.call(this, job);
    };
    await import(${JSON.stringify(WORKER.href)});`);
  return pathToFileURL(file);
}

const END: Job = { kind: 'relatedTags', tagId: -1 };
const LAST: Job = { kind: 'relatedTags', tagId: -2 };
const STATE = { kind: 'state' } as const;
const apply = (changes: readonly TasteChange[]): Job => ({ kind: 'apply', changes: packChanges(changes) });
const load = (change: ChangeKind, rows: readonly (readonly number[])[]): Job => ({ kind: 'load', change, packed: packRows(rows), isValued: rows[0]?.length === 3 });
const LOADED = (...loads: readonly Job[]): Job[] => [{ kind: 'beginLoading' }, ...loads, { kind: 'endLoading' }];

/** As PostgreSQL packs them: int4send(subject) || int4send(object) [|| float8send(value)]. */
function packRows(rows: readonly (readonly number[])[]): Uint8Array {
  const width = rows[0]?.length === 3 ? 16 : 8;
  const view = new DataView(new ArrayBuffer(rows.length * width));
  rows.forEach(([subject = 0, object = 0, value = 0], row) => {
    view.setInt32(row * width, subject);
    view.setInt32(row * width + 4, object);
    if (width === 16) view.setFloat64(row * width + 8, value);
  });
  return new Uint8Array(view.buffer);
}

/** A change of any kind, of facts that may or may not be there. */
function anyChange(random: Chance, papers: number): TasteChange {
  const [paper, reader, feature] = [1 + random.below(papers), 1 + random.below(25), 1 + random.below(9)];
  const value = random.number() < 0.75 ? 1 : null;
  const turn = random.number();
  if (turn < 0.1) return { kind: 'PAPER', subject: paper, object: 0, value: DAY * (20_000 + random.below(90)) };
  if (turn < 0.3) return { kind: 'TAG', subject: paper, object: feature, value: value === null ? null : (1 + random.below(10)) / 10 };
  if (turn < 0.4) return { kind: 'AUTHOR', subject: paper, object: feature, value };
  if (turn < 0.8) return { kind: 'UPVOTE', subject: reader, object: paper, value };
  if (turn < 0.9) return { kind: 'DISMISSAL', subject: reader, object: paper, value };
  return { kind: random.pick(['TAG_FOLLOW', 'AUTHOR_FOLLOW', 'TAG_MUTE', 'AUTHOR_MUTE'] as const), subject: reader, object: feature, value };
}

function anyRead(random: Chance): Job {
  const request = { readerId: random.below(26) || null, limit: 1 + random.below(30) };
  const turn = random.number();
  if (turn < 0.5) return { kind: 'recommend', request, past: null };
  if (turn < 0.7) return { kind: 'suppose', request: { ...request, readerId: request.readerId ?? 0 }, past: null, compared: 10, changes: Array.from({ length: 3 }, () => ({ ...anyChange(random, 120), kind: 'UPVOTE' as const, subject: request.readerId ?? 0 })) };
  if (turn < 0.8) return { kind: 'relatedTags', tagId: 1 + random.below(10) };
  if (turn < 0.9) return { kind: 'similarReaders', readerId: 1 + random.below(26) };
  return STATE;
}

/** Loads, then writes and reads in turns; papers come by the hundreds, so that memory grows. */
function jobsOf(seed: number): Job[] {
  const random = chance(seed);
  const papers = Array.from({ length: 80 }, (_, n) => [n + 1, 0, DAY * (20_000 + random.below(60))]);
  const tags = papers.flatMap(([paper = 0]) => random.sample([1, 2, 3, 4, 5, 6], 3).sort().map((tag) => [paper, tag, (1 + random.below(10)) / 10]));
  const votes = Array.from({ length: 24 }, (_, reader) => random.sample(papers.map(([paper = 0]) => paper), 6).sort((a, b) => a - b).map((paper) => [reader + 1, paper])).flat();
  const jobs = LOADED(load('PAPER', papers), load('TAG', tags), load('UPVOTE', votes));
  let known = 80;
  for (let round = 0; round < 30; round += 1) {
    if (round % 10 === 9) {
      jobs.push(apply(Array.from({ length: 700 }, (_, n) => ({ kind: 'PAPER', subject: known + n + 1, object: 0, value: DAY * 20_050 }))));
      known += 700;
    }
    jobs.push(apply(Array.from({ length: 1 + random.below(8) }, () => anyChange(random, 120))));
    for (let reads = random.below(8); reads > 0; reads -= 1) jobs.push(anyRead(random));
  }
  return [...jobs, STATE];
}

const inOrder = async (engine: Engine, jobs: readonly Job[]): Promise<unknown[]> => {
  const answers: unknown[] = [];
  for (const job of jobs) answers.push(await engine.run(job));
  return answers;
};
const atOnce = (engine: Engine, jobs: readonly Job[]): Promise<unknown[]> => Promise.all(jobs.map((job) => engine.run(job)));
const stateOf = (engine: Engine): Promise<MatrixState> => engine.run(STATE);
const stateBy = (engine: Engine, threads: number): Promise<MatrixState[]> => Promise.all(Array.from({ length: threads }, () => stateOf(engine)));
const workersOf = (engine: Engine): Worker[] => (engine as unknown as { threads: { worker: Worker }[] }).threads.map(({ worker }) => worker);

describe('an engine on threads', () => {
  let jobs: Job[];
  let expected: unknown[];
  beforeAll(async () => {
    jobs = jobsOf(7);
    expected = await inOrder(createEngine(0), jobs);
    const kinds = new Set(jobs.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['beginLoading', 'load', 'endLoading', 'apply', 'recommend', 'suppose', 'relatedTags', 'similarReaders', 'state']));
    expect(expected.at(-1)).toMatchObject({ papers: expect.any(Number), checksum: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect((expected.at(-1) as MatrixState).papers).toBeGreaterThan(2000);
  });

  test.each([1, 3])('gives the answers of one in this thread, one job after the other, on %i', async (threads) => {
    expect(await inOrder(start(threads), jobs)).toEqual(expected);
  });

  test.each([1, 2, 3])('lets no read overtake a write, nor a write a read, when all come at once, on %i', async (threads) => {
    expect(await atOnce(start(threads), jobs)).toEqual(expected);
  });

  test('shows each of many concurrent reads exactly the writes before it', async () => {
    const engine = start(3);
    await atOnce(engine, LOADED());
    const seen: Promise<MatrixState>[] = [];
    for (let paper = 1; paper <= 200; paper += 1) {
      void engine.run(apply([{ kind: 'PAPER', subject: paper, object: 0, value: DAY }]));
      for (let reads = 0; reads < 3; reads += 1) seen.push(stateOf(engine));
    }
    expect((await Promise.all(seen)).map(({ papers }) => papers)).toEqual(Array.from({ length: 600 }, (_, n) => 1 + Math.floor(n / 3)));
  });

  test('shares what a write put into new memory, also the very first write', async () => {
    const engine = start(3);
    for (const count of [1, 40, 3000]) {
      await engine.run(apply(Array.from({ length: count }, (_, n) => ({ kind: 'PAPER', subject: n + 1, object: 0, value: DAY }))));
      const states = await stateBy(engine, 9);
      expect(states.map(({ papers }) => papers)).toEqual(states.map(() => count));
      expect(new Set(states.map(({ checksum }) => checksum)).size).toBe(1);
    }
  });

  // A version that counts changes is the same after another load of as many.
  test('answers from the tables of the load that was the last', async () => {
    const papers = Array.from({ length: 12 }, (_, n) => [n + 1, 0, DAY * (20_000 + n)]);
    const tags = papers.map(([paper = 0], n) => [paper, 1 + (n % 3), 1]);
    const loadOf = (readers: number): Job[] => LOADED(load('PAPER', papers), load('TAG', tags), load('UPVOTE', Array.from({ length: 24 }, (_, n) => [1 + Math.floor((n * readers) / 24), 1 + (n % 12)])));
    const ask: Job[] = Array.from({ length: 6 }, () => ({ kind: 'recommend', request: { historyIds: [1, 2], limit: 12 }, past: null }));
    const [threaded, local] = [start(3), start(0)];
    for (const readers of [2, 24, 4]) {
      await atOnce(threaded, loadOf(readers));
      await inOrder(local, loadOf(readers));
      expect(await atOnce(threaded, ask)).toEqual(await inOrder(local, ask));
    }
  });

  test('keeps an earlier state on the thread that has it, through later writes', async () => {
    const [threaded, local] = [start(3), start(0)];
    const past = 'yesterday';
    const later = [apply([{ kind: 'UPVOTE', subject: 1, object: 5, value: 1 }, { kind: 'PAPER', subject: 3, object: 0, value: null }])];
    const request = { readerId: 1, limit: 20 };
    for (const engine of [threaded, local]) {
      await atOnce(engine, [...jobs.slice(0, 5), apply([{ kind: 'UPVOTE', subject: 1, object: 9, value: 1 }])]);
      await engine.run({ kind: 'copyPast', past });
      await atOnce(engine, later);
      await engine.run({ kind: 'undoPast', past, changes: packChanges([{ kind: 'UPVOTE', subject: 1, object: 9, value: null }]) });
    }
    const ask: Job[] = Array.from({ length: 8 }, (_, n): Job => ({ kind: 'recommend', request, past: n % 2 === 0 ? past : null }));
    ask.push({ kind: 'suppose', request, past, compared: 5, changes: [{ kind: 'UPVOTE', subject: 1, object: 2, value: 1 }] }, ...ask);
    const answers = await atOnce(threaded, ask);
    expect(answers).toEqual(await inOrder(local, ask));
    expect(answers[0]).not.toEqual(answers[1]);
    await threaded.run({ kind: 'dropPast', past });
    await expect(threaded.run(ask[0] as Job)).rejects.toThrow('the state yesterday is not open');
  });

  test('leaves this thread free while a job runs', async () => {
    const engine = start(1, await fragileWorker());
    await stateOf(engine);
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 5);
    await engine.run(LAST);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(0);
  });

  test('does not keep a process alive', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'daily-papers-worker-'));
    folders.push(folder);
    await writeFile(join(folder, 'main.mjs'), `
      import { createEngine } from ${JSON.stringify(new URL('./engine.js', WORKER).href)};
      console.log(JSON.stringify(await createEngine(2).run({ kind: 'state' })));`);
    const process = run([join(folder, 'main.mjs')], {});
    expect(await process.ended()).toBe(0);
    expect(process.output()).toContain('"papers":0');
  });
});

describe.each([0, 1, 3])('on %i threads a job that fails', (threads) => {
  test('is the only one that does', async () => {
    const engine = start(threads);
    await atOnce(engine, LOADED(load('PAPER', [[1, 0, DAY]])));
    const answers = await Promise.allSettled([stateOf(engine), engine.run({ kind: 'recommend', request: { limit: 1 }, past: 'never opened' }), stateOf(engine)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(String((answers[1] as PromiseRejectedResult).reason)).toContain('the state never opened is not open');
  });

  test('leaves what it wrote before to all threads alike', async () => {
    const engine = start(threads);
    await atOnce(engine, LOADED());
    const rows = packRows(Array.from({ length: 3000 }, (_, n) => [n + 1, 0, DAY]));
    await expect(engine.run({ kind: 'load', change: 'PAPER', packed: rows.slice(0, -3), isValued: true })).rejects.toThrow('Offset is outside the bounds of the DataView');
    for (const papers of [2999, 3000]) {
      const states = await stateBy(engine, 6);
      expect(states).toEqual(states.map(() => ({ ...states[0], papers })));
      await engine.run(apply([{ kind: 'PAPER', subject: 9000, object: 0, value: DAY }]));
    }
  });
});

describe('a thread that ends', () => {
  test('rejects its job alone and is replaced, and the later jobs are answered right', async () => {
    const engine = start(3, await fragileWorker());
    await atOnce(engine, LOADED(load('PAPER', Array.from({ length: 500 }, (_, n) => [n + 1, 0, DAY * n]))));
    const [before] = await stateBy(engine, 9);
    for (let round = 0; round < 3; round += 1) {
      const answers = await Promise.allSettled([stateOf(engine), engine.run(END), ...Array.from({ length: 6 }, () => stateOf(engine))]);
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', ...Array.from({ length: 6 }, () => 'fulfilled')]);
      expect(answers[1]).toMatchObject({ reason: { message: 'a thread of the recommender ended' } });
      expect(await stateBy(engine, 9)).toEqual(Array.from({ length: 9 }, () => before));
      expect(workersOf(engine)).toHaveLength(3);
    }
    await engine.run(apply([{ kind: 'PAPER', subject: 501, object: 0, value: DAY }]));
    expect((await stateBy(engine, 9)).map(({ papers }) => papers)).toEqual(Array.from({ length: 9 }, () => 501));
  });

  test('is replaced also when it was idle, or ended from outside', async () => {
    const engine = start(2);
    await atOnce(engine, LOADED(load('PAPER', [[1, 0, DAY]])));
    const [before] = await stateBy(engine, 4);
    for (const worker of workersOf(engine)) await Promise.all([once(worker, 'exit'), worker.terminate()]);
    expect(await stateBy(engine, 4)).toEqual([before, before, before, before]);
    expect(workersOf(engine)).toHaveLength(2);
  });

  test('takes the earlier states that it had with it', async () => {
    const engine = start(1, await fragileWorker());
    await atOnce(engine, LOADED());
    await engine.run({ kind: 'copyPast', past: 'then' });
    await expect(engine.run(END)).rejects.toThrow();
    await expect(engine.run({ kind: 'recommend', request: { limit: 1 }, past: 'then' })).rejects.toThrow('the state then is not open');
    await engine.run({ kind: 'copyPast', past: 'then' });
    expect(await engine.run({ kind: 'recommend', request: { limit: 1 }, past: 'then' })).toMatchObject({ page: { items: [] } });
  });

  test('before it ever did a job is not started again and again', async () => {
    const engine = start(2, new URL('./no-such-worker.js', import.meta.url));
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => stateOf(engine)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']));
    expect(workersOf(engine)).toEqual([]);
    await expect(stateOf(engine)).rejects.toThrow('no thread of the recommender could be started');
  });
});

describe('closing', () => {
  test('rejects what waits and what runs, and ends the threads', async () => {
    const engine = start(2, await fragileWorker());
    await stateBy(engine, 2);
    const workers = workersOf(engine);
    const asked = Promise.allSettled([LAST, LAST, STATE, apply([]), STATE].map((job) => engine.run(job)));
    await engine.close();
    expect((await asked).map((one) => (one as PromiseRejectedResult).reason.message)).toEqual(Array.from({ length: 5 }, () => 'the recommender is closed'));
    expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
    await expect(stateOf(engine)).rejects.toThrow('the recommender is closed');
    await engine.close();
  });

  test('an engine that never did a job starts no thread for it', async () => {
    const engine = start(2);
    await engine.close();
    expect(workersOf(engine)).toEqual([]);
    await expect(stateOf(engine)).rejects.toThrow('the recommender is closed');
  });
});
