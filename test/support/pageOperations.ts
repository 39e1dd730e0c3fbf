import { toGlobalId } from '../../src/graphql/globalId.js';

// Every list of the API, in every order, with each filter alone and some together: PAGE stands for the arguments that
// say which page, and `list` is the list's name in the answer. What is named 1 is the busiest of its kind in community.sql;
// the last numbers are rare.

const PAPER = '__typename id arxivId doi withdrawnAt title abstract upvoteCount trendingScore viewerHasUpvoted viewerHasDismissed viewerHasMuted submittedBy { username }';
const EDGES = `origins(first: 2) { nodes { source facts } } authors { edges { cursor node { name orcid viewerFollows viewerHasMuted } } pageInfo { hasNextPage } } tags(first: 3) { totalCount edges { weight node { slug aliases viewerFollows viewerHasMuted } } } repos(last: 2) { edges { isOfficial node { url } } }`;
const INFO = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const PAPERS = `{ ${INFO} edges { cursor node { ${PAPER} ${EDGES} } } }`;
const ORDERS = ['TRENDING', 'TOP', 'NEWEST'];

/** Filters of papers, as GraphQL literals. */
export function paperFilters(rareTag: number): string[] {
  const [author, rareAuthor] = [1, 77].map((id) => JSON.stringify(toGlobalId('Author', id)));
  const [repo, rareRepo] = [1, 4000].map((id) => JSON.stringify(toGlobalId('Repo', id)));
  const rare = JSON.stringify(`tag-${rareTag}`);
  const listed = ['from: "2024-02-07", to: "2024-02-07"', 'from: "2024-02-01", to: "2024-02-29"', 'from: "2023-01-01", to: "2025-12-31"', 'from: "2026-06-20"', 'to: "2022-07-10"', 'to: "2025-01-01"'];
  return [
    ...[`any: ["tag-1"]`, `any: [${rare}]`, `any: ["tag-2", "tag-5", ${rare}]`, 'any: ["no-such-tag"]', 'any: ["alias-1"]', 'all: ["tag-1", "tag-2"]', `all: ["tag-1", ${rare}]`].map((tags) => `tags: { ${tags} }`),
    ...[author, rareAuthor].map((id) => `author: ${id}`),
    ...[repo, rareRepo].map((id) => `repo: ${id}`),
    ...listed.map((days) => `listed: { ${days} }`),
    ...listed.slice(0, 4).map((days) => `published: { ${days} }`),
    'hasCode: true',
    'withdrawn: true',
    'withdrawn: false',
    'hasCode: false',
    ...['term1', 'term3', 'term4321', 'term2 -term1', '\\"term1 term2\\"', 'term4000 or term4001', 'nothing'].map((text) => `text: "${text}"`),
    `text: "term1", tags: { any: [${rare}] }, hasCode: false`,
    `text: "term4321", tags: { all: ["tag-1"] }`,
    `listed: { ${listed[1]} }, tags: { any: ["tag-1"] }, hasCode: true`,
    `author: ${author}, text: "term1", listed: { ${listed[2]} }`,
  ];
}

export function paperLists(rareTag: number): string[] {
  const filtered = paperFilters(rareTag).flatMap((filter) => ORDERS.map((order) => `{ list: papers(PAGE, orderBy: ${order}, filter: { ${filter} }) ${PAPERS} }`));
  const feeds = ['DAY', 'WEEK', 'MONTH'].flatMap((period) => ORDERS.map((order) => `{ feed(date: "2024-02-07", period: ${period}, orderBy: ${order}) { startsOn previous next list: papers(PAGE) { ${INFO} edges { cursor isNew node { ${PAPER} listedOn ${EDGES} } } } } }`));
  const then = ['DAY', 'WEEK'].flatMap((period) => ORDERS.map((order) => `{ feed(date: "2024-02-07", period: ${period}, orderBy: ${order}, asOf: "2024-02-20T00:00:00Z") { startsOn previous next list: papers(PAGE) { ${INFO} edges { isNew upvoteCountThen node { title } } } } }`));
  const latest = '{ feed { startsOn previous next list: papers(PAGE) ' + PAPERS + ' } }';
  return [...ORDERS.map((order) => `{ list: papers(PAGE, orderBy: ${order}) ${PAPERS} }`), ...filtered, ...feeds, ...then, latest];
}

/** Lists of papers by what they are linked to, and of everything else. */
export function otherLists(rareTag: number): string[] {
  const id = (type: Parameters<typeof toGlobalId>[0], row: number): string => JSON.stringify(toGlobalId(type, row));
  const papersOf = (field: string): string[] => ORDERS.map((order) => `{ ${field} { list: papers(PAGE, orderBy: ${order}) ${PAPERS} } }`);
  const people = `{ ${INFO} nodes { username upvoteCount } }`;
  return [
    ...['tag(slug: "tag-1")', 'tag(slug: "alias-1")', 'tag(slug: "tag-4")', `tag(slug: "tag-${rareTag}")`, `author(id: ${id('Author', 1)})`, `author(id: ${id('Author', 77)})`, `repo(id: ${id('Repo', 1)})`, `repo(id: ${id('Repo', 4000)})`].flatMap(papersOf),
    ...['MOST_PAPERS', 'NAME'].flatMap((order) => ['', ', prefix: "a"', ', prefix: "author 12"', ', prefix: "zz"'].map((prefix) => `{ list: authors(PAGE, orderBy: ${order}${prefix}) { ${INFO} nodes { name viewerFollows } } }`)),
    ...['MOST_PAPERS', 'SLUG'].flatMap((order) => ['', ', kind: TASK', ', prefix: "tag-1"', ', kind: METHOD, prefix: "tag-29"'].map((filter) => `{ list: tags(PAGE, orderBy: ${order}${filter}) { ${INFO} nodes { slug viewerFollows } } }`)),
    ...['STARS', 'MOST_PAPERS'].flatMap((order) => ['', ', host: "github.com"', ', host: "codeberg.org"', ', host: "example.org"'].map((host) => `{ list: repos(PAGE, orderBy: ${order}${host}) { ${INFO} nodes { url } } }`)),
    ...[1, 77].flatMap((row) => [`{ paper(id: ${id('Paper', row)}) { list: upvotes(PAGE) ${people} } }`, ...['authors', 'tags', 'repos', 'origins'].map((edge) => `{ paper(id: ${id('Paper', row)}) { list: ${edge}(PAGE) { ${INFO} nodes { __typename } } } }`)]),
    ...[1, 77].flatMap((row) => ORDERS.map((order) => `{ user(id: ${id('User', row)}) { list: submittedPapers(PAGE, orderBy: ${order}) ${PAPERS} } }`)),
    ...[1, 77].flatMap((row) => ['upvotedPapers', 'followedTags', 'followedAuthors'].map((edge) => `{ user(id: ${id('User', row)}) { list: ${edge}(PAGE) { ${INFO} nodes { id } } } }`)),
    ...['BEST', 'NEWEST', 'OLDEST'].flatMap((order) => [`paper(id: ${id('Paper', 1)}) { list: comments`, `paper(id: ${id('Paper', 77)}) { list: comments`, `comment(id: ${id('Comment', 1)}) { list: replies`].map((list) => `{ ${list}(PAGE, orderBy: ${order}) { ${INFO} nodes { bodyMarkdown author { username } parent { id } viewerHasUpvoted replies(first: 2) { nodes { id } } } } } }`)),
    ...[1, 77].map((row) => `{ user(id: ${id('User', row)}) { list: comments(PAGE) { ${INFO} nodes { bodyHtml paper { title } mentions { totalCount nodes { username } } } } } }`),
    `{ list: dismissedPapers(PAGE) ${PAPERS} }`,
    ...['{}', '{ isUnread: true }', '{ isUnread: false }', '{ kind: REPLY }', '{ isUnread: true, kind: COMMENT }'].map((filter) => `{ list: notifications(PAGE, filter: ${filter}) { ${INFO} nodes { text comment { id } } } }`),
    ...[1, 77].map((row) => `{ paper(id: ${id('Paper', row)}) { list: upvotes(PAGE) { ${INFO} edges { isByAuthor isBySubmitter } } comments(first: 20) { nodes { isByAuthor } } } }`),
    ...[1, 77].map((row) => `{ user(id: ${id('User', row)}) { list: authors(PAGE) { ${INFO} edges { confirmedAt node { name user { username } } } } } }`),
    ...['', ', state: PENDING', ', state: REJECTED'].map((state) => `{ viewer { list: authorshipClaims(PAGE${state}) { ${INFO} nodes { note author { viewerClaim { state } } } } } }`),
    `{ list: externalIdentities(PAGE) { ${INFO} nodes { subject } } }`,
    `{ list: feedTokens(PAGE) { ${INFO} nodes { name } } }`,
    ...[1, 77].map((row) => `{ paper(id: ${id('Paper', row)}) { list: byTheSameAuthors(PAGE) { ${INFO} edges { sharedAuthors { name } } } } }`),
    ...[1, 77].flatMap((row) => ['followedUsers', 'followers', 'collections'].map((edge) => `{ user(id: ${id('User', row)}) { list: ${edge}(PAGE) { ${INFO} nodes { id } } } }`)),
    ...[1, 77].flatMap((row) => [`{ collection(id: ${id('Collection', row)}) { owner { username } list: papers(PAGE) ${PAPERS} } }`, `{ paper(id: ${id('Paper', row)}) { list: collections(PAGE) { ${INFO} nodes { name } } } }`]),
    ...['LATEST_ADDED', 'LATEST_CHANGED'].flatMap((order) => ['', ', state: READ', ', state: READING'].map((state) => `{ list: library(PAGE, orderBy: ${order}${state}) ${PAPERS} }`)),
    ...['', ', kind: UPVOTE', ', kind: FOLLOWED_TAG'].map((kind) => `{ tasteProfile { list: signals(PAGE${kind}) { ${INFO} nodes { id paper { title } tag { slug } author { name } } } } }`),
    `{ list: mutedTags(PAGE) { ${INFO} nodes { slug } } }`,
    `{ list: mutedAuthors(PAGE) { ${INFO} nodes { name } } }`,
    // Many parents at once.
    `{ papers(first: 20) { nodes { list: upvotes(PAGE) ${people} submittedBy { submittedPapers(first: 2) { nodes { id } } } } } }`,
    '{ tags(first: 3) { nodes { list: papers(PAGE) { pageInfo { startCursor endCursor } nodes { title } } } } }',
  ];
}

/** What is no list, or is ranked in memory. */
export function otherOperations(): string[] {
  const ids = (['Paper', 'Author', 'Tag', 'Repo', 'User'] as const).map((type) => JSON.stringify(toGlobalId(type, 77)));
  return [
    `{ nodes(ids: [${ids.join(', ')}]) { id ... on Paper { title abstract } } }`,
    `{ viewer { username upvotedPapers(first: 3) { nodes { title } } } }`,
    '{ paper(doi: "10.1234/paper.77") { title origins { totalCount } tags { nodes { aliases } } } none: tag(slug: "alias-77") { id } }',
    '{ paper(arxivId: "1501.00077") { title } user(username: "reader-77") { id } tag(slug: "tag-77") { id } repo(url: "https://github.com/owner77/repo77") { id } }',
    '{ feed(date: "2024-02-07", period: MONTH, orderBy: FOR_YOU) { papers { totalCount edges { isNew score summary node { title } } } } }',
    `{ recommendations(first: 20) { edges { score reasons { text } node { ${PAPER} ${EDGES} } } } }`,
    `{ paper(id: ${ids[0]}) { similar(first: 5) { nodes { title } } } tag(slug: "tag-1") { relatedTags(first: 5) { nodes { slug } } } user(id: ${ids[4]}) { similarReaders(first: 5) { nodes { username } } } }`,
    '{ papers(first: 20, orderBy: TOP) { nodes { citation } } }',
  ];
}

/** Searches, each with all that it can say; those of the rarest word, and of others. */
export function searches(rareTag: number): Record<'few' | 'many', string[]> {
  const all = `{ totalCount isRankedFully didYouMean correctedQuery ${INFO} edges { score title { text } snippet { text } node { title } } facets { tags { count } years { year count } code { withCode } } }`;
  const operationsOf = (word: string): string[] => ['', ', personalWeight: 0.5', ', orderBy: NEWEST', ', orderBy: TOP', ', filter: { hasCode: true }', `, filter: { tags: { any: ["tag-${rareTag}"] } }`].map((rest) => `{ search(query: "${word}"${rest}) ${all} }`);
  return { few: ['term4321 ', 'paper 77 ', 'trem4321', 'nothing'].flatMap(operationsOf), many: ['term1 ', 'term20 or term3 ', 'term10', 'autho', '\\"term1 term2\\"'].flatMap(operationsOf) };
}

/** Lists with how many they have: of these, counting may read all that is counted. */
export function totals(): string[] {
  const user = JSON.stringify(toGlobalId('User', 1));
  return [
    '{ notifications(first: 1) { totalCount } unread: notifications(filter: { isUnread: true }, first: 1) { totalCount } }',
    '{ unreadNotificationCount }',
    '{ withdrawn: papers(filter: { withdrawn: true }, first: 1) { totalCount } tagged: papers(filter: { tags: { any: ["alias-77"] } }, first: 1) { totalCount } }',
    '{ papers(first: 1) { totalCount } authors(first: 1) { totalCount } tags(first: 1) { totalCount } repos(first: 1) { totalCount } }',
    '{ papers(first: 20, orderBy: TOP) { nodes { voteTimeline { count } } } }',
    `{ user(id: ${user}) { submittedPapers(first: 1) { totalCount } comments(first: 1) { totalCount } followedTags(first: 1) { totalCount } followedAuthors(first: 1) { totalCount } upvotedPapers(first: 1) { totalCount } } }`,
    `{ paper(id: ${JSON.stringify(toGlobalId('Paper', 1))}) { commentCount comments(first: 1) { totalCount } } }`,
    '{ feed(date: "2024-02-07", period: MONTH) { papers(first: 1) { totalCount } } dismissedPapers(first: 1) { totalCount } mutedTags(first: 1) { totalCount } mutedAuthors(first: 1) { totalCount } }',
    `{ paper(id: ${JSON.stringify(toGlobalId('Paper', 1))}) { byTheSameAuthors(first: 1) { totalCount } } feedTokens(first: 1) { totalCount } }`,
    '{ viewer { authors(first: 1) { totalCount } authorshipClaims(first: 1) { totalCount } pending: authorshipClaims(state: PENDING, first: 1) { totalCount } } }',
    '{ tasteProfile { signals(first: 1) { totalCount } upvotes: signals(kind: UPVOTE, first: 1) { totalCount } } }',
    '{ authors(prefix: "author 12", first: 1) { totalCount } tags(kind: TASK, first: 1) { totalCount } repos(host: "codeberg.org", first: 1) { totalCount } }',
  ];
}
