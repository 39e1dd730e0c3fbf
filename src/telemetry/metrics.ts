import type { Metric, Registry } from 'prom-client';
import { OK, type OperationRecord, type OperationType } from './operation.js';
import { OperationNames, type NameLimits } from './operationNames.js';
import { Reading } from './reading.js';
import { ReadMetric, type ReadValue } from './readMetric.js';
import { Counts, Distributions, type Count, type Distribution } from './tally.js';

const OPERATION_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const STATEMENT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const COST_POINTS = [1, 10, 50, 100, 500, 1000, 5000, 10_000, 50_000];
const MS = 1000;
/** Gauges of the library with the names of counters; the same by type is in nodejs_active_resources. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

/** An operation whose answer others are given: found once, so that a shared answer costs two additions. */
export interface SharedSeries {
  readonly count: Count;
  readonly seconds: Distribution;
}

/** What Prometheus is told. Names and units are by its conventions. */
export class Metrics {
  private readonly operations = new Counts({
    name: 'graphql_operations_total',
    help: 'Operations that were answered, by what answered them and by the code of their first error.',
    labels: ['type', 'operation', 'way', 'outcome'],
  });
  private readonly operationSeconds = new Distributions({
    name: 'graphql_operation_duration_seconds',
    help: 'How long operations took from when they were read to their answer.',
    labels: ['type', 'operation', 'way'],
    bounds: OPERATION_SECONDS,
  });
  private readonly costs = new Distributions({
    name: 'graphql_operation_cost_points',
    help: 'What operations cost, refused ones too.',
    labels: ['type'],
    bounds: COST_POINTS,
  });
  private readonly refusals = new Counts({ name: 'graphql_refusals_total', help: 'Operations that cost too much, or more than was left of a budget.', labels: ['reason'] });
  private readonly errors = new Counts({ name: 'graphql_errors_total', help: 'Errors that clients were told of.', labels: ['code'] });
  private readonly statements = new Distributions({
    name: 'database_statement_duration_seconds',
    help: 'How long statements took, with the wait for a connection.',
    labels: ['outcome'],
    bounds: STATEMENT_SECONDS,
  });
  private readonly retries = new Counts({ name: 'database_retries_total', help: 'Statements and transactions that ran again, most of them for a conflict with others.', labels: [] });
  private readonly jobs = new Distributions({
    name: 'recommender_job_duration_seconds',
    help: 'How long rankings and changes took in the recommender, with the wait for a thread.',
    labels: ['kind'],
    bounds: STATEMENT_SECONDS,
  });
  private readonly readFailures = new Counts({ name: 'metrics_read_failures_total', help: 'Reads of the database for metrics that failed or took too long.', labels: [] });
  private readonly names: OperationNames;

  constructor(
    private readonly registry: Registry,
    names?: NameLimits,
  ) {
    this.names = new OperationNames(names);
    for (const metric of [this.operations, this.operationSeconds, this.costs, this.refusals, this.errors, this.statements, this.retries, this.jobs, this.readFailures]) this.register(metric);
    // They have no labels: rates need the zero before the first.
    this.retries.of();
    this.readFailures.of();
    for (const reason of ['cost', 'budget']) this.refusals.of(reason);
  }

  /** A value that is read at each scrape. What cannot be read then is left out of it. */
  addGauge(name: string, help: string, read: () => ReadValue | null): void {
    this.register(new ReadMetric({ name, help, type: 'gauge' }, read));
  }

  /** The same of a value that only grows; its name ends with _total. */
  addCounter(name: string, help: string, read: () => ReadValue | null): void {
    this.register(new ReadMetric({ name, help, type: 'counter' }, read));
  }

  /** The same of values that need a statement, which is sent for all of them together. */
  addReading<Values>(read: () => Promise<Values>, gauges: readonly (readonly [name: string, help: string, value: (values: Values) => ReadValue | null])[]): void {
    const reading = new Reading(read, { onFailure: () => { this.readFailures.of().value += 1; } });
    for (const [name, help, value] of gauges) {
      this.register(
        new ReadMetric({ name, help, type: 'gauge' }, async () => {
          const values = await reading.current();
          return values === null ? null : value(values);
        }),
      );
    }
  }

  operationEnded({ type, name, way, outcome, cost }: OperationRecord, ms: number): void {
    const label = this.names.labelOf(name);
    this.operations.of(type, label, way, outcome).value += 1;
    this.operationSeconds.of(type, label, way).observe(ms / MS);
    if (cost !== null) this.costs.of(type).observe(cost);
    if (way === 'none' && outcome !== OK) this.noteRefusal(outcome);
  }

  /** Where an answer is counted that is given to others than who caused it. */
  sharedSeries(type: OperationType, name: string | null): SharedSeries {
    const label = this.names.labelNow(name);
    return { count: this.operations.of(type, label, 'shared', OK), seconds: this.operationSeconds.of(type, label, 'shared') };
  }

  errorTold(code: string): void {
    this.errors.of(code).value += 1;
  }

  statementEnded(ms: number, isFailed: boolean): void {
    this.statements.of(isFailed ? 'error' : 'ok').observe(ms / MS);
  }

  jobEnded(kind: string, ms: number): void {
    this.jobs.of(kind).observe(ms / MS);
  }

  repeated(): void {
    this.retries.of().value += 1;
  }

  /** All of it as text, and of which type that is. */
  async exposition(): Promise<{ readonly text: string; readonly contentType: string }> {
    const text = await this.registry.metrics();
    // The library's way to write it is not that of the format; the lag of the event loop is none where nothing came since the last scrape.
    return { text: text.replaceAll(/ Nan$/gm, ' NaN'), contentType: this.registry.contentType };
  }

  private noteRefusal(outcome: string): void {
    if (outcome === 'COST_EXCEEDED') this.refusals.of('cost').value += 1;
    else if (outcome === 'RATE_LIMITED') this.refusals.of('budget').value += 1;
  }

  // A registry asks of a metric no more than these have; its type names the classes of its own.
  private register(metric: { readonly name: string; get(): Promise<unknown> }): void {
    this.registry.registerMetric(metric as unknown as Metric);
  }
}

/** Loads what metrics need, and begins to measure the process: its memory, garbage and event loop. */
export async function createMetrics(names?: NameLimits): Promise<Metrics> {
  const { Registry, collectDefaultMetrics } = (await import('prom-client')).default;
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return new Metrics(registry, names);
}
