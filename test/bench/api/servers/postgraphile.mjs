// PostGraphile on the tables as they are, with what their names alone do not say: whether the viewer upvoted a paper, as a
// plan that Grafast joins into its statement, and the search as a function of the database.
import { createServer } from 'node:http';
import { context, lambda } from 'postgraphile/grafast';
import { grafserv } from 'postgraphile/grafserv/node';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { extendSchema } from 'postgraphile/utils';
import { createReads } from './peerReads.mjs';
import { announce, openPool } from './serving.mjs';

const SEARCH = `CREATE OR REPLACE FUNCTION search_papers(words text) RETURNS SETOF papers LANGUAGE sql STABLE AS $$
  SELECT * FROM papers WHERE id IN (SELECT paper_id FROM paper_search WHERE vector @@ websearch_to_tsquery('english', words)) ORDER BY listed_at DESC, id DESC $$`;

const pool = openPool();
const reads = createReads(pool);
await pool.query(SEARCH);

const viewerHasUpvoted = extendSchema((build) => ({
  typeDefs: 'extend type Paper { viewerHasUpvoted: Boolean! }',
  objects: {
    Paper: {
      plans: {
        viewerHasUpvoted($paper) {
          const $upvote = build.pgResources.upvotes.get({ user_id: context().get('viewerId'), paper_id: $paper.get('id') });
          return lambda($upvote.get('paper_id'), (paperId) => paperId != null, true);
        },
      },
    },
  },
}));

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  plugins: [viewerHasUpvoted],
  pgServices: [makePgService({ pool, schemas: ['public'] })],
  grafserv: { graphiql: false, watch: false },
  grafast: { context: async ({ node }) => ({ viewerId: await reads.findViewer(node.req.headers.authorization) }) },
});
const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(0, '127.0.0.1', () => { announce(server); });
