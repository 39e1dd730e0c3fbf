import type { ApolloServerPlugin } from '@apollo/server';
import { GraphQLError, Kind, visit, type DocumentNode } from 'graphql';
import { badInput } from '../errors.js';

// No input of the schema is nearly as deep; what is deeper does not pass its type.
const DEEPEST_INPUT = 20;

/**
 * Refuses texts with the character NUL, wherever they stand in a request: PostgreSQL has no such text, and would answer
 * with an error of its own from each place that forgets to look.
 */
export const refuseNul: ApolloServerPlugin = {
  requestDidStart: () =>
    Promise.resolve({
      didResolveOperation({ request, document, source }) {
        // Only an escape can bring NUL into a document, so most are not looked through.
        if (/\\u(0000|\{0+\})/.test(source) && hasNulLiteral(document)) throw refusal('a text of the document');
        const path = pathToNul(request.variables);
        if (path !== null) throw refusal(`variables${path}`);
        return Promise.resolve();
      },
    }),
};

function refusal(field: string): GraphQLError {
  const originalError = badInput(field, 'must not contain the character NUL', '\0');
  return new GraphQLError(originalError.message, { originalError, extensions: { code: originalError.code, http: { status: 400 } } });
}

function hasNulLiteral(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    [Kind.STRING]: (node) => {
      isFound ||= node.value.includes('\0');
    },
  });
  return isFound;
}

/** Where in a value there is a text with NUL, such as `.filter.tags.any[0]`; null where there is none. */
function pathToNul(value: unknown, depth = 0): string | null {
  if (typeof value === 'string') return value.includes('\0') ? '' : null;
  if (typeof value !== 'object' || value === null || depth > DEEPEST_INPUT) return null;
  for (const [key, item] of Object.entries(value)) {
    const path = pathToNul(item, depth + 1);
    if (path !== null) return Array.isArray(value) ? `[${key}]${path}` : `.${key}${path}`;
  }
  return null;
}
