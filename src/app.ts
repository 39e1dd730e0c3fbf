import { sql, Database } from './database/database.js';
import { openEmbedded } from './database/embedded.js';
import { openPostgres } from './database/postgres.js';
import type { Config } from './config.js';
import type { DemoAccount } from './demo/demo.service.js';
import { createSchema } from './graphql/schema.js';
import { createServer, type Server } from './graphql/server.js';
import { createRoots } from './projections.js';
import { createResolvers } from './resolvers.js';
import type { Following } from './recommendations/tasteFollower.js';
import { hashOf } from './users/session.service.js';
import { createServices, type Services } from './services.js';

/** A server that can be started and stopped. */
export interface App {
  readonly database: Database;
  readonly services: Services;
  /** Where the server writes what went wrong. */
  readonly log: Server['log'];
  /** How to sign in to the demo; null where it is turned off. */
  readonly demoAccount: DemoAccount | null;
  /** Listens; gives the server's address. */
  listen(): Promise<string>;
  /** Finishes the requests under way, then closes the database. */
  close(): Promise<void>;
}

const PRUNE_EVERY_MS = 3_600_000;
const ADMIN_USERNAME = 'admin';

/** The database that the configuration names, brought up to date. */
export async function openDatabase(config: Config): Promise<Database> {
  const { databaseUrl, databasePoolSize, dataFolder } = config;
  return new Database(databaseUrl === null ? await openEmbedded(dataFolder) : await openPostgres(databaseUrl, databasePoolSize));
}

/** Builds the server on the configured database, or on one that is open already. */
export async function createApp(config: Config, opened?: Database): Promise<App> {
  const database = opened ?? (await openDatabase(config));
  try {
    const services = createServices(database, config);
    const demoAccount = await prepareAccounts(services, config);
    let following: Following | null = null;
    const server = await createServer({
      schema: createSchema(createResolvers(services)),
      logLevel: config.logLevel,
      compileAfter: config.compileAfter,
      shareMilliseconds: config.shareMilliseconds,
      roots: createRoots(database, services),
      onMutation: () => following?.announce(),
      findViewer: (token) => services.sessions.findViewer(token),
      hashOf,
      checkReady: async () => {
        await database.rows(sql`SELECT 1 AS one`);
      },
    });
    const prune = (): Promise<void> => services.changeLog.prune(config.historyDays);
    await prune();
    const pruning = setInterval(() => {
      prune().catch((error: unknown) => {
        server.log.warn({ err: error }, 'the change log was not pruned');
      });
    }, PRUNE_EVERY_MS).unref();
    following = await services.taste.follow({
      onChange: () => { server.forgetAnswers(); },
      onError: (error) => { server.log.warn({ err: error }, 'the recommender could not follow the database'); },
    });
    return {
      database,
      services,
      log: server.log,
      demoAccount,
      listen: () => server.listen({ port: config.port, host: config.host }),
      close: async () => {
        clearInterval(pruning);
        await server.close();
        // Together: a start of minutes need not be waited for.
        await Promise.all([following.stop(), services.engine.close()]);
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function prepareAccounts(services: Services, config: Config): Promise<DemoAccount | null> {
  if (config.adminPassword !== null) {
    await services.users.ensureAccount({ username: ADMIN_USERNAME, password: config.adminPassword }, 'ADMIN');
  }
  if (!config.demo) return null;
  await services.demo.load();
  return services.demo.prepareAccount({ dataFolder: config.dataFolder, password: config.demoPassword });
}
