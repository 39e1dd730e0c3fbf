// A process of its own that starts from a database as the server does, then recommends: what it measures goes to its
// parent. Arguments: the database's address, the number of threads, and the readers as JSON.
import { Database } from '../../../dist/database/database.js';
import { openPostgres } from '../../../dist/database/postgres.js';
import { ChangeLog } from '../../../dist/recommendations/changeLog.js';
import { createEngine } from '../../../dist/recommendations/engine.js';
import { TasteFollower } from '../../../dist/recommendations/tasteFollower.js';
import { watchEventLoop, watchRecommendations } from './eventLoop.mjs';

const POOL_SIZE = 10;

const [url, threads, readerIds] = [process.argv[2], Number(process.argv[3]), JSON.parse(process.argv[4])];
const database = new Database(await openPostgres(url, POOL_SIZE));
const engine = createEngine(threads);
const follower = new TasteFollower(database, { log: new ChangeLog(database), engine });

const start = await watchEventLoop(async () => {
  const from = performance.now();
  await follower.current();
  return (performance.now() - from) / 1000;
});
const rss = process.memoryUsage.rss();
// The first requests compile what they run.
await watchRecommendations(engine, readerIds.slice(0, 20));
const recommendations = await watchRecommendations(engine, readerIds);
const state = await engine.run({ kind: 'state' });
process.send({ threads, seconds: start.result, startDelay: start.delay, rss, recommendations, state });
await engine.close();
await database.close();
process.disconnect();
