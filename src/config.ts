import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { DatabaseLimits } from './database/limits.js';
import { proxyList, type TrustedProxies } from './graphql/clientAddress.js';
import type { Origins } from './graphql/origins.js';
import { readSourceSettings, type IngestSettings } from './ingestSettings.js';
import { isTimeZone } from './inputRules.js';
import { readOidcSettings, type OidcSettings } from './oidcSettings.js';
import { TELEMETRY_VARIABLES, telemetryConfig, type TelemetryConfig } from './telemetrySettings.js';
import { readTrustedDocuments, type TrustedDocuments } from './trustedManifest.js';
import { SIGN_IN_LIMITS, type SignInLimits } from './users/signInLimits.js';

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .describe('true or false');

const password = z.string().min(8, 'must have at least 8 characters').max(256, 'must have at most 256 characters');

const schema = z.object({
  PORT: z.coerce.number().int().min(0).max(65535).default(4000),
  HOST: z.string().default('localhost'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .optional(),
  CORS_ORIGINS: z.string().transform(origins).default([]),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgresql://')
    .optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(500).default(10),
  STATEMENT_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(15_000),
  LOCK_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(5_000),
  POOL_TIMEOUT_MS: z.coerce.number().int().min(100).max(600_000).default(5_000),
  REQUEST_TIMEOUT_MS: z.coerce.number().int().min(100).max(3_600_000).default(30_000),
  DATA_DIR: z.string().min(1).default('.data'),
  DEMO: flag.default(true),
  DEMO_PASSWORD: password.optional(),
  ADMIN_PASSWORD: password.optional(),
  RECOMMENDER_THREADS: z.coerce.number().int().min(0).max(64).optional(),
  HISTORY_DAYS: z.coerce.number().int().min(1).max(3650).default(30),
  COMPILE_AFTER: z.coerce.number().int().min(0).default(2),
  SHARE_ANSWERS_MS: z.coerce.number().int().min(0).max(60_000).default(1000),
  MAX_COST: z.coerce.number().int().min(1).max(100_000_000).default(50_000),
  COST_BUDGET_ANONYMOUS: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
  COST_BUDGET_USER: z.coerce.number().int().min(0).max(1_000_000_000).default(0),
  MAX_DEPTH: z.coerce.number().int().min(1).default(15),
  MAX_ALIASES: z.coerce.number().int().min(0).default(100),
  MAX_ROOT_FIELDS: z.coerce.number().int().min(1).default(100),
  MAX_DIRECTIVES: z.coerce.number().int().min(0).default(20),
  INTROSPECTION: flag.optional(),
  NODE_ENV: z.string().optional(),
  TRUST_PROXY: z.string().transform(trustedProxies).default(0),
  TRUSTED_DOCUMENTS: z.string().transform(trustedDocuments).optional(),
  MAX_CONCURRENT_REQUESTS: z.coerce.number().int().min(0).max(100_000).default(200),
  REQUEST_SECONDS: z.coerce.number().int().min(1).max(3600).default(30),
  SHUTDOWN_SECONDS: z.coerce.number().int().min(0).max(3600).default(20),
  LIVE_CONNECTIONS: z.coerce.number().int().min(0).max(100_000).default(1000),
  TIME_ZONE: z.string().refine(isTimeZone, 'must be an IANA time zone such as UTC or Europe/Berlin').default('UTC'),
  SESSION_DAYS: z.coerce.number().positive().max(3650).default(30),
  SIGN_IN_FAILURES: z.coerce.number().int().min(0).max(1000).default(SIGN_IN_LIMITS.perPlace),
  SIGN_IN_FAILURES_PER_ACCOUNT: z.coerce.number().int().min(0).max(100_000).default(SIGN_IN_LIMITS.perAccount),
  SIGN_IN_FAILURES_PER_ADDRESS: z.coerce.number().int().min(0).max(100_000).default(SIGN_IN_LIMITS.perAddress),
  SIGN_UPS_PER_HOUR: z.coerce.number().int().min(0).max(1_000_000).default(SIGN_IN_LIMITS.signUpsPerHour),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\//, 'must start with smtp:// or smtps://')
    .refine((url) => URL.canParse(url), 'must be an address such as smtp://user:password@host:587')
    .optional(),
  MAIL_FROM: z
    .string()
    .max(200, 'must have at most 200 characters')
    .regex(/^([^<>\r\n]* <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/, 'must be an address, or a name and <an address>')
    .optional(),
  ...TELEMETRY_VARIABLES,
  INGEST_CONTACT: z.string().max(200, 'must have at most 200 characters').optional(),
  SUBMISSION_LOOKUP: flag.default(true),
  IDEMPOTENCY_HOURS: z.coerce.number().int().min(1).max(720).default(24),
  COMMENT_EDIT_MINUTES: z.coerce.number().min(0).max(525_600).default(15),
  COMMENTS_PER_TEN_MINUTES: z.coerce.number().int().min(1).max(1000).default(20),
  UPVOTES_PER_MINUTE: z.coerce.number().int().min(1).max(100_000).default(30),
  UPVOTES_PER_DAY: z.coerce.number().int().min(1).max(1_000_000).default(1000),
  BURST_VOTES: z.coerce
    .number()
    .int()
    .min(0)
    .max(100_000)
    .refine((votes) => votes !== 1, 'must be 0 for never, or at least 2')
    .default(10),
  BURST_MINUTES: z.coerce.number().int().min(1).max(1440).default(10),
  NEW_ACCOUNT_HOURS: z.coerce.number().int().min(1).max(8760).default(48),
});

/** Everything that can be configured; see the table in README. */
export interface Config {
  /** TCP port; 0 lets the system choose one. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** The server's address as readers reach it, without a slash at its end: links in mails and feeds begin with it. */
  readonly publicUrl: string;
  /** The origins whose pages may ask, beside the server's own. */
  readonly origins: Origins;
  /** PostgreSQL's address; null runs the embedded database in `dataFolder`. */
  readonly databaseUrl: string | null;
  /** Connections to PostgreSQL at most. */
  readonly databasePoolSize: number;
  /** How long the database may take; a transaction as long as a request. */
  readonly databaseLimits: DatabaseLimits;
  /** How long an operation may take, in milliseconds. */
  readonly requestMs: number;
  /** Folder of the embedded database and of what is made for this installation, such as the demo's password. */
  readonly dataFolder: string;
  /** Whether to load the demo papers into an empty database. */
  readonly demo: boolean;
  /** Password of the demo reader; null makes one at first start. */
  readonly demoPassword: string | null;
  /** When set, an account `admin` with the role ADMIN and this password exists. */
  readonly adminPassword: string | null;
  /** How long a token is valid after sign-in. */
  readonly sessionDays: number;
  /** Whose tokens are taken beside those of this server; null for nobody's. */
  readonly oidc: OidcSettings | null;
  /** How many wrong passwords may be tried, and how many accounts made. */
  readonly signIn: SignInLimits;
  /** Whose days the feed goes by: an IANA time zone. */
  readonly timeZone: string;
  /** Threads that rank; 0 ranks in the thread that serves. */
  readonly recommenderThreads: number;
  /** How far back `recommendations(asOf:)` reaches. */
  readonly historyDays: number;
  /** How often an operation is interpreted before it is compiled. */
  readonly compileAfter: number;
  /** How long what anonymous readers ask alike is answered alike; 0 for not at all. */
  readonly shareMilliseconds: number;
  /** How many WebSockets and event streams may be open at a time. */
  readonly liveConnections: number;
  /** How many operations may be under way at a time; four times as many wait. 0 for any. */
  readonly concurrentRequests: number;
  /** How long a client may take to send a request. */
  readonly requestSeconds: number;
  /** How long requests that are under way when the server is stopped may take to end. */
  readonly shutdownSeconds: number;
  /** What operations may cost, each and in a minute. */
  readonly costs: { readonly maxCost: number; readonly anonymousBudget: number; readonly userBudget: number };
  /** How large documents may be. */
  readonly limits: { readonly maxDepth: number; readonly maxAliases: number; readonly maxRootFields: number; readonly maxDirectives: number };
  /** Whether clients may read the schema. */
  readonly introspection: boolean;
  /** Which proxies are believed where a request came from. */
  readonly trustedProxies: TrustedProxies;
  /** The documents that alone run, by their ids; null runs any. */
  readonly trustedDocuments: TrustedDocuments | null;
  readonly logLevel: string;
  readonly telemetry: TelemetryConfig;
  /** Whether what a submitted paper leaves out is looked up at its source. */
  readonly submissionLookup: boolean;
  /** How long idempotency keys are kept. */
  readonly idempotencyHours: number;
  /** How long a comment can be edited, and how many a reader may write in ten minutes. */
  readonly comments: { readonly editMinutes: number; readonly mostInWindow: number };
  /** How many upvotes a reader may give, and how many by new accounts within how many minutes are flagged: 0 for none. */
  readonly votes: {
    readonly limits: { readonly perMinute: number; readonly perDay: number };
    readonly bursts: { readonly votes: number; readonly minutes: number; readonly newAccountHours: number };
  };
  readonly mail: MailSettings;
  readonly ingest: IngestSettings;
}

export interface MailSettings {
  /** The SMTP server's address, with its password; null writes mails into the folder `mail` of `dataFolder`. */
  readonly smtpUrl: string | null;
  /** Whom mails are from: an address, or a name and <an address>. */
  readonly from: string;
}

/** The configuration did not pass; the message has one line a variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Reads the environment; an empty variable counts as not set. Throws ConfigError. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = schema.safeParse(set);
  const { sources, faults: sourceFaults } = readSourceSettings(set);
  const { oidc, faults: oidcFaults } = readOidcSettings(set);
  const faults = [...sourceFaults, ...oidcFaults];
  if (!result.success || faults.length > 0) {
    const lines = result.error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];
    throw new ConfigError(`the configuration is not valid\n  ${[...lines, ...faults].join('\n  ')}`);
  }
  const values = result.data;
  if (values.METRICS_PORT === values.PORT && values.PORT !== 0) throw new ConfigError('the configuration is not valid\n  METRICS_PORT: must be another port than PORT');
  if (values.SMTP_URL !== undefined && values.MAIL_FROM === undefined) throw new ConfigError('the configuration is not valid\n  MAIL_FROM: must be set where SMTP_URL is');
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    publicUrl: (values.PUBLIC_URL ?? addressOf(values.HOST, values.PORT)).replace(/\/+$/, ''),
    origins: values.CORS_ORIGINS,
    databaseUrl: values.DATABASE_URL ?? null,
    databasePoolSize: values.DATABASE_POOL_SIZE,
    databaseLimits: { statementMs: values.STATEMENT_TIMEOUT_MS, lockMs: values.LOCK_TIMEOUT_MS, poolMs: values.POOL_TIMEOUT_MS, transactionMs: values.REQUEST_TIMEOUT_MS },
    requestMs: values.REQUEST_TIMEOUT_MS,
    dataFolder: values.DATA_DIR,
    demo: values.DEMO,
    demoPassword: values.DEMO_PASSWORD ?? null,
    adminPassword: values.ADMIN_PASSWORD ?? null,
    sessionDays: values.SESSION_DAYS,
    oidc,
    signIn: {
      perPlace: values.SIGN_IN_FAILURES,
      perAccount: values.SIGN_IN_FAILURES_PER_ACCOUNT,
      perAddress: values.SIGN_IN_FAILURES_PER_ADDRESS,
      signUpsPerHour: values.SIGN_UPS_PER_HOUR,
    },
    timeZone: values.TIME_ZONE,
    recommenderThreads: values.RECOMMENDER_THREADS ?? defaultThreads(),
    historyDays: values.HISTORY_DAYS,
    compileAfter: values.COMPILE_AFTER,
    shareMilliseconds: values.SHARE_ANSWERS_MS,
    liveConnections: values.LIVE_CONNECTIONS,
    concurrentRequests: values.MAX_CONCURRENT_REQUESTS,
    requestSeconds: values.REQUEST_SECONDS,
    shutdownSeconds: values.SHUTDOWN_SECONDS,
    costs: { maxCost: values.MAX_COST, anonymousBudget: values.COST_BUDGET_ANONYMOUS, userBudget: values.COST_BUDGET_USER },
    limits: { maxDepth: values.MAX_DEPTH, maxAliases: values.MAX_ALIASES, maxRootFields: values.MAX_ROOT_FIELDS, maxDirectives: values.MAX_DIRECTIVES },
    introspection: values.INTROSPECTION ?? values.NODE_ENV !== 'production',
    trustedProxies: values.TRUST_PROXY,
    trustedDocuments: values.TRUSTED_DOCUMENTS ?? null,
    logLevel: values.LOG_LEVEL,
    telemetry: telemetryConfig(values),
    submissionLookup: values.SUBMISSION_LOOKUP,
    idempotencyHours: values.IDEMPOTENCY_HOURS,
    comments: { editMinutes: values.COMMENT_EDIT_MINUTES, mostInWindow: values.COMMENTS_PER_TEN_MINUTES },
    votes: {
      limits: { perMinute: values.UPVOTES_PER_MINUTE, perDay: values.UPVOTES_PER_DAY },
      bursts: { votes: values.BURST_VOTES, minutes: values.BURST_MINUTES, newAccountHours: values.NEW_ACCOUNT_HOURS },
    },
    mail: { smtpUrl: values.SMTP_URL ?? null, from: values.MAIL_FROM ?? 'Daily Papers <daily-papers@localhost.localdomain>' },
    ingest: { sources, contact: values.INGEST_CONTACT ?? null },
  });
}

function addressOf(host: string, port: number): string {
  // Who listens on all addresses is reached by none of these names.
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** `*`, or origins as browsers write them. */
function origins(text: string, context: z.RefinementCtx): Origins {
  if (text.trim() === '*') return '*';
  const listed = text.split(',').map((origin) => origin.trim()).filter((origin) => origin !== '');
  const wrong = listed.filter((origin) => !/^https?:\/\/[\w.:[\]-]+$/.test(origin) || !URL.canParse(origin) || new URL(origin).origin !== origin);
  if (wrong.length === 0) return listed;
  context.addIssue(`must be * or origins such as https://app.example, without a path, received ${wrong.map((origin) => JSON.stringify(origin.replace(/\/\/.*@/, '//(not shown)@'))).join(', ')}`);
  return z.NEVER;
}

/** A number of proxies, or their addresses and networks. */
function trustedProxies(text: string, context: z.RefinementCtx): TrustedProxies {
  if (/^\d{1,2}$/.test(text)) return Number(text);
  const networks = text.split(',').map((network) => network.trim());
  try {
    proxyList(networks);
    return networks;
  } catch {
    context.addIssue('must be a number of proxies, or addresses and networks such as 127.0.0.1,10.0.0.0/8');
    return z.NEVER;
  }
}

function trustedDocuments(path: string, context: z.RefinementCtx): TrustedDocuments {
  try {
    return readTrustedDocuments(path);
  } catch (error) {
    context.addIssue(error instanceof Error ? error.message : String(error));
    return z.NEVER;
  }
}

/** One thread is left to serve; beyond four, the database is what waits. */
function defaultThreads(): number {
  return Math.max(1, Math.min(4, availableParallelism() - 1));
}
