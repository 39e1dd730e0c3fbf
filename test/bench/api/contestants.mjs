// Who is measured: how each is started, and in which dialect it is asked.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { graphqlDialect } from './dialects/graphql.mjs';
import { postgraphileDialect } from './dialects/postgraphile.mjs';
import { rawDialect } from './dialects/raw.mjs';
import { BOUND, OURS } from './names.mjs';

/** Connections to the database of each server: the default of the one that is measured. */
export const POOL_SIZE = 10;

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const byRow = graphqlDialect({ idOf: String });
const byGlobalId = graphqlDialect({ idOf: (row) => Buffer.from(`Paper:${row}`).toString('base64url') });

const POSTGRAPHILE_NEEDS_NODE = 22;
/** This Node where it is new enough, or the one that is installed with the peers; null where there is none. */
function nodeForPostgraphile() {
  if (Number(process.versions.node.split('.')[0]) >= POSTGRAPHILE_NEEDS_NODE) return process.execPath;
  const installed = fileOf(`./node_modules/node-${process.platform}-${process.arch}/bin/node`);
  return existsSync(installed) ? installed : null;
}

// A few readers vote for all.
const UNLIMITED = { UPVOTES_PER_MINUTE: '100000', UPVOTES_PER_DAY: '1000000' };

/** Ours is what the others are compared with; the bound says what all must answer. `node`: null where none runs it. */
export const CONTESTANTS = [
  { name: OURS, file: fileOf('../../../dist/main.js'), dialect: byGlobalId, environment: { PORT: '0', HOST: '127.0.0.1', DEMO: 'false', LOG_LEVEL: 'error', ...UNLIMITED } },
  { name: BOUND, file: fileOf('./servers/rawHttp.mjs'), dialect: rawDialect },
  { name: 'plain-stack', file: fileOf('./servers/plain/server.mjs'), dialect: byRow },
  { name: 'yoga', file: fileOf('./servers/yoga.mjs'), dialect: byRow },
  { name: 'mercurius', file: fileOf('./servers/mercurius.mjs'), dialect: byRow },
  { name: 'postgraphile', file: fileOf('./servers/postgraphile.mjs'), dialect: postgraphileDialect, nodeOf: nodeForPostgraphile, needs: `Node ${POSTGRAPHILE_NEEDS_NODE} or later` },
];
