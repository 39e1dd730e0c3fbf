import { createHash } from 'node:crypto';
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

const RECOMMENDATIONS = `# For the reader of the authorization header; without one, by trend. The contributions of the reasons add up to the
# score, and with the same asOf and modelVersion the answer can be had again.
query Recommendations {
  recommendations(first: 5) {
    asOf
    modelVersion
    edges {
      score
      summary
      node { id title }
      reasons {
        kind
        contribution
        text
        ... on TagReason { tag { slug } upvotedPaperCount }
        ... on PaperReason { paper { title } readerCount }
      }
    }
  }
}
`;

const WHAT_IF = `# What would be: nothing is saved. Ids of papers, tags and authors go into the variables below; what the reader did not
# upvote or follow is ignored in "without".
query WhatIf($assuming: [ID!], $without: [ID!]) {
  recommendations(
    first: 5
    assuming: $assuming
    without: $without
    weights: { tags: 1, votes: 1, freshness: 1, diversity: 2 }
  ) {
    nodes { id title }
    comparison {
      entered { place actualPlace paper { title } }
      left { place actualPlace paper { title } }
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

const LIVE = `# Goes on until it is stopped; an upvote in another tab shows here.
subscription PaperVotes($paperId: ID!) {
  paperVotes(paperId: $paperId) { paper { title upvoteCount } }
}
`;

/** What the explorer opens with, a tab each. */
export const EXPLORER_TABS: readonly { readonly query: string; readonly variables?: string }[] = [
  { query: TODAY },
  { query: SIGN_IN },
  { query: RECOMMENDATIONS },
  { query: WHAT_IF, variables: '{ "assuming": [], "without": [] }' },
  { query: UPVOTE, variables: '{ "paperId": "" }' },
  { query: LIVE, variables: '{ "paperId": "" }' },
];

export interface ExplorerPage {
  /** Compressed with gzip. */
  readonly html: Buffer;
  /** What a browser may load for it. */
  readonly policy: string;
}

/** The page of the GraphQL explorer: GraphiQL in one file, with queries to start from. */
export async function explorerPage(): Promise<ExplorerPage> {
  // Nine megabytes of script, imported when the page is first asked for rather than at each start.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  // Beyond its types: what it takes as properties.
  const options: Parameters<typeof renderGraphiQL>[0] & { readonly subscriptionsEndpoint: string } = {
    title: 'Daily Papers',
    endpoint: '/graphql',
    // By server-sent events, which have the headers that are set; its requests are POST, as this server wants them.
    subscriptionsEndpoint: '/graphql/stream',
    method: 'POST',
    shouldPersistHeaders: true,
    defaultEditorToolsVisibility: 'headers',
    defaultTabs: [...EXPLORER_TABS],
  };
  const page = renderGraphiQL(options);
  return { html: await promisify(gzip)(page), policy: policyOf(page) };
}

/**
 * Runs the scripts that are in the page and no other, wherever they would come from. Its editor makes styles as it goes, and workers of
 * texts that it has; its fonts and pictures are in the page.
 */
function policyOf(page: string): string {
  const hashes = [...page.matchAll(/<script\b[^>]*>([\s\S]*?)<\/script>/g)].map(([, script = '']) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  return [
    "default-src 'none'", `script-src ${hashes.join(' ')}`, 'worker-src blob:', "connect-src 'self'", "style-src 'unsafe-inline'", 'img-src data:', 'font-src data:',
    "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
  ].join('; ');
}
