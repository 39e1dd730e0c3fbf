import { setTimeout as sleep } from 'node:timers/promises';
import { sql, type Database } from '../../src/database/database.js';
import { DomainError, badInput } from '../../src/errors.js';
import type { IngestRequest, IngestRunner, SourceDescription } from '../../src/ingest/runner.js';

export const FAKE_SOURCES: readonly SourceDescription[] = [
  {
    name: 'pond',
    description: 'Papers of an invented archive.',
    hasSince: true,
    url: 'https://pond.example/api',
    options: [
      { name: 'search', description: 'What to search for.', type: 'string', default: null },
      { name: 'limit', description: 'How many at most.', type: 'number', default: 100 },
      { name: 'withdrawn', description: 'Whether to take withdrawn papers too.', type: 'boolean', default: false },
    ],
  },
  { name: 'lake-two', description: 'Another invented archive.', hasSince: false, url: 'https://lake.example', options: [] },
  {
    name: 'files',
    description: 'Papers of a file.',
    hasSince: false,
    url: null,
    options: [{ name: 'file', description: 'The file.', type: 'string', default: null }],
  },
];

/** Keeps the contract of a runner without reading anything: a run has some batches of one record, each of which takes its time. */
export class FakeRunner implements IngestRunner {
  readonly sources = (): Promise<readonly SourceDescription[]> => Promise.resolve(FAKE_SOURCES);
  /** What was begun, in order. */
  readonly begun: number[] = [];
  /** What is under way here, and the most at once. */
  readonly active = new Set<number>();
  mostAtOnce = 0;
  readonly requests: IngestRequest[] = [];

  constructor(
    private readonly database: Database,
    public batches = 3,
    public batchMs = 10,
  ) {}

  async create(request: IngestRequest): Promise<number> {
    const source = FAKE_SOURCES.find(({ name }) => name === request.source);
    if (source === undefined) throw new DomainError('NOT_FOUND', `there is no source "${request.source}"`, 'source');
    if (request.options['limit'] === 0) throw badInput('limit', 'must be at least 1', 0);
    this.requests.push(request);
    const defaults = Object.fromEntries(source.options.flatMap(({ name, default: value }) => (value === null ? [] : [[name, value]])));
    const options = { ...defaults, ...request.options, ...(request.since !== null && { since: request.since.toISOString() }) };
    const { id } = await this.database.prisma.ingestRun.create({
      data: { source: source.name, options, trigger: request.trigger, requestedById: request.requestedById },
    });
    return id;
  }

  async execute(runId: number, signal: AbortSignal): Promise<void> {
    this.begun.push(runId);
    this.active.add(runId);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.active.size);
    try {
      const [run] = await this.database.rows<{ done: number }>(sql`SELECT done FROM ingest_runs WHERE id = ${runId}`);
      for (let done = run!.done; done < this.batches; done += 1) {
        await sleep(this.batchMs, undefined, { signal }).catch(() => undefined);
        if (signal.aborted || !(await this.write(runId))) return;
      }
      await this.database.rows(sql`UPDATE ingest_runs SET state = 'SUCCEEDED', finished_at = clock_timestamp() WHERE id = ${runId} AND state = 'RUNNING'`);
    } finally {
      this.active.delete(runId);
    }
  }

  private async write(runId: number): Promise<boolean> {
    const rows = await this.database.rows(sql`
      UPDATE ingest_runs SET done = done + 1, total = ${this.batches}, added_count = added_count + 1, active_at = clock_timestamp()
      WHERE id = ${runId} AND state = 'RUNNING' RETURNING id`);
    return rows.length > 0;
  }
}

/** Waits until something holds; throws where it does not in time. */
export async function until(holds: () => Promise<boolean> | boolean, what: string, timeoutMs = 10_000): Promise<void> {
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    if (await holds()) return;
    await sleep(10);
  }
  throw new Error(`it did not come to pass that ${what}`);
}
