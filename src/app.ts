import { RULES } from './authorization.js';
import { exportRoutes } from './accounts/export.routes.js';
import { join } from 'node:path';
import { Database } from './database/database.js';
import { takeFolder, type DataFolder } from './database/dataFolder.js';
import { FailureLog } from './database/failureLog.js';
import { openEmbedded } from './database/embedded.js';
import type { Config } from './config.js';
import { digestPages } from './digests/digestPages.js';
import { UnavailableError } from './errors.js';
import type { DemoAccount } from './demo/demo.service.js';
import type { GraphQLSchema } from 'graphql';
import { createSchema } from './graphql/schema.js';
import { schemaWords } from './graphql/schemaWords.js';
import { createServer, type Routes, type Server } from './graphql/server.js';
import { MAIL_FOLDER } from './mail/createMailer.js';
import { createRoots } from './projections.js';
import { createResolvers } from './resolvers.js';
import type { Following } from './recommendations/tasteFollower.js';
import { hashOf } from './users/session.service.js';
import type { Schedule } from './ingest/ingestSchedule.js';
import { KEPT_DAYS } from './notifications/notification.type.js';
import type { IngestRunner } from './ingest/runner.js';
import { addGauges } from './gauges.js';
import { createServices, type Services } from './services.js';
import { feedRoutes } from './syndication/feed.routes.js';
import { listenForScrapes, scrapeRoute, type MetricsListener } from './telemetry/metricsDoor.js';
import { createMetrics } from './telemetry/metrics.js';
import { Telemetry } from './telemetry/telemetry.js';
import { readVersion } from './version.js';

/** A server that can be started and stopped. */
export interface App {
  readonly database: Database;
  readonly services: Services;
  /** Where the server writes what went wrong. */
  readonly log: Server['log'];
  /** How many operations are under way. */
  readonly gate: Server['gate'];
  /** How to sign in to the demo; null where it is turned off. */
  readonly demoAccount: DemoAccount | null;
  /** Where metrics are scraped, once the server listens; null where they have no port of their own. */
  readonly metricsAddress: () => string | null;
  /** Listens; gives the server's address. */
  listen(): Promise<string>;
  /** Finishes the requests under way, for as long as they may take, then closes the database. */
  close(): Promise<void>;
}

const PRUNE_EVERY_MS = 3_600_000;
/** How late a digest may be: they come at full hours, all of an hour one after the other. */
const DIGESTS_EVERY_MS = 60_000;
/** How long a run of an import is shown after its end, with what it rejected. */
const RUNS_KEPT_DAYS = 90;
/** How long subscribers may be told of an event: servers read it within a second. */
const EVENTS_KEPT_MINUTES = 60;
/** Names of operations that metrics tell apart, where a manifest has them. */
const MOST_TRUSTED_NAMES = 500;
const ADMIN_USERNAME = 'admin';

/** The database that the configuration names, brought up to date. */
export async function openDatabase(config: Config): Promise<Database> {
  const database = await startDatabase(config);
  await database.opened();
  return database;
}

/** The same, which may still be opening; `folder` is the embedded database's where it has been taken before. */
export async function startDatabase({ databaseUrl, databasePoolSize, databaseLimits, dataFolder }: Config, folder?: DataFolder): Promise<Database> {
  if (databaseUrl === null) return new Database(openEmbedded(folder ?? (await takeFolder(dataFolder)), databaseLimits));
  // Its driver takes 30 ms to load, which a start on the embedded database is spared.
  const { openPostgres } = await import('./database/postgres.js');
  return new Database(await openPostgres(databaseUrl, databasePoolSize, databaseLimits));
}

/** Builds the server on the configured database, or on one that is open already or opening; tests bring their own imports. */
export async function createApp(config: Config, started?: Database, ingestRunner?: IngestRunner): Promise<App> {
  const database = started ?? (await startDatabase(config));
  try {
    const telemetry = await startTelemetry(config);
    database.observer = telemetry;
    const services = createServices(database, config, ingestRunner);
    let following: Following | null = null;
    // While the database opens and hashes of passwords are checked, all on other threads, this one builds the schema.
    const [demoAccount, server, schedules] = await Promise.all([
      prepareAccounts(services, config),
      createServer({
        schema: buildSchema(services),
        logLevel: config.logLevel,
        publicUrl: config.publicUrl,
        origins: config.origins,
        compileAfter: config.compileAfter,
        shareMilliseconds: config.shareMilliseconds,
        mostConnections: config.liveConnections,
        mostConcurrent: config.concurrentRequests,
        requestSeconds: config.requestSeconds,
        shutdownSeconds: config.shutdownSeconds,
        ...config.costs,
        limits: config.limits,
        introspection: config.introspection,
        trustedProxies: config.trustedProxies,
        trustedDocuments: config.trustedDocuments,
        roots: createRoots(database, services),
        onMutation: () => following?.announce(),
        findViewer: (token) => services.externalSessions.findViewer(token),
        hashOf,
        onToken: (tokenHash) => { services.sessionUses.note(tokenHash); },
        requestMs: config.requestMs,
        outage: () => database.outage(),
        judge: (error) => database.judge(error),
        telemetry,
        routes: [feedRoutes(services.syndication), digestPages(services.digests), exportRoutes(services.dataExports)],
        // Most of all while it is full.
        openRoutes: scrapeRoutes(telemetry, config),
        checkReady: readiness(services, database),
      }),
      services.ingestDesk.schedules(),
      services.changeLog.prune(config.historyDays),
      services.feeds.keepTimeZone(),
      services.burstRule.keep(),
    ]);
    watchDatabase(database, server);
    services.engine.onEnded = (kind, askedAt) => { telemetry.jobEnded(kind, askedAt); };
    services.visits.onFailure = warning(server, 'a visit to the feed was not noted');
    if (services.providerTokens !== null) {
      services.providerTokens.keys.onFailure = warning(server, 'the provider of tokens could not be asked for its keys');
      services.providerTokens.onRefusal = (reason) => { server.log.debug({ reason }, 'a bearer token in the form of a JWT was refused'); };
    }
    services.sessionUses.onFailure = warning(server, 'the use of a session was not noted');
    services.idempotencyKeys.onFailure = warning(server, 'what became of an idempotency key was not noted');
    services.live.onFailure = warning(server, 'subscribers could not be told what is new');
    addGauges(telemetry.metrics, { database, services, server });
    const scrapes = scrapeListener(telemetry, config);
    const pruning = pruneRegularly(services, config, server);
    following = await services.taste.follow({
      onChange: () => {
        server.forgetAnswers();
        services.live.wake();
      },
      onError: warning(server, 'the recommender could not follow the database'),
    });
    return {
      database,
      services,
      log: server.log,
      gate: server.gate,
      demoAccount,
      metricsAddress: () => scrapes.address(),
      listen: async () => {
        await scrapes.open();
        const address = await server.listen({ port: config.port, host: config.host });
        startImports(services, schedules.values(), server);
        startDigests(services, config, server);
        return address;
      },
      close: async () => {
        clearInterval(pruning);
        // An import ends with the batch that it writes, and is gone on with at the next start.
        await Promise.all([server.close(), services.ingestScheduler.stop(), services.ingestQueue.stop(), services.digestSender.stop()]);
        services.idempotencyKeys.stop();
        // Together: a start of minutes need not be waited for.
        await Promise.all([following.stop(), services.live.stop(), services.engine.close(), services.visits.settled(), services.sessionUses.settled()]);
        await Promise.all([database.close(), scrapes.close(), telemetry.close()]);
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function buildSchema(services: Services): GraphQLSchema {
  const schema = createSchema(createResolvers(services), RULES, services.idempotencyKeys);
  services.idempotencyKeys.schemaWords = schemaWords(schema);
  return schema;
}

/** While the database answers nobody, whoever asks is told at once; how often it failed, and how, is logged here alone. */
function watchDatabase(database: Database, { log }: Server): void {
  const failures = new FailureLog((kind, error, count) => { log.warn({ err: error, kind, count }, 'the database failed'); });
  database.onFailure = (kind, error) => { failures.note(kind, error); };
  database.watch((outage, cause) => {
    if (outage === null) log.info('the database answers again');
    else log.error({ err: cause, kind: outage }, 'the database answers nobody: requests are refused until it does');
  });
}

/** Logs what went wrong beside the requests, but for failures of the database, which are logged already. */
function warning({ log }: Server, message: string): (error: unknown) => void {
  return (error) => { if (!(error instanceof UnavailableError)) log.warn({ err: error }, message); };
}

async function startTelemetry({ telemetry: { metrics, tracing, ...settings }, trustedDocuments }: Config): Promise<Telemetry> {
  // Where only trusted documents run, each of their names is one of an application.
  const names = trustedDocuments === null ? {} : { mostNames: MOST_TRUSTED_NAMES, usesBefore: 0 };
  const telemetry: Telemetry = new Telemetry(settings, {
    metrics: metrics === null ? null : await createMetrics(names),
    // Its libraries take as long to load as a quarter of all others.
    tracing: tracing === null ? null : (await import('./telemetry/openTelemetry.js')).createTracing({
      ...tracing,
      version: readVersion(),
      onFailure: (message) => { telemetry.log?.warn({ reason: message }, 'spans could not be sent'); },
    }),
  });
  return telemetry;
}

function scrapeRoutes({ metrics }: Telemetry, { telemetry }: Config): Routes[] {
  if (metrics === null || telemetry.metrics?.port !== null) return [];
  return [scrapeRoute(metrics, telemetry.metrics.token)];
}

/** The port of the metrics, where they have one. */
function scrapeListener({ metrics }: Telemetry, { telemetry, host }: Config): { open(): Promise<void>; address(): string | null; close(): Promise<void> } {
  let listener: MetricsListener | null = null;
  return {
    open: async () => {
      const port = telemetry.metrics?.port ?? null;
      if (metrics !== null && port !== null) listener = await listenForScrapes(metrics, { host, port, token: telemetry.metrics?.token ?? null });
    },
    address: () => listener?.address ?? null,
    close: async () => listener?.close(),
  };
}

function pruneRegularly({ changeLog, ingest, notifications, liveLog, digests, externalIdentities, idempotencyKeys, sessions, signInLimits }: Services, { historyDays }: Config, server: Server): NodeJS.Timeout {
  const prune = (): void => {
    changeLog.prune(historyDays).catch(warning(server, 'the change log was not pruned'));
    ingest.rows.prune(RUNS_KEPT_DAYS).catch(warning(server, 'old runs of imports were not pruned'));
    Promise.all([notifications.prune(KEPT_DAYS), liveLog.prune(EVENTS_KEPT_MINUTES)]).catch(warning(server, 'old notifications and events were not pruned'));
    digests.prune().catch(warning(server, 'old mails of digests were not pruned'));
    externalIdentities.prune().catch(warning(server, 'refused tokens that have expired were not pruned'));
    idempotencyKeys.prune().catch(warning(server, 'old idempotency keys were not pruned'));
    Promise.all([signInLimits.prune(), sessions.prune()]).catch(warning(server, 'old sessions and attempts to sign in were not pruned'));
  };
  return setInterval(prune, PRUNE_EVERY_MS).unref();
}

function startImports({ ingestQueue, ingestScheduler }: Services, schedules: Iterable<Schedule>, { log }: Server): void {
  ingestQueue.start({ log });
  ingestScheduler.start(schedules, { log, onRun: () => { ingestQueue.wake(); } });
}

function startDigests({ digestSender, mailer }: Services, { mail, dataFolder }: Config, { log }: Server): void {
  if (mail.smtpUrl === null) log.info({ folder: join(dataFolder, MAIL_FOLDER) }, 'SMTP_URL is not set: mails are written into a folder');
  mailer.onWritten = (file) => { log.debug({ file }, 'a mail was written'); };
  digestSender.start({ log, pollMs: DIGESTS_EVERY_MS });
}

/** Ready is who has loaded what the recommender knows, which goes on while the first requests are answered. */
function readiness({ taste }: Services, database: Database): () => Promise<void> {
  let isLoaded = false;
  return async () => {
    if (!isLoaded) await taste.current();
    isLoaded = true;
    await database.ping();
  };
}

async function prepareAccounts(services: Services, config: Config): Promise<DemoAccount | null> {
  if (config.adminPassword !== null) {
    await services.users.ensureAccount({ username: ADMIN_USERNAME, password: config.adminPassword }, 'ADMIN');
  }
  if (!config.demo) return null;
  await services.demo.load();
  return services.demo.prepareAccount({ dataFolder: config.dataFolder, password: config.demoPassword });
}
