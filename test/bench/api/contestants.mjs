// Who is measured: how each is started, and in which dialect it is asked.
import { fileURLToPath } from 'node:url';
import { graphqlDialect } from './dialects/graphql.mjs';
import { rawDialect } from './dialects/raw.mjs';

export const OURS = 'daily-papers';
export const BOUND = 'raw-http';

const fileOf = (path) => fileURLToPath(new URL(path, import.meta.url));
const byRow = graphqlDialect({ idOf: String });
const byGlobalId = graphqlDialect({ idOf: (row) => Buffer.from(`Paper:${row}`).toString('base64url') });

/** The first is what the others are compared with, the second is the bound, whose answers all must give. */
export const CONTESTANTS = [
  { name: OURS, file: fileOf('../../../dist/main.js'), dialect: byGlobalId, environment: { PORT: '0', HOST: '127.0.0.1', DEMO: 'false', LOG_LEVEL: 'error' } },
  { name: BOUND, file: fileOf('./servers/rawHttp.mjs'), dialect: rawDialect },
  { name: 'plain-stack', file: fileOf('./servers/plainStack.mjs'), dialect: byRow },
];
