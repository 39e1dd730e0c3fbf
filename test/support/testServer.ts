import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApp, type App } from '../../src/app.js';
import type { Config } from '../../src/config.js';
import type { IngestRunner } from '../../src/ingest/runner.js';
import type { Database } from '../../src/database/database.js';
import { DEFAULT_LIMITS } from '../../src/database/limits.js';
import type { Services } from '../../src/services.js';
import { createTestDatabase, type TestDatabase } from './testDatabase.js';

export interface GraphQLError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: { readonly code: string; readonly field?: string; readonly errorId?: string };
}

export interface Answer<Data> {
  readonly status: number;
  readonly data: Data | null | undefined;
  readonly errors: readonly GraphQLError[];
}

export interface RequestOptions {
  /** Bearer token. */
  readonly token?: string | null;
  readonly variables?: Record<string, unknown>;
}

/** A real server on a database of its own, spoken to over HTTP. */
export interface TestServer {
  readonly app: App;
  readonly database: Database;
  readonly services: Services;
  readonly url: string;
  /** Sends a document and gives the whole answer. */
  send<Data = any>(document: string, options?: RequestOptions): Promise<Answer<Data>>;
  /** Sends a document and gives its data; throws when the answer has errors. */
  query<Data = any>(document: string, options?: RequestOptions): Promise<Data>;
  /** Sends a document and gives its one error; throws when there is none or more. */
  error(document: string, options?: RequestOptions): Promise<GraphQLError>;
  /** The SQL statements that `work` causes, but for reads of the change log and of the queue of imports, and notes of visits and of used sessions, which come by themselves too. */
  countStatements<Result>(work: () => Promise<Result>): Promise<{ result: Result; statements: string[] }>;
  stop(): Promise<void>;
}

const CONFIG: Config = {
  port: 0,
  host: '127.0.0.1',
  publicUrl: 'https://papers.example',
  origins: [],
  databaseUrl: null,
  databasePoolSize: 5,
  databaseLimits: DEFAULT_LIMITS,
  requestMs: 30_000,
  dataFolder: '',
  demo: false,
  demoPassword: null,
  adminPassword: null,
  sessionDays: 30,
  oidc: null,
  // All readers of tests come from one address.
  signIn: { perPlace: 0, perAccount: 0, perAddress: 0, signUpsPerHour: 0 },
  timeZone: 'UTC',
  recommenderThreads: 0,
  historyDays: 30,
  // Tests write behind the server's back, and look at once.
  shareMilliseconds: 0,
  liveConnections: 200,
  concurrentRequests: 0,
  requestSeconds: 30,
  shutdownSeconds: 20,
  // As in production, but for budgets: tests ask as much as they like.
  costs: { maxCost: 50_000, anonymousBudget: 0, userBudget: 0 },
  limits: { maxDepth: 15, maxAliases: 100, maxRootFields: 100, maxDirectives: 20 },
  introspection: true,
  trustedProxies: 0,
  trustedDocuments: null,
  // Either way of executing must give the same: TEST_COMPILE_AFTER=0 compiles everything at once.
  compileAfter: Number(process.env['TEST_COMPILE_AFTER'] ?? 2),
  logLevel: 'silent',
  telemetry: { logRequests: false, slowRequestMs: 0, slowStatementMs: 0, metrics: null, tracing: null },
  // Tests ask no service of others.
  submissionLookup: false,
  idempotencyHours: 24,
  comments: { editMinutes: 15, mostInWindow: 20 },
  // Readers of tests are new, and vote at once and much.
  votes: { limits: { perMinute: 1_000_000, perDay: 1_000_000 }, bursts: { votes: 0, minutes: 10, newAccountHours: 48 } },
  mail: { smtpUrl: null, from: 'Daily Papers <daily@papers.example>' },
  ingest: { sources: new Map(), contact: null },
};

const BY_THEMSELVES = ['FROM (SELECT pg_current_snapshot()', 'AS "isAny"', 'INSERT INTO feed_visits', 'UPDATE sessions SET last_used_at'];

/** Whether a statement is one that the server sends every now and then, whatever it is asked. */
export function comesByItself(text: string): boolean {
  return BY_THEMSELVES.some((part) => text.includes(part));
}

/** On a database of its own, or on one that is there already. */
export async function startTestServer(overrides: Partial<Config> = {}, made?: Pick<TestDatabase, 'database' | 'drop'>, runner?: IngestRunner): Promise<TestServer> {
  const { database, drop } = made ?? (await createTestDatabase());
  return startOn({ database, drop, runner }, overrides);
}

/** Another server on the database of a first one, which is to be stopped last. It counts its own statements. */
export function startBeside({ database }: TestServer, overrides: Partial<Config> = {}, runner?: IngestRunner): Promise<TestServer> {
  const borrowed = Object.create(database, { close: { value: () => Promise.resolve() } }) as Database;
  return startOn({ database: borrowed, drop: () => Promise.resolve(), runner }, overrides);
}

/** The two ways of asking that judge the answer, by one that does not. */
export function askingBy(send: TestServer['send']): Pick<TestServer, 'query' | 'error'> {
  return {
    async query(document, options) {
      const { data, errors } = await send(document, options);
      if (errors.length > 0) throw new Error(`the answer has errors: ${JSON.stringify(errors)}`);
      return data;
    },
    async error(document, options) {
      const { errors } = await send(document, options);
      if (errors.length !== 1) throw new Error(`one error was expected: ${JSON.stringify(errors)}`);
      return errors[0] as GraphQLError;
    },
  };
}

interface Ground {
  readonly database: Database;
  readonly drop: () => Promise<void>;
  readonly runner: IngestRunner | undefined;
}

async function startOn({ database, drop, runner }: Ground, overrides: Partial<Config>): Promise<TestServer> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'daily-papers-'));
  const app = await createApp({ ...CONFIG, dataFolder, ...overrides }, database, runner);
  const url = `${await app.listen()}/graphql`;
  const send = async (document: string, { token = null, variables }: RequestOptions = {}): Promise<Answer<any>> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: document, variables }),
    });
    const body = (await response.json()) as { data?: unknown; errors?: GraphQLError[] };
    return { status: response.status, data: body.data, errors: body.errors ?? [] };
  };
  let loaded: Promise<unknown> | null = null;
  return {
    app,
    database,
    services: app.services,
    url,
    send,
    ...askingBy(send),
    async countStatements(work) {
      // The recommender of a server that has just started reads its tables beside the first requests.
      await (loaded ??= app.services.taste.current());
      const statements: string[] = [];
      database.onStatement = (text) => {
        if (!comesByItself(text)) statements.push(text);
      };
      const result = await work();
      database.onStatement = null;
      return { result, statements };
    },
    async stop() {
      await app.close();
      await drop().catch(() => undefined);
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}
