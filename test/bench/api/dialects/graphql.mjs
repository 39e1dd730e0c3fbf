// The schema of the server that is measured; its peers serve the part of it that is asked for here.
import { headersOf, plain } from './shared.mjs';

const PAGE = 'pageInfo { hasNextPage endCursor }';
const TAGS = 'tags(first: 4) { edges { weight node { slug name } } }';
const CARD = `id title upvoteCount listedAt viewerHasUpvoted authors(first: 5) { nodes { name } } ${TAGS} repos(first: 1) { nodes { url stars } }`;
const FEED = `query Feed { papers(first: 20, orderBy: TRENDING) { nodes { ${CARD} } ${PAGE} } }`;
const DEEP = `query Deep($after: String) { papers(first: 20, orderBy: TRENDING, after: $after) { nodes { ${CARD} } ${PAGE} } }`;
const PAPER = `query Paper($id: ID!) { paper(id: $id) { id title abstract upvoteCount listedAt viewerHasUpvoted
  authors(first: 20) { totalCount nodes { name } } tags(first: 20) { totalCount edges { weight node { slug name } } }
  repos(first: 5) { totalCount nodes { url stars } } upvotes(first: 10) { totalCount edges { upvotedAt node { username } } } } }`;
const SEARCH = `query Search($text: String!) { papers(first: 20, filter: { text: $text }) { nodes { id title ${TAGS} } ${PAGE} } }`;
const RECOMMENDATIONS = 'query Recommended { recommendations(first: 20) { edges { score summary reasons { kind text contribution } node { id title } } } }';
const UPVOTE = 'mutation Upvote($id: ID!) { upvotePaper(input: { paperId: $id }) { paper { id upvoteCount } } }';

const DOCUMENTS = {
  'feed-page': () => [FEED],
  'feed-page-anonymous': () => [FEED],
  paper: ({ paperId }, idOf) => [PAPER, { id: idOf(paperId) }],
  'deep-page': ({ after }) => [DEEP, { after }],
  search: ({ text }) => [SEARCH, { text }],
  recommendations: () => [RECOMMENDATIONS],
  upvote: ({ paperId }, idOf) => [UPVOTE, { id: idOf(paperId) }],
};

/** `idOf` makes the id of a row, which servers write differently. */
export function graphqlDialect({ idOf }) {
  return {
    request(call) {
      const [query, variables] = DOCUMENTS[call.operation](call, idOf);
      return { method: 'POST', path: '/graphql', headers: headersOf(call), body: JSON.stringify({ query, variables }) };
    },
    contentOf: (call, { data }) => plain(data),
    cursorOf: ({ data }) => data.papers.pageInfo.endCursor,
  };
}
