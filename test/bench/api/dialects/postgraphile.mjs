// The same questions in the words that PostGraphile derives from the tables.
import { headersOf } from './shared.mjs';

const PAGE = 'pageInfo { hasNextPage endCursor }';
const AUTHORS = 'orderBy: POSITION_ASC) { nodes { authorByAuthorId { name } } }';
const TAGS = 'orderBy: [WEIGHT_DESC, TAG_ID_ASC]) { nodes { weight tagByTagId { slug name } } }';
// A paper has one repo, so that their order, by columns without an index of their own, may be another.
const REPOS = 'orderBy: REPO_ID_DESC) { nodes { repoByRepoId { host owner name stars } } }';
const CARD = `rowId title upvoteCount listedAt viewerHasUpvoted paperAuthorsByPaperId(first: 5, ${AUTHORS} paperTagsByPaperId(first: 4, ${TAGS} paperReposByPaperId(first: 1, ${REPOS}`;
const FEED = `query Feed { papers: allPapers(first: 20, orderBy: [TRENDING_SCORE_DESC, ROW_ID_DESC]) { nodes { ${CARD} } ${PAGE} } }`;
const DEEP = `query Deep($after: Cursor) { papers: allPapers(first: 20, after: $after, orderBy: [TRENDING_SCORE_DESC, ROW_ID_DESC]) { nodes { ${CARD} } ${PAGE} } }`;
const PAPER = `query Paper($id: Int!) { paper: paperByRowId(rowId: $id) { rowId title abstract upvoteCount listedAt viewerHasUpvoted namedAuthorCount tagCount repoCount
  paperAuthorsByPaperId(first: 20, ${AUTHORS} paperTagsByPaperId(first: 20, ${TAGS} paperReposByPaperId(first: 5, ${REPOS}
  upvotesByPaperId(first: 10, orderBy: [CREATED_AT_DESC, USER_ID_DESC]) { nodes { createdAt userByUserId { username } } } } }`;
const SEARCH = `query Search($text: String!) { papers: searchPapers(words: $text, first: 20) { nodes { rowId title paperTagsByPaperId(first: 4, ${TAGS} } ${PAGE} } }`;

const DOCUMENTS = {
  'feed-page': () => [FEED],
  'feed-page-anonymous': () => [FEED],
  paper: ({ paperId }) => [PAPER, { id: paperId }],
  'deep-page': ({ after }) => [DEEP, { after }],
  search: ({ text }) => [SEARCH, { text }],
};

export const postgraphileDialect = {
  request(call) {
    const [query, variables] = DOCUMENTS[call.operation](call);
    return { method: 'POST', path: '/graphql', headers: headersOf(call), body: JSON.stringify({ query, variables }) };
  },
  contentOf(_call, { data: { papers, paper } }) {
    if (papers === undefined) return { paper: wholePaper(paper) };
    return { papers: { nodes: papers.nodes.map(paperOf), pageInfo: { hasNextPage: papers.pageInfo.hasNextPage } } };
  },
  cursorOf: ({ data }) => data.papers.pageInfo.endCursor,
};

/** In the shape of the schema that the others serve. */
function paperOf({ rowId, listedAt, paperAuthorsByPaperId: authors, paperTagsByPaperId: tags, paperReposByPaperId: repos, ...scalars }) {
  return {
    ...scalars,
    id: rowId,
    ...(listedAt && { listedAt: instant(listedAt) }),
    ...(authors && { authors: { nodes: authors.nodes.map(({ authorByAuthorId }) => authorByAuthorId) } }),
    ...(tags && { tags: { edges: tags.nodes.map(({ weight, tagByTagId }) => ({ weight, node: tagByTagId })) } }),
    ...(repos && { repos: { nodes: repos.nodes.map(({ repoByRepoId: { host, owner, name, stars } }) => ({ url: `https://${host}/${owner}/${name}`, stars })) } }),
  };
}

function wholePaper({ namedAuthorCount, tagCount, repoCount, upvotesByPaperId: upvotes, ...paper }) {
  const { authors, tags, repos, ...rest } = paperOf(paper);
  return {
    ...rest,
    authors: { totalCount: namedAuthorCount, ...authors },
    tags: { totalCount: tagCount, ...tags },
    repos: { totalCount: repoCount, ...repos },
    upvotes: { totalCount: paper.upvoteCount, edges: upvotes.nodes.map(({ createdAt, userByUserId }) => ({ upvotedAt: instant(createdAt), node: userByUserId })) },
  };
}

const instant = (text) => new Date(text).toISOString();
