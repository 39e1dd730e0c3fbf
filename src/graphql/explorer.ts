import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const TODAY = `# Today's papers. Run it with the button on the right; the book on the left shows the documentation.
query Today {
  feed {
    startsOn
    previous
    next
    papers(first: 5) {
      totalCount
      nodes {
        id
        title
        upvoteCount
        viewerHasUpvoted
        tags(first: 3) { nodes { name } }
        repos(first: 1) { nodes { url stars } }
      }
    }
  }
}
`;

const SIGN_IN = `# The password is in the output of the server's start. Put the token into the headers below:
# { "authorization": "Bearer <token>" }
mutation SignIn {
  signIn(input: { username: "demo", password: "" }) {
    token
    expiresAt
    viewer { displayName upvotedPapers(first: 5) { nodes { title } } }
  }
}
`;

const RECOMMENDATIONS = `# For the reader of the authorization header; without one, by trend.
query Recommendations {
  recommendations(first: 5) {
    edges {
      score
      node { id title }
      reasons { kind contribution text }
    }
  }
}
`;

const UPVOTE = `# Needs the authorization header. The next recommendations take it into account.
mutation Upvote($paperId: ID!) {
  upvotePaper(input: { paperId: $paperId }) {
    paper { title upvoteCount viewerHasUpvoted similar(first: 3) { nodes { id title } } }
  }
}
`;

/** The page of the GraphQL explorer, compressed with gzip: GraphiQL in one file, with queries to start from. */
export async function explorerPage(): Promise<Buffer> {
  // Nine megabytes of script, imported when the page is first asked for rather than at each start.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const page = renderGraphiQL({
    title: 'Daily Papers',
    endpoint: '/graphql',
    shouldPersistHeaders: true,
    defaultEditorToolsVisibility: 'headers',
    defaultTabs: [{ query: TODAY }, { query: SIGN_IN }, { query: RECOMMENDATIONS }, { query: UPVOTE, variables: '{ "paperId": "" }' }],
  });
  return promisify(gzip)(page);
}
