// The schema of the server that is measured; its peers serve the part of it that is asked for here.
import { answerOf, headersOf } from './shared.mjs';

const PAGE = 'pageInfo { hasNextPage endCursor }';
const CARD = `id title upvoteCount listedAt viewerHasUpvoted
  authors(first: 5) { nodes { name } } tags(first: 4) { edges { weight node { slug name } } } repos(first: 1) { nodes { url stars } }`;
const FEED = `query Feed { papers(first: 20, orderBy: TRENDING) { nodes { ${CARD} } ${PAGE} } }`;

const DOCUMENTS = {
  'feed-page': () => [FEED],
  'feed-page-anonymous': () => [FEED],
};

/** `idOf` makes the id of a row, which servers write differently. */
export function graphqlDialect({ idOf }) {
  return {
    request(call) {
      const [query, variables] = DOCUMENTS[call.operation](call, idOf);
      return { method: 'POST', path: '/graphql', headers: headersOf(call), body: JSON.stringify({ query, variables }) };
    },
    contentOf: (call, body) => answerOf(call, body.data),
  };
}
