import type { Database } from './database/database.js';
import type { Server } from './graphql/server.js';
import type { Services } from './services.js';
import type { Metrics } from './telemetry/metrics.js';
import { readVersion } from './version.js';

export interface Gauged {
  readonly database: Database;
  readonly services: Services;
  readonly server: Server;
}

/** What metrics tell of the state of each part, wired by hand as the parts are. Nothing is done where there are no metrics. */
export function addGauges(metrics: Metrics | null, { database, services, server }: Gauged): void {
  if (metrics === null) return;
  addProcess(metrics, database);
  addRecommender(metrics, services);
  metrics.addGauge('live_connections', 'WebSockets and event streams that are open.', () => server.liveConnections());
  metrics.addGauge('live_subscribers', 'Subscriptions that are open.', () => services.live.subscriberCount);
  metrics.addGauge('live_events_waiting', 'Events that subscribers have not been sent yet.', () => services.live.waitingCount);
  metrics.addGauge('graphql_operations_under_way', 'Operations that are executed, and that wait for a place.', () => [[{ state: 'executed' }, server.gate.underWay], [{ state: 'waiting' }, server.gate.waiting]]);
  metrics.addCounter('graphql_operations_shed_total', 'Operations that were refused for want of a place.', () => server.gate.shed);
  addJobs(metrics, services);
  metrics.addReading(() => services.flaggedVotes.count({ paperId: null, userId: null }), [
    ['votes_flagged_open', 'Flagged votes that no curator has judged yet.', (count) => count],
  ]);
}

function addProcess(metrics: Metrics, database: Database): void {
  const build = { version: readVersion(), node: process.versions.node, database: database.kind };
  metrics.addGauge('daily_papers_build_info', 'What runs: 1, its labels say it.', () => [[build, 1]]);
  metrics.addGauge('database_connections', 'Connections to the database, by what they do.', () => {
    const { open, idle } = database.connections();
    return [[{ state: 'busy' }, open - idle], [{ state: 'idle' }, idle]];
  });
  metrics.addGauge('database_connections_max', 'Connections to the database at most.', () => database.connections().most);
  metrics.addGauge('database_waiting', 'What waits for a connection to the database.', () => database.connections().waiting);
}

function addRecommender(metrics: Metrics, { taste, engine }: Services): void {
  metrics.addGauge('recommender_loaded', 'Whether the recommender has loaded what readers did: 1 or 0.', () => (taste.lastReadAt === null ? 0 : 1));
  metrics.addGauge('recommender_log_age_seconds', 'How long ago the recommender read the log of changes.', () => (taste.lastReadAt === null ? null : Math.max(0, Date.now() - taste.lastReadAt) / 1000));
  metrics.addGauge('recommender_threads', 'Threads that rank; 0 where the serving thread does.', () => engine.load().threads);
  metrics.addGauge('recommender_threads_busy', 'Threads that rank just now.', () => engine.load().busy);
  metrics.addGauge('recommender_jobs_waiting', 'Rankings and changes that wait for a thread, or for others before them.', () => engine.load().waiting);
  metrics.addReading(() => taste.lag(), [['recommender_lag_changes', 'Committed changes that the recommender has not heard of.', (lag) => lag]]);
  metrics.addReading(() => engine.run({ kind: 'sizes' }), [
    ['recommender_papers', 'Papers that the recommender knows.', ({ papers }) => papers],
    ['recommender_readers', 'Readers whose votes the recommender knows.', ({ readers }) => readers],
    ['recommender_upvotes', 'Upvotes that the recommender knows.', ({ upvotes }) => upvotes],
    ['recommender_memory_bytes', 'Memory of what the recommender knows.', ({ bytes }) => bytes],
  ]);
}

function addJobs(metrics: Metrics, { ingestQueue, ingestTurns, digestSender, digestTurns }: Services): void {
  metrics.addGauge('jobs_running', 'Jobs that this process does now.', () => [[{ kind: 'ingest' }, ingestQueue.count], [{ kind: 'digest' }, digestSender.count]]);
  metrics.addReading(() => ingestTurns.counts(), [
    ['ingest_runs', 'Imports that wait or are under way, on any server.', ({ waiting, running }) => [[{ state: 'waiting' }, waiting], [{ state: 'running' }, running]]],
  ]);
  metrics.addReading(() => digestTurns.counts(), [
    ['digest_mails', 'Mails of digests in the last 90 days but those that were sent, by state.', (counts) => counts.map(({ state, count }) => [{ state: state.toLowerCase() }, count])],
  ]);
}
