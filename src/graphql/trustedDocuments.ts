import type { ApolloServerPlugin, GraphQLRequest } from '@apollo/server';
import { GraphQLError } from 'graphql';
import { DomainError } from '../errors.js';
import { plainId, type TrustedDocuments } from '../trustedManifest.js';

// In the place of a document that is not trusted, which nobody parses: that its operation is refused can be said after it.
const REFUSED = '{ __typename }';

/** What a client may send to name a document. */
export interface Naming {
  readonly documentId?: unknown;
  readonly extensions?: unknown;
}

/** The id that a request names a document by, as `documentId` or as of persisted queries; null for none. */
export function documentIdOf({ documentId, extensions }: Naming): string | null {
  if (typeof documentId === 'string') return plainId(documentId);
  const persisted = (extensions as { readonly persistedQuery?: { readonly sha256Hash?: unknown } | null } | null | undefined)?.persistedQuery;
  return typeof persisted?.sha256Hash === 'string' ? persisted.sha256Hash : null;
}

/** Runs the documents of a manifest alone, whatever text comes along; all others are refused, whichever way they come. */
export function runTrustedAlone(documents: TrustedDocuments): ApolloServerPlugin {
  return {
    requestDidStart: ({ request }) => {
      const id = documentIdOf({ documentId: sentId(request), extensions: request.extensions });
      const document = id === null ? undefined : documents.get(id);
      const { persistedQuery: _, ...extensions } = (request.extensions ?? {}) as Record<string, unknown>;
      request.extensions = extensions;
      request.query = document ?? REFUSED;
      if (document !== undefined) return Promise.resolve();
      delete request.operationName;
      return Promise.resolve({ didResolveOperation: () => Promise.reject(refusal(id)) });
    },
  };
}

function sentId({ http }: GraphQLRequest): unknown {
  if (http === undefined) return undefined;
  return http.method === 'GET' ? (new URLSearchParams(http.search).get('documentId') ?? undefined) : (http.body as Naming | null)?.documentId;
}

function refusal(id: string | null): GraphQLError {
  const told = id === null ? 'received none of extensions.persistedQuery.sha256Hash and documentId' : `received ${id.slice(0, 80)}, which is not among them`;
  const originalError = new DomainError('PERSISTED_QUERY_REQUIRED', `only trusted documents run here, by their ids: ${told}`);
  return new GraphQLError(originalError.message, { originalError, extensions: { http: { status: 400 } } });
}
