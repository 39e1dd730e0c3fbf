import { ApolloServerErrorCode } from '@apollo/server/errors';
import type { ErrorCode } from '../../src/errors.js';

const OURS: Readonly<Record<ErrorCode, true>> = {
  BAD_USER_INPUT: true, UNAUTHENTICATED: true, FORBIDDEN: true, NOT_FOUND: true, CONFLICT: true, RATE_LIMITED: true, COST_EXCEEDED: true,
  DEPTH_EXCEEDED: true, ALIASES_EXCEEDED: true, ROOT_FIELDS_EXCEEDED: true, DIRECTIVES_EXCEEDED: true, PERSISTED_QUERY_REQUIRED: true,
  IDEMPOTENCY_KEY_REUSED: true, IDEMPOTENCY_IN_PROGRESS: true, UNAVAILABLE: true,
};

/** What an error may say of itself; the compiler asks for a new code of ours here. */
export const DOCUMENTED_CODES: ReadonlySet<string> = new Set([
  ...Object.keys(OURS),
  ApolloServerErrorCode.BAD_REQUEST, ApolloServerErrorCode.GRAPHQL_PARSE_FAILED, ApolloServerErrorCode.GRAPHQL_VALIDATION_FAILED, ApolloServerErrorCode.OPERATION_RESOLUTION_FAILURE,
  ApolloServerErrorCode.PERSISTED_QUERY_NOT_FOUND, ApolloServerErrorCode.PERSISTED_QUERY_NOT_SUPPORTED,
]);
