import { getDistDirectory, renderAltair } from 'altair-static';

const FIRST_QUERY = `# Today's papers. Press Ctrl+Enter to run; the button with the book shows the documentation.
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

const SIGN_IN = `# Copy the token into the header Authorization: Bearer <token> (the button with the arrows).
mutation SignIn {
  signIn(input: { username: "demo", password: "" }) {
    token
    expiresAt
    viewer { displayName upvotedPapers(first: 5) { nodes { title } } }
  }
}
`;

const RECOMMENDATIONS = `# For the viewer of the Authorization header; without one, by trend.
query ForMe {
  recommendations(first: 5) {
    edges {
      score
      node { id title }
      reasons { kind contribution text }
    }
  }
}
`;

/** The folder of the explorer's scripts and styles, to be served under `baseUrl`. */
export const explorerFolder = getDistDirectory();

/** The page of the GraphQL explorer: Altair, from its npm package, with queries to start from. */
export function explorerPage(baseUrl: string): string {
  const window = (initialName: string, initialQuery: string) => ({ initialName, initialQuery, endpointURL: '/graphql' });
  return renderAltair({
    baseURL: baseUrl,
    endpointURL: '/graphql',
    initialName: "Today's papers",
    initialQuery: FIRST_QUERY,
    initialWindows: [window("Today's papers", FIRST_QUERY), window('Sign in', SIGN_IN), window('Recommendations', RECOMMENDATIONS)],
  });
}
