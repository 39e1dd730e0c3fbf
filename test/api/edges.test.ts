import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

let server: TestServer;
let readers: Reader[];
let papers: SeededPaper[];

beforeAll(async () => {
  server = await startTestServer();
  readers = [await seedReader(server), await seedReader(server), await seedReader(server)];
  papers = await seedPapers(server, [
    {
      title: 'First', listedOn: '2026-01-01', submittedById: readers[0]!.rowId, authors: ['Zoe', 'Ada', 'Mia'],
      tags: [{ slug: 'graph-networks', weight: 0.5 }, { slug: 'graphics', weight: 1 }, { slug: 'graph', weight: 0.5 }],
      repos: [{ url: 'https://github.com/lab/stars', stars: 900 }, { url: 'https://github.com/lab/official', isOfficial: true }, { url: 'https://gitlab.com/lab/few', stars: 3 }, { url: 'https://github.com/lab/unknown' }],
    },
    { title: 'Second', listedOn: '2026-01-02', submittedById: readers[0]!.rowId, authors: ['Ada', 'Zoe'], tags: [{ slug: 'graphics', weight: 0.25 }], repos: [{ url: 'https://gitlab.com/lab/few', stars: 2 }] },
    { title: 'Third', listedOn: '2026-01-03', authors: ['Ada', 'A_B', 'AxB', '100% Real', '100X Real', '\\Backslash', 'Élodie'], tags: [{ slug: 'graphics', weight: 1 }, { slug: 'method-x', weight: 1 }] },
  ]);
  await seedUpvotes(server, [[readers[0]!, papers[0]!], [readers[1]!, papers[0]!], [readers[0]!, papers[2]!], [readers[2]!, papers[2]!], [readers[1]!, papers[2]!]]);
  // Votes of one moment would leave their order to the ids.
  for (const [index, vote] of (await server.database.prisma.upvote.findMany({ orderBy: [{ paperId: 'asc' }, { userId: 'desc' }] })).entries()) {
    await server.database.prisma.upvote.update({ where: { userId_paperId: { userId: vote.userId, paperId: vote.paperId } }, data: { createdAt: new Date(Date.UTC(2026, 1, index + 1)) } });
  }
});
afterAll(() => server.stop());

async function paperWith(selection: string, paper = papers[0]!): Promise<any> {
  return (await server.query(`query ($id: ID!) { paper(id: $id) { ${selection} } }`, { variables: { id: paper.id } })).paper;
}

describe('a paper', () => {
  test('has its authors in the order of the byline', async () => {
    expect((await paperWith('authors { totalCount nodes { name } }')).authors).toEqual({ totalCount: 3, nodes: [{ name: 'Zoe' }, { name: 'Ada' }, { name: 'Mia' }] });
    expect((await paperWith('authors(first: 1) { nodes { name } }', papers[2])).authors.nodes).toEqual([{ name: 'Ada' }]);
  });

  test('has its tags, the heaviest first, then the older one, with their weights', async () => {
    const { tags } = await paperWith('tags { totalCount edges { weight node { slug } } nodes { slug } }');
    expect(tags.edges.map((edge: any) => [edge.node.slug, edge.weight])).toEqual([['graphics', 1], ['graph-networks', 0.5], ['graph', 0.5]]);
    expect([tags.totalCount, tags.nodes]).toEqual([3, tags.edges.map((edge: any) => edge.node)]);
  });

  test('has its repos, official ones first, then by stars, the unknown last', async () => {
    const { repos } = await paperWith('repos { totalCount edges { isOfficial node { name stars } } }');
    expect(repos.totalCount).toBe(4);
    expect(repos.edges.map((edge: any) => [edge.node.name, edge.node.stars, edge.isOfficial])).toEqual([['official', null, true], ['stars', 900, false], ['few', 3, false], ['unknown', null, false]]);
  });

  test('has its upvotes, the latest first, and who submitted it', async () => {
    const { upvotes, submittedBy } = await paperWith('submittedBy { username } upvotes { totalCount edges { upvotedAt node { username } } }', papers[0]);
    expect(submittedBy).toEqual({ username: readers[0]!.username });
    expect(upvotes).toEqual({
      totalCount: 2,
      edges: [{ upvotedAt: '2026-02-02T00:00:00.000Z', node: { username: readers[0]!.username } }, { upvotedAt: '2026-02-01T00:00:00.000Z', node: { username: readers[1]!.username } }],
    });
    expect((await paperWith('submittedBy { id } upvotes { totalCount nodes { id } }', papers[1])).upvotes).toEqual({ totalCount: 0, nodes: [] });
    expect((await paperWith('submittedBy { id }', papers[2])).submittedBy).toBeNull();
  });

  test.each(['authors', 'tags', 'repos', 'upvotes'])('pages through %s from either end', async (list) => {
    const body = '{ nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }';
    const read = async (args: string): Promise<any> => (await paperWith(`list: ${list}${args} ${body}`)).list;
    const whole = await read('');
    const forward: unknown[] = [];
    for (let args: string | null = '(first: 1)'; args !== null; ) {
      const { nodes, pageInfo } = await read(args);
      forward.push(...nodes);
      args = pageInfo.hasNextPage === true ? `(first: 1, after: "${pageInfo.endCursor}")` : null;
    }
    const backward: unknown[] = [];
    for (let args: string | null = '(last: 1)'; args !== null; ) {
      const { nodes, pageInfo } = await read(args);
      backward.unshift(...nodes);
      args = pageInfo.hasPreviousPage === true ? `(last: 1, before: "${pageInfo.startCursor}")` : null;
    }
    expect(whole.nodes.length).toBeGreaterThan(1);
    expect([forward, backward]).toEqual([whole.nodes, whole.nodes]);
  });

  test('is like the papers that share its tags and its readers, and never like itself', async () => {
    const { similar } = await paperWith('similar { totalCount nodes { title } edges { reasons { kind text } } }');
    expect(similar).toMatchObject({ totalCount: 2, nodes: [{ title: 'Third' }, { title: 'Second' }] });
    expect(similar.edges[0].reasons).toEqual(expect.arrayContaining([{ kind: 'SHARED_TAG', text: 'shares graphics' }, { kind: 'CO_UPVOTED', text: 'upvoted by 2 readers of this paper' }]));
  });
});

describe('the way back leads from', () => {
  const PAPERS = 'paperCount papers(orderBy: $orderBy) { totalCount nodes { title } }';
  const ORDERED: Record<string, string[]> = { NEWEST: ['Third', 'Second', 'First'], TOP: ['Third', 'First', 'Second'], TRENDING: ['Third', 'First', 'Second'] };

  test.each(Object.entries(ORDERED))('an author, a tag and a repo to their papers by %s', async (orderBy, titles) => {
    const { authors, tag, repo } = await server.query(
      `query ($orderBy: PaperOrder!, $url: URL!) { authors(prefix: "ADA") { nodes { ${PAPERS} } } tag(slug: "graphics") { ${PAPERS} } repo(url: $url) { ${PAPERS} } }`,
      { variables: { orderBy, url: 'https://gitlab.com/lab/few' } },
    );
    const listOf = (parent: any): unknown => [parent.paperCount, parent.papers.totalCount, parent.papers.nodes.map((node: any) => node.title)];
    expect(listOf(authors.nodes[0])).toEqual([3, 3, titles]);
    expect(listOf(tag)).toEqual([3, 3, titles]);
    expect(listOf(repo)).toEqual([2, 2, titles.filter((title) => title !== 'Third')]);
  });

  test.each(Object.entries(ORDERED))('a reader to the submitted papers by %s', async (orderBy, titles) => {
    const { user } = await server.query('query ($id: ID!, $orderBy: PaperOrder!) { user(id: $id) { submittedPapers(orderBy: $orderBy) { totalCount nodes { title } } } }', { variables: { id: readers[0]!.id, orderBy } });
    expect(user.submittedPapers).toEqual({ totalCount: 2, nodes: titles.filter((title) => title !== 'Third').map((title) => ({ title })) });
  });

  test('a reader to the upvoted papers, the latest upvote first', async () => {
    const { user } = await server.query('query ($id: ID!) { user(id: $id) { upvoteCount upvotedPapers { totalCount edges { upvotedAt node { title } } } } }', { variables: { id: readers[0]!.id } });
    expect(user).toEqual({ upvoteCount: 2, upvotedPapers: { totalCount: 2, edges: [{ upvotedAt: '2026-02-05T00:00:00.000Z', node: { title: 'Third' } }, { upvotedAt: '2026-02-02T00:00:00.000Z', node: { title: 'First' } }] } });
  });

  test('a tag to the tags on the same papers, the most alike first, in pages', async () => {
    const related = async (args = ''): Promise<any> => (await server.query(`{ tag(slug: "graph") { relatedTags${args} { totalCount nodes { slug } pageInfo { hasNextPage endCursor } } } }`)).tag.relatedTags;
    expect(await related()).toMatchObject({ totalCount: 2, nodes: [{ slug: 'graph-networks' }, { slug: 'graphics' }] });
    const page = await related('(first: 1)');
    expect([page.nodes, page.pageInfo.hasNextPage]).toEqual([[{ slug: 'graph-networks' }], true]);
    expect(await related(`(first: 1, after: "${page.pageInfo.endCursor}")`)).toMatchObject({ nodes: [{ slug: 'graphics' }], pageInfo: { hasNextPage: false } });
  });
});

describe('the list of', () => {
  async function list(field: string, name: string, variables: string): Promise<string[]> {
    const found = (await server.query(`{ ${field}(${variables}) { totalCount nodes { name: ${name} } } }`))[field];
    expect(found.totalCount).toBe(found.nodes.length);
    return found.nodes.map((node: any) => node.name);
  }

  test.each<[string, string[]]>([
    ['', ['Ada', 'Zoe', 'Élodie', '\\Backslash', '100X Real', '100% Real', 'AxB', 'A_B', 'Mia']],
    ['orderBy: NAME, prefix: "a"', ['A_B', 'Ada', 'AxB']],
    ['prefix: "ADA"', ['Ada']], ['prefix: "a_"', ['A_B']], ['prefix: "100%"', ['100% Real']], ['prefix: "%"', []], ['prefix: "_"', []], ['prefix: "\\\\"', ['\\Backslash']], ['prefix: "él"', ['Élodie']], ['prefix: " "', ['Ada', 'Zoe', 'Élodie', '\\Backslash', '100X Real', '100% Real', 'AxB', 'A_B', 'Mia']], ['prefix: "da"', []],
  ])('authors(%s)', async (variables, names) => {
    const found = await list('authors', 'name', `first: 50, ${variables}`);
    // Which of those with as many papers comes first is the ids' affair, except by name.
    expect(variables.includes('NAME') ? found : [...found].sort()).toEqual(variables.includes('NAME') ? names : [...names].sort());
    if (variables === '') expect(found.slice(0, 2)).toEqual(['Ada', 'Zoe']);
  });

  test.each<[string, string[]]>([
    ['orderBy: SLUG', ['graph', 'graph-networks', 'graphics', 'method-x']],
    ['orderBy: MOST_PAPERS, first: 1', ['graphics']],
    ['orderBy: SLUG, prefix: "graph"', ['graph', 'graph-networks', 'graphics']],
    ['orderBy: SLUG, prefix: "Graph N"', ['graph-networks']],
    ['orderBy: SLUG, prefix: "graph-"', ['graph-networks']], ['orderBy: SLUG, prefix: "graph "', ['graph-networks']],
    ['prefix: "%"', []], ['prefix: "_"', []], ['prefix: "graph%"', []], ['prefix: "gr_ph"', []], ['prefix: "raph"', []],
    ['kind: KEYWORD, orderBy: SLUG, prefix: "m"', ['method-x']], ['kind: TASK', []],
  ])('tags(%s)', async (variables, slugs) => {
    const { tags } = await server.query(`{ tags(${variables}) { nodes { slug } } }`);
    expect(tags.nodes.map((node: any) => node.slug)).toEqual(slugs);
  });

  test.each<[string, string[]]>([
    ['orderBy: STARS', ['stars', 'few', 'unknown', 'official']], ['orderBy: MOST_PAPERS, last: 3', ['unknown', 'stars', 'official']], ['orderBy: MOST_PAPERS, first: 1', ['few']],
    ['host: "gitlab.com"', ['few']], ['host: "GitHub.com"', ['stars', 'unknown', 'official']], ['host: "gitlab"', []], ['host: "%"', []],
  ])('repos(%s)', async (variables, names) => {
    const { repos } = await server.query(`{ repos(${variables}) { nodes { name } } }`);
    expect(repos.nodes.map((node: any) => node.name)).toEqual(names);
  });

  test('authors has one for all ways to write a name, as it was written first', async () => {
    const spellings = (number: number): string[] => [`Grace  Hopper ${number}`, `grace hopper ${number}`, `GRACE HOPPER ${number}`];
    const names = Array.from({ length: 20 }, (_, number) => spellings(number));
    await seedPapers(server, [0, 1, 2].map((way) => ({ title: `By many, way ${way}`, listedOn: '2026-01-04', authors: names.map((ways) => ways[way]!) })));
    await seedPapers(server, [{ title: 'By one again', listedOn: '2026-01-04', authors: ['grace HOPPER 7'] }]);
    const { authors } = await server.query('{ authors(prefix: "grace", first: 100) { nodes { name paperCount } } }');
    const byName = (one: any, other: any): number => one.name.localeCompare(other.name);
    expect(authors.nodes.sort(byName)).toEqual(names.map((_, number) => ({ name: `Grace Hopper ${number}`, paperCount: number === 7 ? 4 : 3 })).sort(byName));
  });

  test('authors goes on after the longest name that there may be', async () => {
    await seedPapers(server, [{ title: 'Long names', listedOn: '2026-01-04', authors: ['𝒜'.repeat(200), '𝒵 after it'] }]);
    const { authors } = await server.query('{ authors(orderBy: NAME, prefix: "𝒜") { nodes { name } pageInfo { endCursor } } }');
    expect(authors.nodes).toEqual([{ name: '𝒜'.repeat(200) }]);
    const next = await server.query('query ($after: String!) { authors(orderBy: NAME, after: $after, first: 1) { nodes { name } } }', { variables: { after: authors.pageInfo.endCursor } });
    expect(next.authors.nodes).toEqual([{ name: '𝒵 after it' }]);
  });
});
