const GRAPHQL_RESPONSE = 'application/graphql-response+json';

/** The type of an answer in the form of GraphQL, as the client takes it. */
export function mediaTypeFor(accept: string | undefined): string {
  return `${accept?.includes(GRAPHQL_RESPONSE) === true ? GRAPHQL_RESPONSE : 'application/json'}; charset=utf-8`;
}
