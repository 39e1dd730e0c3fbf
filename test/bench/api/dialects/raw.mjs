// The addresses of servers/rawHttp.mjs, which answers in the shape of the GraphQL answers.
import { headersOf, plain } from './shared.mjs';

// A statement of servers/rawStatements.mjs and its values.
const PATHS = {
  'feed-page': () => ['feed'],
  'feed-page-anonymous': () => ['feed'],
  paper: ({ paperId }) => ['paper', paperId],
  'deep-page': ({ after }) => (after === null ? ['feed'] : ['feedAfter', ...after.split('_')]),
  search: ({ text }) => ['search', text],
  upvote: ({ paperId }) => ['upvote', paperId],
};

export const rawDialect = {
  request: (call) => ({ method: call.operation === 'upvote' ? 'POST' : 'GET', path: `/${PATHS[call.operation](call).map(encodeURIComponent).join('/')}`, headers: headersOf(call) }),
  contentOf: (call, { data }) => plain(data),
  cursorOf: ({ data }) => data.papers.pageInfo.endCursor,
};
