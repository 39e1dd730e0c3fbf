// The part of the schema that the bench asks for, as Yoga and Mercurius serve it.
export const typeDefs = `
  enum PaperOrder { TRENDING NEWEST }
  input PaperFilter { text: String }
  input UpvotePaperInput { paperId: ID! }
  type Query {
    papers(first: Int!, after: String, orderBy: PaperOrder! = NEWEST, filter: PaperFilter): PaperConnection!
    paper(id: ID!): Paper
  }
  type Mutation { upvotePaper(input: UpvotePaperInput!): UpvotePaperPayload! }
  type UpvotePaperPayload { paper: Paper! }
  type PaperConnection { nodes: [Paper!]! pageInfo: PageInfo! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Paper {
    id: ID! title: String! abstract: String upvoteCount: Int! listedAt: String! viewerHasUpvoted: Boolean!
    authors(first: Int!): AuthorConnection! tags(first: Int!): TagConnection! repos(first: Int!): RepoConnection! upvotes(first: Int!): UpvoteConnection!
  }
  type AuthorConnection { totalCount: Int! nodes: [Author!]! }
  type Author { name: String! }
  type TagConnection { totalCount: Int! edges: [TagEdge!]! }
  type TagEdge { weight: Float! node: Tag! }
  type Tag { slug: String! name: String! }
  type RepoConnection { totalCount: Int! nodes: [Repo!]! }
  type Repo { url: String! stars: Int }
  type UpvoteConnection { totalCount: Int! edges: [UpvoteEdge!]! }
  type UpvoteEdge { upvotedAt: String! node: User! }
  type User { username: String! }
`;

export const resolvers = {
  Query: {
    async papers(_root, { first, after, orderBy, filter }, { reads }) {
      const found = await reads.papers({ first, after, orderBy, text: filter?.text });
      const nodes = found.slice(0, first);
      const last = nodes.at(-1);
      return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor: last === undefined ? null : `${last.key}_${last.id}` } };
    },
    paper: (_root, { id }, { reads }) => reads.paper(Number(id)),
  },
  Mutation: {
    async upvotePaper(_root, { input }, { reads, viewerId }) {
      if (viewerId === null) throw new Error('this needs a signed-in viewer');
      await reads.upvote(viewerId, Number(input.paperId));
      return { paper: await reads.paper(Number(input.paperId)) };
    },
  },
  Paper: {
    viewerHasUpvoted: ({ id }, _arguments, { viewerId, loaders }) => (viewerId === null ? false : loaders.viewerHasUpvoted.load(id)),
    async authors({ id, authorCount }, { first }, { loaders }) {
      return { totalCount: authorCount, nodes: (await loaders.authors.load(id)).slice(0, first) };
    },
    async tags({ id, tagCount }, { first }, { loaders }) {
      return { totalCount: tagCount, edges: (await loaders.tags.load(id)).slice(0, first).map((tag) => ({ weight: tag.weight, node: tag })) };
    },
    async repos({ id, repoCount }, { first }, { loaders }) {
      return { totalCount: repoCount, nodes: (await loaders.repos.load(id)).slice(0, first) };
    },
    async upvotes({ id, upvoteCount }, { first }, { loaders }) {
      return { totalCount: upvoteCount, edges: (await loaders.upvotes.load(id)).slice(0, first).map((upvote) => ({ upvotedAt: upvote.upvotedAt, node: upvote })) };
    },
  },
};

/** What one request carries. */
export async function contextOf(reads, authorization) {
  const viewerId = await reads.findViewer(authorization);
  return { reads, viewerId, loaders: reads.loaders(viewerId) };
}
