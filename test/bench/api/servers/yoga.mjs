// GraphQL Yoga on node:http, as its documentation sets it up, with pg and DataLoader.
import { createServer } from 'node:http';
import { createSchema, createYoga } from 'graphql-yoga';
import { createReads } from './peerReads.mjs';
import { contextOf, resolvers, typeDefs } from './peerSchema.mjs';
import { announce, openPool } from './serving.mjs';

const reads = createReads(openPool());
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: ({ request }) => contextOf(reads, request.headers.get('authorization')),
  graphiql: false,
  landingPage: false,
  logging: 'error',
});
const server = createServer(yoga);
server.listen(0, '127.0.0.1', () => { announce(server); });
