import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { openDatabase } from '../app.js';
import { readConfig, type Config } from '../config.js';
import type { Database } from '../database/database.js';
import { DomainError } from '../errors.js';
import type { Reject } from '../ingest/itemChecks.js';
import type { IngestObserver } from '../ingest/ingest.service.js';
import type { IngestRequest } from '../ingest/runner.js';
import { SourceError } from '../ingest/source.js';
import { createServices, type Services } from '../services.js';
import { exitWith } from './exit.js';
import { readImportArguments, usageOf, type ImportArguments } from './importArguments.js';
import { createImportProgress, type ImportProgress } from './importProgress.js';

/** Exit codes, as `--help` says them. */
const [DONE, FAILED, USAGE, INTERRUPTED] = [0, 1, 2, 130];

await exitWith(async () => {
  const { SourceRegistry } = await import('../ingest/sourceRegistry.js');
  const registry = await SourceRegistry.load();
  try {
    const parsed = readImportArguments(process.argv.slice(2), registry.describe());
    if ('help' in parsed) {
      console.error(usageOf(registry.describe(), parsed.help));
      return parsed.isAsked ? DONE : USAGE;
    }
    registry.checkedOptions(parsed.source, parsed.options);
    return await runImport(parsed);
  } catch (error) {
    if (!(error instanceof DomainError) && !(error instanceof SourceError)) throw error;
    console.error(`daily-papers: ${error.message}`);
    return error instanceof DomainError ? USAGE : FAILED;
  }
});

async function runImport(parsed: ImportArguments): Promise<number> {
  const config = readConfig();
  const database = await openDatabase(config);
  const services = createServices(database, config);
  const stop = new AbortController();
  // The batch that is being written is finished; a second signal does not wait for it.
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await (parsed.isDryRun ? rehearse : execute)({ parsed, config, database, services, signal: stop.signal });
  } finally {
    await services.engine.close();
    await database.close();
  }
}

interface Run {
  readonly parsed: ImportArguments;
  readonly config: Config;
  readonly database: Database;
  readonly services: Services;
  readonly signal: AbortSignal;
}

async function execute({ parsed, config, database, services: { ingest, feeds }, signal }: Run): Promise<number> {
  await feeds.keepTimeZone();
  const request = requestOf(parsed);
  const unfinished = parsed.isRestart ? null : await ingest.findUnfinished(request);
  const runId = unfinished ?? (await ingest.create(request));
  if (unfinished !== null) console.error(`going on with run ${runId}, which was not finished; --restart starts anew`);
  const startedAt = performance.now();
  const progress = createImportProgress(parsed.source);
  const ending = await ingest.execute(runId, { ...observerOf(progress), signal, takesOver: true, revives: true });
  progress.stop();
  const summary = await ingest.rows.get(runId);
  if (summary === null) throw new Error(`run ${runId} has vanished`);
  const { added, changed, unchanged, rejected, rejectRows, error } = summary;
  if (ending === 'FAILED' && added + changed + unchanged + rejected === 0) {
    console.error(`daily-papers: ${error ?? 'the import failed'}`);
    return FAILED;
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`added ${added}, changed ${changed}, unchanged ${unchanged}, rejected ${rejected} in ${seconds} s (run ${runId}, ${database.description})`);
  if (rejectRows > 0) {
    const file = parsed.rejectsFile ?? join(config.dataFolder, 'imports', `${parsed.source}.${runId}.rejects.jsonl`);
    await writeRejects(file, rejectsOf(ingest, runId));
    console.log(`rejects: ${rejectRows}, whole records or parts of them, in ${file}`);
  }
  if (ending === 'FAILED') console.error(`daily-papers: ${error ?? 'the import failed'}; what was written stays, and the same command goes on from there`);
  if (ending === 'INTERRUPTED') console.error('interrupted; the same command goes on from here');
  if (ending === 'LOST') console.error('daily-papers: the run was stopped, or goes on elsewhere');
  return ending === 'SUCCEEDED' ? DONE : ending === 'INTERRUPTED' ? INTERRUPTED : FAILED;
}

async function rehearse({ parsed, config, database, services: { ingest, feeds }, signal }: Run): Promise<number> {
  await feeds.keepTimeZone();
  const totals = { added: 0, changed: 0, unchanged: 0, rejected: 0 };
  const rejects: Reject[] = [];
  const progress = createImportProgress(`${parsed.source} (dry run)`);
  const observer = observerOf(progress);
  await ingest.rehearse(requestOf(parsed), {
    ...observer,
    signal,
    onBatch: (batch) => {
      totals.added += batch.added;
      totals.changed += batch.changed;
      totals.unchanged += batch.unchanged;
      totals.rejected += batch.rejects.filter(({ isWhole }) => isWhole).length;
      rejects.push(...batch.rejects);
      observer.onBatch?.(batch);
    },
  });
  progress.stop();
  console.log(`would add ${totals.added}, change ${totals.changed}, leave ${totals.unchanged}, reject ${totals.rejected} (nothing was written to ${database.description})`);
  if (rejects.length > 0) {
    const file = parsed.rejectsFile ?? join(config.dataFolder, 'imports', `${parsed.source}.dry-run.rejects.jsonl`);
    await writeRejects(file, rejects);
    console.log(`rejects: ${rejects.length}, whole records or parts of them, in ${file}`);
  }
  return DONE;
}

function requestOf({ source, options, since }: ImportArguments): IngestRequest {
  return { source, options, since, trigger: 'COMMAND', requestedById: null };
}

function observerOf(progress: ImportProgress): IngestObserver {
  return {
    onStart: (start) => { progress.start(start); },
    onBatch: (batch) => {
      for (const reject of batch.rejects.filter(({ isWhole }) => isWhole)) progress.reject(reject);
      progress.batch(batch);
    },
    onInternalError: (error, id) => { console.error(`internal error ${id}:`, error); },
  };
}

async function* rejectsOf(ingest: Services['ingest'], runId: number): AsyncGenerator<Reject> {
  for (let after = 0; ; ) {
    const page = await ingest.rows.rejectsAfter(runId, after);
    if (page.length === 0) return;
    for (const { rowId, ...reject } of page) {
      after = rowId;
      yield reject;
    }
  }
}

async function writeRejects(file: string, rejects: Iterable<Reject> | AsyncIterable<Reject>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const stream = createWriteStream(file);
  for await (const reject of rejects) {
    if (!stream.write(`${JSON.stringify(reject)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}
