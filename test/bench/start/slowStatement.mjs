// A server whose database is on a thread or in its own, which runs a slow statement when it is told to. Arguments: where
// the database is, and the folder.
import 'reflect-metadata';
import { once } from 'node:events';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createApp } from '../../../dist/app.js';
import { readConfig } from '../../../dist/config.js';
import { Database, sql } from '../../../dist/database/database.js';
import { takeFolder } from '../../../dist/database/dataFolder.js';
import { embeddedDriver, openEmbedded } from '../../../dist/database/embedded.js';
import { EXTENSIONS } from '../../../dist/database/pgliteExtensions.js';
import { watchEventLoop } from '../recommender/eventLoop.mjs';

const [where, folder] = process.argv.slice(2);
const driver = where === 'thread' ? openEmbedded(await takeFolder(folder)) : await embeddedDriver(await PGlite.create(join(folder, 'pgdata'), { extensions: EXTENSIONS }), 'in this thread');
const database = new Database(driver);
const config = readConfig({ PORT: '0', HOST: '127.0.0.1', DATA_DIR: folder, LOG_LEVEL: 'error', DEMO: 'false' });
const app = await createApp(config, database);
const origin = await app.listen();
await app.services.taste.current();
// The first request compiles what it runs.
await (await fetch(`${origin}/healthz`)).text();
const slow = () => database.rows(sql`SELECT count(*)::int4 FROM generate_series(1, 3000000)`);
await slow();

process.send({ origin });
await once(process, 'message');
const { result, delay } = await watchEventLoop(async () => {
  const from = performance.now();
  await slow();
  return performance.now() - from;
});
process.send({ statement: result, delay });
await once(process, 'message');
await app.close();
process.disconnect();
