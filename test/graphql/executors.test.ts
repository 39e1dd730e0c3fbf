import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from '../../src/database/database.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { isWritten, shown, startBothWays, type BothWays, type Outcome, type Question } from '../support/bothWays.js';
import { seedPaperWorld, type PaperWorld } from '../support/paperWorld.js';
import { seedPaper } from '../support/seed.js';

let both: BothWays;
let world: PaperWorld;
/** Ids and cursors that the questions below name. */
let named: Record<string, string>;
const undo: (() => void)[] = [];

beforeAll(async () => {
  both = await startBothWays();
  world = await seedPaperWorld(both.interpreted);
  const { papers, feed, tags, authors, repos } = await both.interpreted.query(`{
    papers(first: 5) { edges { cursor } nodes { tags { edges { cursor } } authors { edges { cursor } } origins { edges { cursor } } } } feed(period: MONTH) { papers(first: 4) { edges { cursor } } }
    tags { nodes { id } } authors { nodes { id } } repos { nodes { id } } }`);
  const cursorOf = (edge: 'tags' | 'authors' | 'origins'): string => papers.nodes.find((paper: any) => paper[edge].edges.length > 1)[edge].edges[0].cursor;
  named = {
    PAPER: world.papers[7]!.id, OTHER: world.papers[8]!.id, TAG: tags.nodes[0].id, AUTHOR: authors.nodes[0].id, REPO: repos.nodes[0].id, USER: world.readers[0]!.id,
    GONE: Buffer.from('Paper:999999').toString('base64url'), CURSOR: papers.edges[3].cursor, FEEDCURSOR: feed.papers.edges[3].cursor, TAGCURSOR: cursorOf('tags'), AUTHORCURSOR: cursorOf('authors'), ORIGINCURSOR: cursorOf('origins'),
  };
});
afterEach(() => {
  for (const restore of undo.splice(0)) restore();
});
afterAll(() => both.stop());

interface Case extends Omit<Question, 'document' | 'token'> {
  /** The database writes the whole answer. */
  readonly written?: boolean;
  /** The codes of its errors. */
  readonly codes?: readonly string[];
}

/** Asks both ways, signed in and not unless a token is given, and gives the signed-in outcome of the compiled one. */
async function compare(text: string, { written = false, codes = [], ...rest }: Case = {}, tokens: readonly (string | null)[] = [null, world.readers[0]!.token]): Promise<Outcome> {
  const document = text.replace(/\b[A-Z]{3,}\b/g, (word) => named[word] ?? word);
  const variables = rest.variables && (JSON.parse(JSON.stringify(rest.variables).replace(/\b[A-Z]{3,}\b/g, (word) => named[word] ?? word)) as Record<string, unknown>);
  let last: Outcome | null = null;
  for (const token of tokens) {
    const question = { ...rest, ...(variables !== undefined && { variables }), document, token };
    const { expected, got } = await both.ask(question);
    for (const outcome of got) expect(shown(question, outcome)).toBe(shown(question, expected));
    expect((expected.body.errors ?? []).map((error) => error.extensions.code).sort()).toEqual([...codes].sort());
    expect([document, token !== null, got.map(isWritten)]).toEqual([document, token !== null, [written, written]]);
    last = got[1];
  }
  expect(both.failures.splice(0)).toEqual([]);
  return last!;
}

const collectionId = (row: number): string => toGlobalId('Collection', row);
const ALL = `__typename id arxivId arxivVersion doi withdrawnAt title abstract publishedAt listedAt projectUrl authorCount upvoteCount originUpvoteCount trendingScore updatedAt viewerHasUpvoted viewerHasDismissed
  submittedBy { __typename id username displayName role isSimulated createdAt upvoteCount followerCount viewerFollows followedUsers { __typename totalCount edges { cursor followedAt node { username } } } followers(last: 1) { totalCount nodes { username } } collections { totalCount nodes { name } } }
  viewerLibraryEntry { __typename state note addedAt changedAt readAt } collections { __typename totalCount pageInfo { hasNextPage endCursor } edges { __typename cursor addedAt node { id } } }
  authors { __typename totalCount pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor } nodes { __typename id name orcid paperCount followerCount viewerFollows user { username } } edges { __typename cursor node { id } } }
  tags { __typename totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { __typename id slug name kind aliases paperCount followerCount viewerFollows } edges { __typename cursor weight node { slug } } }
  repos { __typename totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { __typename id host owner name url stars language license isArchived refreshedAt paperCount } edges { __typename cursor isOfficial node { url } } }
  origins { __typename totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { __typename source externalId fields facts firstSeenAt changedAt } edges { __typename cursor node { source } } }`;
const PAGE = `{ __typename totalCount pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor } edges { __typename cursor node { ${ALL} } } nodes { id } }`;

describe('what the database writes', () => {
  test.each([
    ['a page with all fields and edges', `{ papers(first: 100) ${PAGE} }`, 1],
    ['a paper by its id', `{ paper(id: "PAPER") { ${ALL} } }`, 1],
    ['a paper by its arXiv id', `{ paper(arxivId: " arXiv:2601.00007v3 ") { ${ALL} } }`, 1],
    ['a paper by its DOI', `{ paper(doi: "https://doi.org/10.1234/PAPER.8") { ${ALL} } }`, 1],
    ['a tag by its slug and by an alias', `{ tag(slug: "models") { id slug aliases } other: tag(slug: "one-of-models") { id slug aliases } none: tag(slug: "one-of-none") { id } }`, 3],
    ['a collection, and one that not everybody sees', `{ collection(id: "${collectionId(1)}") { __typename id name description isPublic paperCount createdAt updatedAt owner { username } papers(first: 3) { totalCount pageInfo { hasNextPage endCursor } edges { cursor addedAt note node { title } } } } other: collection(id: "${collectionId(2)}") { name } none: collection(id: "${collectionId(9)}") { name } }`, 3],
    ['a feed with its period and neighbours', `{ feed(date: "2026-01-05") { __typename period startsOn endsOn previous next papers(first: 100) ${PAGE} } }`, 2],
    ['the latest feed, the period’s day read first', `{ feed(period: WEEK) { papers ${PAGE} } }`, 2],
    ['three fields of the query', `{ papers(first: 1) { nodes { id } } top: papers(first: 2, orderBy: TOP) { nodes { id } } paper(id: "PAPER") { id } }`, 3],
  ])('is %s, a statement each', async (_, document, statements) => {
    const outcome = await compare(document, { written: true });
    expect(outcome.statements).toHaveLength(statements);
  });

  const writtenCases: [string, Case?][] = [
    ['{ feed(date: "2026-01-05") { startsOn papers(first: 2) { nodes { id upvotes { totalCount } } } } }'],
    ['{ papers(first: 3) { nodes { upvotes(first: 2) { totalCount edges { upvotedAt isByAuthor isBySubmitter cursor node { username } } } } } }'],
    ['{ papers { nodes { upvotes { edges { isByAuthor isBySubmitter node { authors(first: 1) { totalCount pageInfo { hasNextPage endCursor } edges { cursor confirmedAt node { name user { username } } } } } } } comments { nodes { isByAuthor author { username } replies { nodes { isByAuthor } } } } } } }'],
    // Names, merging, fragments.
    ['{ one: papers(first: 1) { n: nodes { a: id b: id id c: title } } two: papers(first: 1) { nodes { __typename } } __typename: papers(first: 1) { totalCount } }'],
    ['{ papers(first: 3) { nodes { id } nodes { title tags(first: 1) { nodes { slug } } tags(first: 1) { totalCount nodes { name slug } } } totalCount } papers(first: 3) { pageInfo { endCursor } nodes { upvoteCount id } } }'],
    ['{ papers(first: 2) { ...Page } } fragment Page on PaperConnection { nodes { ...Card ...Card } totalCount } fragment Card on Paper { title ...Named } fragment Named on Node { id __typename }'],
    ['{ papers(first: 2) { nodes { ... { id } ... on Paper { title } ... on Node { __typename } } } ... on Query { paper(id: "PAPER") { id } } }'],
    ['query One { papers(first: 1) { nodes { id } } } query Two { papers(first: 2) { nodes { title } } } mutation Three { signOut { endedSessions } }', { operationName: 'Two' }],
    // Pages.
    ['{ papers(last: 4) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }'],
    ['{ papers(first: 4, after: "CURSOR") { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }'],
    ['{ papers(last: 2, before: "CURSOR") { edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }'],
    ['{ papers(first: 9, before: "CURSOR") { edges { cursor } pageInfo { hasNextPage hasPreviousPage } } }'],
    ['{ papers(last: 9, after: "CURSOR", before: "CURSOR") { totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }'],
    ['{ papers(filter: { text: "nowhere" }) { totalCount nodes { id } edges { cursor node { tags { nodes { id } } } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }'],
    ['{ papers(filter: { text: "nowhere" }) { totalCount } }'],
    ['{ papers(first: 1) { totalCount pageInfo { hasNextPage } } }'],
    ['{ feed(date: "1999-12-31", period: MONTH) { previous next papers { totalCount nodes { id } pageInfo { startCursor } } } }'],
    ['{ feed(period: MONTH) { period papers(first: 2, after: "FEEDCURSOR") { nodes { id } pageInfo { hasPreviousPage } } more: papers(last: 1) { edges { cursor } } } }'],
    ['{ papers { nodes { tags(first: 1) { nodes { slug } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } authors(last: 2) { nodes { name } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }'],
    ['{ papers { nodes { tags(first: 2, after: "TAGCURSOR") { totalCount edges { weight cursor } pageInfo { hasNextPage hasPreviousPage } } before: tags(before: "TAGCURSOR") { nodes { slug } pageInfo { hasNextPage hasPreviousPage endCursor } } authors(last: 1, before: "AUTHORCURSOR") { nodes { name } pageInfo { hasNextPage hasPreviousPage } } } } }'],
    ['{ papers { nodes { one: repos(first: 1) { nodes { url } } last: repos(last: 1) { edges { isOfficial } totalCount } all: repos { pageInfo { startCursor } } } } }'],
    ['{ papers { nodes { one: origins(first: 1) { nodes { source facts } pageInfo { hasNextPage endCursor } } last: origins(last: 2) { totalCount edges { cursor node { fields externalId } } } all: origins(after: "ORIGINCURSOR") { nodes { source } pageInfo { hasPreviousPage } } } } }'],
    // Arguments.
    ['{ stand: papers(filter: { withdrawn: false }) { totalCount nodes { id withdrawnAt } } withdrawn: papers(filter: { withdrawn: true }, orderBy: TOP) { totalCount nodes { id withdrawnAt } } all: papers(filter: { withdrawn: null }) { totalCount } }'],
    ['{ papers(filter: { tags: { any: ["one-of-models", "another-of-models", "rare"], all: ["one-of-models"] } }) { totalCount nodes { id } } none: papers(filter: { tags: { any: ["one-of-none"] } }) { totalCount } }'],
    ...['"models"', String.raw`"\"about models\" -gamma"`, '"graph or paper"', '"\'); DROP TABLE papers; --"', String.raw`"\\ \n 漢"`].map((text): [string] => [`{ papers(filter: { text: ${text} }) { totalCount nodes { id title } } }`]),
    ['{ papers(filter: { tags: { any: ["tag-0", "rare"], all: ["models", "models"] }, hasCode: true, listed: { from: "2026-01-02", to: null }, published: { to: "2020-01-01" } }, orderBy: TOP) { totalCount nodes { id } } }'],
    ['{ papers(filter: { author: "AUTHOR", repo: "REPO" }) { totalCount } some: papers(filter: { hasCode: false, author: null, repo: null, text: null, tags: null }) { totalCount } none: papers(filter: null, first: null, after: null) { totalCount nodes { id } } }'],
    ['query ($first: Int = 3, $order: PaperOrder! = TOP, $filter: PaperFilter) { papers(first: $first, orderBy: $order, filter: $filter) { nodes { id } } }', { variables: { filter: { tags: { any: 'common' } } } }],
    ['query ($first: Int = 3, $order: PaperOrder! = TOP, $filter: PaperFilter) { papers(first: $first, orderBy: $order, filter: $filter) { nodes { id } } }', { variables: { first: null, order: 'TRENDING' } }],
    ['query ($first: Int = 3) { papers(first: $first) { nodes { id } } }', { variables: null }],
    ['query ($after: String, $tags: [String!], $slug: String!, $date: LocalDate) { papers(first: 2, after: $after, filter: { tags: { any: $tags, all: [$slug] }, listed: { from: $date } }) { nodes { id } } }', { variables: { slug: 'common' } }],
    ['query ($order: PaperOrder = TOP) { papers(first: 2, orderBy: $order) { nodes { id } } }', { variables: {} }],
    ['query ($id: ID, $arxivId: String) { paper(id: $id, arxivId: $arxivId) { title } }', { variables: { id: 'GONE' } }],
    ['query ($id: ID, $arxivId: String) { paper(id: $id, arxivId: $arxivId) { title } }', { variables: { id: null, arxivId: '2601.00008' } }],
    ['{ paper(arxivId: "2601.99999") { title tags { nodes { id } } } }'],
  ];
  test.each(writtenCases.map(([document, options = {}]) => [document, options] as const))('is %s', async (document, options) => {
    await compare(document, { written: true, ...options });
  });

  test('is written anew for other variables, and again for those before', async () => {
    const document = 'query ($first: Int, $order: PaperOrder! = NEWEST, $text: String) { papers(first: $first, orderBy: $order, filter: { text: $text }) { totalCount nodes { id } } }';
    const bodies = [];
    for (const variables of [{ first: 2 }, { first: 3 }, { first: 2, order: 'TOP' }, { first: 2, text: 'quotes' }, { first: 2, text: 'emoji' }, { first: 2 }]) {
      bodies.push(JSON.stringify((await compare(document, { variables, written: true })).body));
    }
    expect([bodies.at(-1), new Set(bodies).size]).toEqual([bodies[0], 5]);
  });

  test('is of the latest day, also once a later one has papers', async () => {
    const document = '{ feed { startsOn papers { totalCount nodes { title } } } }';
    await compare(document, { written: true });
    const { rowId } = await seedPaper(both.interpreted, { title: 'Later', listedOn: '2026-02-01' });
    const { body } = await compare(document, { written: true });
    await both.interpreted.database.rows(sql`DELETE FROM papers WHERE id = ${rowId}`);
    expect(body.data).toEqual({ feed: { startsOn: '2026-02-01', papers: { totalCount: 1, nodes: [{ title: 'Later' }] } } });
    await compare(document, { written: true });
  });

  test('is written for who asks, from one statement for all', async () => {
    const viewers = `{ papers { nodes { viewerHasUpvoted viewerHasDismissed tags { nodes { viewerFollows } } authors { nodes { viewerFollows } } } } }`;
    const texts = new Set<string>();
    const bodies = new Set<string>();
    for (const token of [null, ...world.readers.map((reader) => reader.token)]) {
      const outcome = await compare(viewers, { written: true }, [token]);
      for (const text of outcome.statements) texts.add(text);
      bodies.add(JSON.stringify(outcome.body));
    }
    // Who is not signed in and who has done nothing see the same.
    expect([texts.size, bodies.size]).toEqual([1, 4]);
  });
});

describe('what resolvers answer', () => {
  const otherCases: [string, Case?][] = [
    ['{ __typename }'],
    ['{ __schema { queryType { name fields { name args { name defaultValue type { name kind ofType { name } } } } } directives { name locations } } __type(name: "Paper") { interfaces { name } possibleTypes { name } fields(includeDeprecated: true) { name description } } }'],
    ['{ papers(first: 1) { nodes { id } } __schema { types { name } } }'],
    ['query ($yes: Boolean!, $no: Boolean! = false) { papers(first: 2) { nodes { id @skip(if: $yes) title @include(if: $no) upvoteCount @skip(if: $no) listedAt @include(if: $yes) @skip(if: false) } totalCount @include(if: false) } }', { variables: { yes: true } }],
    ['query ($yes: Boolean!, $no: Boolean = false) { papers(first: 2) { nodes { id @skip(if: $yes) title @include(if: $no) upvoteCount @skip(if: $no) listedAt @include(if: $yes) @skip(if: false) } totalCount @include(if: false) } }', { variables: { yes: true } }],
    ['query ($no: Boolean! = false) { papers(first: 1) { nodes { ...Card @skip(if: $no) ... on Paper @include(if: $no) { abstract } ... @skip(if: true) { title } } } tags @skip(if: true) { totalCount } } fragment Card on Paper { id }', { variables: { no: true } }],
    ['query ($no: Boolean) { papers(first: 1) { nodes { id } totalCount @skip(if: $no) } }', { codes: ['GRAPHQL_VALIDATION_FAILED'] }],
    ['query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Paper { title authors(first: 1) { nodes { ... on Node { id } } } } ... on Tag { slug papers(first: 1) { totalCount } } ... on Author { name } ...Other } node(id: "PAPER") { ... on Paper { title tags { totalCount } } } } fragment Other on Node { ... on Repo { url } ... on User { username } }', { variables: { ids: ['PAPER', 'TAG', 'AUTHOR', 'REPO', 'USER', 'GONE'] } }],
    ['query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { variables: { ids: 'PAPER' } }],
    ['{ papers(first: 2) { nodes { title authors(first: 2) { nodes { name papers(first: 2, orderBy: TOP) { totalCount nodes { title } } } } } } }'],
    ['{ papers(first: 2) { nodes { similar(first: 3) { totalCount edges { score summary node { title } reasons { __typename kind contribution text ... on TagReason { tag { slug } } ... on AuthorReason { author { name } } ... on PaperReason { paper { title } } } } } } } }'],
    ['{ recommendations(first: 5) { totalCount nodes { id } edges { cursor score reasons { __typename text ... on TagReason { upvotedPaperCount tag { slug } } } } } }'],
    ['{ recommendations(first: 3, weights: { votes: 0.5 }, without: []) { nodes { id } comparison { entered { place paper { title } } left { actualPlace } } } }'],
    ['{ feed(date: "2026-01-05") { startsOn next } }'],
    ['{ papers(first: 1) { nodes { id } } tags(first: 2, orderBy: SLUG) { nodes { slug kind } } authors(prefix: "auth", last: 2) { totalCount edges { cursor } } repos(first: 2) { nodes { url stars } } viewer { username } user(username: "nobody") { id } }'],
  ];
  test.each(otherCases.map(([document, options = {}]) => [document, options] as const))('is %s', async (document, options) => {
    const { statements } = await compare(document, options);
    expect(statements.filter((text) => text.startsWith('WITH viewer'))).toEqual([]);
  });

  test('is an operation that has too many fields to be compiled', async () => {
    const fields = Array.from({ length: 310 }, (_, n) => `f${n}: title`).join(' ');
    await compare(`{ papers(first: 2) { nodes { ${fields} } } }`);
    await compare(`{ papers(first: 2) { nodes { ...F } edges { node { ...F } } } } fragment F on Paper { ${fields.slice(0, fields.indexOf('f160:'))} }`);
    await compare(`{ papers(first: 2) { nodes { ${fields.slice(0, fields.indexOf('f290:'))} } } }`, { written: true });
  });

  test('is what leaves out a field of an input object by a variable that is not given', async () => {
    const { token } = world.readers[3]!;
    const { rowId } = await both.interpreted.services.collections.create(world.readers[3]!.rowId, { name: 'Kept', description: 'Stays', isPublic: true });
    const document = 'mutation ($id: ID!, $name: String, $description: String) { updateCollection(input: { collectionId: $id, name: $name, description: $description }) { collection { name description } } }';
    const { body } = await compare(document, { variables: { id: collectionId(rowId), name: 'Renamed' } }, [token]);
    expect(body.data.updateCollection.collection).toEqual({ name: 'Renamed', description: 'Stays' });
  });

  test('is a mutation, each field after the one before', async () => {
    const vote = `mutation ($input: UpvotePaperInput!) { up: upvotePaper(input: $input) { ...P } again: upvotePaper(input: { paperId: "PAPER" }) { paper { upvoteCount } }
      bad: upvotePaper(input: { paperId: "GONE" }) { paper { id } } down: removeUpvote(input: { paperId: "PAPER" }) { paper { viewerHasUpvoted upvoteCount } } }
      fragment P on UpvotePaperPayload { paper { id upvoteCount viewerHasUpvoted tags { nodes { slug viewerFollows } } } }`;
    const { body } = await compare(vote, { variables: { input: { paperId: 'PAPER' } }, codes: ['NOT_FOUND'] }, [world.readers[3]!.token]);
    expect(body.data).toBeNull();
    const { body: seen } = await compare(vote.replace(/bad:.*?\} \}/s, ''), { variables: { input: { paperId: 'PAPER' } } }, [world.readers[3]!.token]);
    const count = seen.data.down.paper.upvoteCount as number;
    expect(seen.data).toMatchObject({ up: { paper: { upvoteCount: count + 1, viewerHasUpvoted: true } }, again: { paper: { upvoteCount: count + 1 } }, down: { paper: { viewerHasUpvoted: false } } });
    await compare(vote.replace(/bad:.*?\} \}/s, ''), { variables: { input: { paperId: 'PAPER' } }, codes: ['UNAUTHENTICATED'] }, [null]);
  });
});

describe('an error', () => {
  const errorCases: [string, Case][] = [
    ['{ paper(id: "nonsense") { id } papers(first: 1) { totalCount } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ paper { id } other: paper(id: "PAPER", arxivId: "2601.00001") { id } third: paper(id: null, arxivId: null) { id } }', { codes: ['BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT'] }],
    ['{ paper(id: "TAG") { id } node(id: "PAPER") { id } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ paper(arxivId: "x") { title } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ papers(first: 0) { nodes { id } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ papers(first: 1, last: 1) { nodes { id } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ papers(after: "nonsense") { nodes { id } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ papers(after: "CURSOR", orderBy: TOP) { nodes { id } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ papers(filter: { text: " " }) { nodes { id } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ papers(filter: { listed: { from: "2026-02-01", to: "2026-01-01" } }) { totalCount } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ feed(date: "1800-01-01") { startsOn papers { nodes { id } } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ feed { startsOn papers(last: 101) { nodes { id } } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ papers(first: 2) { nodes { id tags(first: 0) { totalCount } } } }', { codes: ['BAD_USER_INPUT'] }],
    // Each tag fails: one error for the one field that is null for it.
    ['{ paper(id: "PAPER") { title tags { nodes { papers(first: 0) { totalCount } } } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ paper(id: "PAPER") { id\n  tags(after: "AUTHORCURSOR") { nodes { id } } } }', { codes: ['BAD_USER_INPUT'] }],
    ['{ nodes(ids: ["PAPER", "TAG", "OTHER"]) { id ... on Paper { authors(first: 0) { totalCount } } ... on Tag { papers(first: 1) { nodes { id } } } } }', { codes: ['BAD_USER_INPUT', 'BAD_USER_INPUT'] }],
    ['{ papers(first: 1) { nodes { id } } papers(first: 1) { nodes { tags(first: 0) { totalCount } } } ... { papers(first: 1) { nodes { tags(first: 0) { nodes { id } } } } } }', { codes: ['BAD_USER_INPUT'] }],
    ['query ($order: PaperOrder = TOP) { papers(first: 2, orderBy: $order) { nodes { id } } }', { variables: { order: null }, codes: ['INTERNAL_SERVER_ERROR'] }],
    ['query ($first: Int!) { papers(first: $first) { nodes { id } } }', { codes: ['BAD_USER_INPUT'] }],
    ['query ($first: Int!, $filter: PaperFilter) { papers(first: $first, filter: $filter) { nodes { id } } }', { variables: { first: 1.5, filter: { nothing: 1, text: 2 } }, codes: ['BAD_USER_INPUT', 'BAD_USER_INPUT', 'BAD_USER_INPUT'] }],
    ['query ($date: LocalDate) { feed(date: $date) { startsOn } }', { variables: { date: '2026-13-01' }, codes: ['BAD_USER_INPUT'] }],
    ['query One { __typename } query Two { __typename }', { operationName: 'Three', codes: ['OPERATION_RESOLUTION_FAILURE'] }],
    ['query One { __typename } query Two { __typename }', { codes: ['OPERATION_RESOLUTION_FAILURE'] }],
    ['fragment F on Paper { id }', { codes: ['GRAPHQL_VALIDATION_FAILED'] }],
    ['{ papers { nodes { unknown } } }', { codes: ['GRAPHQL_VALIDATION_FAILED'] }],
    ['{ recommenderState { checksum } papers(first: 1) { totalCount } }', { codes: ['FORBIDDEN'] }],
  ];
  test.each(errorCases)('is the same of %s', async (document, options) => {
    const anonymous = { ...options, codes: options.codes?.map((code) => (code === 'FORBIDDEN' ? 'UNAUTHENTICATED' : code)) ?? [] };
    await compare(document, anonymous, [null]);
    await compare(document, options, [world.readers[0]!.token]);
  });

  test.each(['{ papers { nodes { id } } }', '{ feed(date: "2026-01-05") { startsOn } }', '{ viewer { id } __typename }', '{ papers(first: 0) { nodes { id } } }', 'mutation { upvotePaper(input: { paperId: "PAPER" }) { paper { id } } }'])(
    'is the same of a token that does not hold with %s',
    async (document) => {
      const { body, status } = await compare(document, { codes: ['UNAUTHENTICATED'] }, ['dp_unknown', 'no token at all', '"']);
      expect([status, body.data]).toEqual([401, undefined]);
    },
  );

  test.each<[string, string, string]>([
    ['a nullable field', 'abstracts', '{ nodes(ids: ["PAPER", "TAG", "OTHER"]) { id ... on Paper { abstract } } papers(first: 2) { nodes { title abstract } } }'],
    ['a non-null field', 'list', '{ papers(first: 2) { nodes { id similar(first: 1) { totalCount } } } node(id: "PAPER") { id } }'],
    ['a field with a count', 'count', '{ papers(first: 2) { totalCount nodes { similar(first: 1) { nodes { id } } } } }'],
  ])('of a service in %s is masked the same', async (_, method, document) => {
    for (const { services } of [both.interpreted, both.compiled]) {
      Object.defineProperty(services.papers, method, { configurable: true, value: () => Promise.reject(new Error('a secret')) });
      undo.push(() => Reflect.deleteProperty(services.papers, method));
    }
    const expected = method === 'abstracts' ? 4 : 1;
    const { body } = await compare(document, { codes: Array.from({ length: expected }, () => 'INTERNAL_SERVER_ERROR') });
    expect(JSON.stringify(body)).not.toContain('secret');
  });
});
