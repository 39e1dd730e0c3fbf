// The addresses of servers/rawHttp.mjs, which answers in the shape of the GraphQL answers.
import { answerOf, headersOf } from './shared.mjs';

const PATHS = {
  'feed-page': () => ['feed'],
  'feed-page-anonymous': () => ['feed'],
};

export const rawDialect = {
  request: (call) => ({ method: 'GET', path: `/${PATHS[call.operation](call).map(encodeURIComponent).join('/')}`, headers: headersOf(call) }),
  contentOf: (call, body) => answerOf(call, body.data),
};
