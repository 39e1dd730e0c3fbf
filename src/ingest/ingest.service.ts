import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.js';
import { DomainError } from '../errors.js';
import type { SourceSettings } from '../ingestSettings.js';
import type { RepoService } from '../repos/repo.service.js';
import type { BatchOutcome } from './batchOutcome.js';
import type { BatchWriter } from './batchWriter.js';
import { HttpError, type HttpClient } from './http/httpClient.js';
import { batchesOf } from './parcels.js';
import { RunLostError, RunRows, type ClaimedRun, type NewRun } from './runRows.js';
import type { IngestRequest, OptionValues, SourceDescription } from './runner.js';
import { SourceError, type Item, type Json, type Parcel, type Reading, type Source } from './source.js';
import type { Voice } from '../submissions/paperWriter.service.js';
import type { SourceRegistry } from './sourceRegistry.js';

/** Where a service is, and how to be let in. */
type ServiceSettings = Pick<SourceSettings, 'url' | 'token'>;

/** Told how a run goes on. */
export interface IngestObserver {
  /** Before the first parcel. */
  readonly onStart?: (start: { readonly unit: Reading['unit']; readonly total: number | null; readonly done: number }) => void;
  /** After each batch, once it is committed. */
  readonly onBatch?: (batch: BatchOutcome & { readonly done: number; readonly total: number | null }) => void;
  /** The run failed for a reason that its row does not tell, but by this id. */
  readonly onInternalError?: (error: unknown, id: string) => void;
}

/** What is asked of a source only to look at it. */
export interface LookRequest {
  readonly source: string;
  readonly options: OptionValues;
  readonly signal: AbortSignal;
  readonly now: Date;
}

export interface ExecuteOptions extends IngestObserver {
  readonly signal: AbortSignal;
  /** Whether to take the run from an execution that may be alive: that one then ends at its next batch. */
  readonly takesOver?: boolean;
  /** Whether to go on with a run that has failed or was stopped. */
  readonly revives?: boolean;
  /** How often it says that it is alive, and hears that the run is another one's or stopped; 15 s when left out. */
  readonly beatMs?: number;
}

/** How an execution ended: SUCCEEDED and FAILED are the run's end; a run that was interrupted or taken over goes on. */
export type Ending = 'SUCCEEDED' | 'FAILED' | 'INTERRUPTED' | 'LOST' | 'NOT_CLAIMED';

const BEAT_EVERY_MS = 15_000;
/** The embedded database answers nobody else while a transaction runs: 200 papers hold it for half a second. */
const EMBEDDED_BATCH = 200;
const SERVER_BATCH = 1000;

/** Imports: one pipeline from sources to tables, in batches that are whole or not at all. */
export class IngestService {
  readonly rows: RunRows;
  private registry: Promise<SourceRegistry> | null = null;

  constructor(
    private readonly database: Database,
    private readonly services: {
      readonly repos: RepoService;
      readonly batches: BatchWriter;
      /** Read when somebody first asks for a source. */
      readonly registry: () => Promise<SourceRegistry>;
      readonly http: HttpClient;
      readonly settings: ReadonlyMap<string, ServiceSettings>;
    },
  ) {
    this.rows = new RunRows(database);
  }

  async sources(): Promise<readonly SourceDescription[]> {
    return (await this.load()).describe();
  }

  /** Makes a run, QUEUED; throws NOT_FOUND for an unknown source, BAD_USER_INPUT for options that break their rules. */
  async create(request: IngestRequest): Promise<number> {
    return this.rows.create(await this.checked(request));
  }

  /** The last run that was asked the same, if it has not succeeded: it can go on. Throws as `create` does. */
  async findUnfinished(request: IngestRequest): Promise<number | null> {
    return this.rows.findUnfinished(await this.checked(request));
  }

  /** Does a run, from where it stopped; its row says what became of it. Stops between batches when the signal aborts. */
  async execute(runId: number, options: ExecuteOptions): Promise<Ending> {
    const executor = randomUUID();
    const run = await this.rows.claim(runId, executor, { takesOver: options.takesOver === true, revives: options.revives === true });
    if (run === null) return 'NOT_CLAIMED';
    // Ends the source's waiting, which may be an hour, when the run is not ours any more.
    const lost = new AbortController();
    const beat = async (): Promise<void> => {
      if (!(await this.rows.beat(runId, executor))) lost.abort();
    };
    const beating = setInterval(() => void beat().catch(() => undefined), options.beatMs ?? BEAT_EVERY_MS).unref();
    try {
      await this.follow(run, executor, { ...options, lost });
      await this.rows.finish(runId, executor, null);
      return 'SUCCEEDED';
    } catch (error) {
      if (lost.signal.aborted) return 'LOST';
      if (options.signal.aborted) return 'INTERRUPTED';
      await this.rows.finish(runId, executor, this.tellable(error, options));
      return 'FAILED';
    } finally {
      clearInterval(beating);
    }
  }

  /** Reads all that a request asks for and writes it in transactions that are all taken back. Throws as `execute` ends. */
  async rehearse(request: IngestRequest, options: ExecuteOptions): Promise<void> {
    const { source, options: values } = await this.checked(request);
    const registry = await this.load();
    const now = new Date();
    const { reading, totalOf } = await this.open(registry.get(source), values, { now, signal: options.signal });
    options.onStart?.({ unit: reading.unit, total: reading.total, done: 0 });
    for await (const batch of this.batches(reading, null, options.signal)) {
      const outcome = await this.rehearseBatch({ source: registry.get(source).voice ?? source, ranks: registry.ranks, now }, batch);
      options.onBatch?.({ ...outcome, done: batch.done, total: totalOf() });
    }
  }

  /** What a source says, without writing it. Throws as the source does. */
  async *look({ source, options, signal, now }: LookRequest): AsyncGenerator<Item> {
    const registry = await this.load();
    const { reading } = await this.open(registry.get(source), registry.checkedOptions(source, options), { now, signal });
    for await (const { items } of reading.read(null)) yield* items;
  }

  private async rehearseBatch(voice: Voice, { items }: Parcel): Promise<BatchOutcome> {
    try {
      return await this.database.bulkTransaction(async (reader) => {
        throw new Rehearsed(await this.services.batches.write(reader, voice, items));
      });
    } catch (error) {
      if (error instanceof Rehearsed) return error.outcome;
      throw error;
    }
  }

  private async follow(run: ClaimedRun, executor: string, options: ExecuteOptions & { readonly lost: AbortController }): Promise<void> {
    // Ends what is read ahead when a batch fails: it may be waiting for its service.
    const failed = new AbortController();
    const signal = AbortSignal.any([options.signal, options.lost.signal, failed.signal]);
    const registry = await this.load();
    const source = registry.get(run.source);
    const { reading, totalOf } = await this.open(source, run.options, { now: run.startedAt, signal });
    options.onStart?.({ unit: reading.unit, total: reading.total, done: run.done });
    for await (const batch of this.batches(reading, run.checkpoint, signal)) {
      const outcome = await this.database.bulkTransaction(async (reader) => {
        const written = await this.services.batches.write(reader, { source: source.voice ?? source.name, ranks: registry.ranks, now: new Date() }, batch.items);
        const step = { checkpoint: batch.checkpoint, done: batch.done, total: totalOf() };
        await this.rows.advance(reader, { id: run.id, executor }, { step, outcome: written });
        return written;
      }).catch((error: unknown) => {
        (error instanceof RunLostError ? options.lost : failed).abort();
        throw error;
      });
      options.onBatch?.({ ...outcome, done: batch.done, total: totalOf() });
      signal.throwIfAborted();
    }
  }

  private async open(
    source: Source,
    { since = null, ...values }: Readonly<Record<string, Json>>,
    { now, signal }: { readonly now: Date; readonly signal: AbortSignal },
  ): Promise<{ reading: Reading; totalOf: () => number | null }> {
    const settings = this.services.settings.get(source.name);
    let told: number | null = null;
    const reading = await source.open(source.options.parse(values), {
      http: this.services.http,
      url: (settings?.url ?? source.url ?? '').replace(/\/+$/, ''),
      token: settings?.token ?? null,
      now,
      clock: () => new Date(),
      since: since === null ? null : new Date(since as string),
      signal,
      onTotal: (total) => { told = total; },
      staleRepos: (question) => this.services.repos.stale(question),
    });
    return { reading, totalOf: () => told ?? reading.total };
  }

  private batches(reading: Reading, checkpoint: Json, signal: AbortSignal): AsyncIterable<Parcel> {
    const size = this.database.description.startsWith('embedded') ? EMBEDDED_BATCH : SERVER_BATCH;
    return batchesOf(reading.read(checkpoint), { size, signal, checkpoint, prepare: ({ items }) => { this.services.batches.prepare(items, new Date()); } });
  }

  private async checked({ source, options, since, trigger, requestedById }: IngestRequest): Promise<NewRun> {
    const registry = await this.load();
    const values = registry.checkedOptions(source, options);
    if (since !== null && !registry.get(source).hasSince) {
      throw new DomainError('BAD_USER_INPUT', `the source ${source} cannot be asked for what is new since a time`, 'since');
    }
    return { source, options: since === null ? values : { ...values, since: since.toISOString() }, trigger, requestedById };
  }

  private tellable(error: unknown, { onInternalError }: IngestObserver): string {
    if (error instanceof SourceError || error instanceof HttpError || error instanceof DomainError) return error.message.slice(0, 2000);
    const id = randomUUID();
    onInternalError?.(error, id);
    return `internal error ${id}`;
  }

  private load(): Promise<SourceRegistry> {
    this.registry ??= this.services.registry();
    return this.registry;
  }
}

/** Takes a transaction back, and its outcome out of it. */
class Rehearsed extends Error {
  constructor(readonly outcome: BatchOutcome) {
    super('a dry run');
  }
}
