import { seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from './seed.js';
import { startTestServer, type TestServer } from './testServer.js';

/** All that an answer says of a ranking. */
export const RANKING = `totalCount asOf modelVersion
  edges { cursor score summary node { id title viewerHasUpvoted } reasons { __typename kind contribution text
    ... on TagReason { tag { slug } upvotedPaperCount } ... on AuthorReason { author { name } upvotedPaperCount }
    ... on PaperReason { paper { title } readerCount } ... on ReadersReason { readerCount } ... on OtherReason { reasonCount } } }
  nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  comparison { entered { paper { id } place actualPlace } left { paper { id } place actualPlace } }`;
export const RECOMMENDATIONS = `query ($first: Int! = 100, $after: String, $without: [ID!], $assuming: [ID!], $weights: RecommendationWeightsInput, $asOf: String, $modelVersion: String) {
  recommendations(first: $first, after: $after, without: $without, assuming: $assuming, weights: $weights, asOf: $asOf, modelVersion: $modelVersion) { ${RANKING} }
}`;
const CHECKSUM = '{ recommenderState { checksum paperCount readerCount upvoteCount } }';

/** A server whose readers have tastes: two themes, niches, authors of several papers, and upvotes. */
export interface TasteServer extends TestServer {
  /** The first has done nothing. */
  readonly readers: readonly Reader[];
  readonly papers: readonly SeededPaper[];
  readonly admin: Reader;
  recommended(reader: Reader | null, variables?: Record<string, unknown>): Promise<any>;
  /** What the recommender holds, by its checksum and counts. */
  state(): Promise<{ checksum: string; paperCount: number; readerCount: number; upvoteCount: number }>;
  idOf(kind: 'tag' | 'author', name: string): Promise<string>;
  act(reader: Reader, mutation: string): Promise<any>;
}

export async function startTasteServer(): Promise<TasteServer> {
  const server = await startTestServer();
  // One after the other: rankings of two such servers are the same to the last bit, by ids.
  const readers: Reader[] = [];
  while (readers.length < 8) readers.push(await seedReader(server));
  const admin = await seedReader(server, 'ADMIN');
  const papers = await seedPapers(server, Array.from({ length: 40 }, (_, n) => ({
    title: `Paper ${n}`, listedOn: `2026-01-${String(1 + (n * 7) % 28).padStart(2, '0')}`,
    authors: [`Author ${n % 8}`, `Author ${8 + (n % 3)}`],
    tags: [{ slug: n % 2 === 0 ? 'vision' : 'audio', weight: 1 }, { slug: 'learning', weight: 0.5 }, { slug: `niche-${n % 5}`, weight: 0.8 }],
  })));
  await seedUpvotes(server, papers.flatMap((paper, n) => readers.slice(1).filter((_, r) => (n * 3 + r * 5) % 7 < 2 && n < 32).map((reader) => [reader, paper] as const)));
  return {
    ...server,
    readers,
    papers,
    admin,
    recommended: async (reader, variables = {}) => (await server.query(RECOMMENDATIONS, { token: reader?.token ?? null, variables })).recommendations,
    state: async () => (await server.query(CHECKSUM, { token: admin.token })).recommenderState,
    idOf: async (kind, name) => {
      const { tag, authors } = await server.query('query ($slug: String!) { tag(slug: $slug) { id } authors(first: 100) { nodes { id name } } }', { variables: { slug: kind === 'tag' ? name : 'vision' } });
      return kind === 'tag' ? tag.id : authors.nodes.find((author: any) => author.name === name).id;
    },
    act: (reader, mutation) => server.query(`mutation { ${mutation} { __typename } }`, { token: reader.token }),
  };
}

interface Ranking {
  readonly totalCount: number;
  readonly edges: readonly any[];
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: unknown;
}

/** What is equal of two answers to the same question: neither when they were asked, nor what moved. */
export function rankingOf({ totalCount, edges, nodes, pageInfo }: Ranking): unknown {
  const places = edges.map(({ node: { id, title }, ...edge }) => ({ ...edge, node: { id, title } }));
  return { totalCount, edges: places, nodes, pageInfo };
}

export const idsOf = (connection: Pick<Ranking, 'nodes'>): string[] => connection.nodes.map((node) => node.id);
export const reasonsOf = (connection: Ranking): any[] => connection.edges.flatMap((edge) => edge.reasons);
