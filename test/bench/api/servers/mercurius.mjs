// Mercurius on Fastify with compiled queries from the first request on, with pg and DataLoader.
import fastify from 'fastify';
import mercurius from 'mercurius';
import { createReads } from './peerReads.mjs';
import { contextOf, resolvers, typeDefs } from './peerSchema.mjs';
import { announce, openPool } from './serving.mjs';

const reads = createReads(openPool());
const app = fastify();
app.register(mercurius, { schema: typeDefs, resolvers, jit: 1, context: (request) => contextOf(reads, request.headers.authorization) });
await app.listen({ port: 0, host: '127.0.0.1' });
announce(app.server);
