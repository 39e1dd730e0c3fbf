import { HeaderMap } from '@apollo/server';
import { GraphQLError, Kind, OperationTypeNode, type ExecutionResult, type OperationDefinitionNode } from 'graphql';
import { UnavailableError, type Outcome } from '../errors.js';

/** What a client can know of its mutation. */
const TOLD: Readonly<Record<Outcome, string>> = {
  WRITTEN: 'the mutation was written, what it answers could not be read',
  NOT_WRITTEN: 'the mutation was not executed',
  UNKNOWN: 'the mutation may have been written: look before you send it again',
};

/** Fields of Query that the server answers by itself. */
const WITHOUT_DATABASE: ReadonlySet<string> = new Set(['rateLimit']);

/** Whether an operation asks for more than what the server knows of itself, as introspection does. */
export function needsDatabase({ selectionSet }: OperationDefinitionNode): boolean {
  return !selectionSet.selections.every((one) => one.kind === Kind.FIELD && (one.name.value.startsWith('__') || WITHOUT_DATABASE.has(one.name.value)));
}

/** The answer of an operation that was not executed. */
export function notExecuted(error: UnavailableError, operation: OperationDefinitionNode): ExecutionResult {
  return { errors: [asWhole(told(error, operation, 'NOT_WRITTEN'))] };
}

/** The answer of an operation that takes longer than one may: it was cut off somewhere. */
export function takesTooLong(milliseconds: number, operation: OperationDefinitionNode): ExecutionResult {
  const retryAfter = 5;
  const error = new UnavailableError(`the request took longer than ${milliseconds / 1000} s: come again in ${retryAfter} s`, retryAfter);
  return { errors: [asWhole(told(error, operation, 'UNKNOWN'))] };
}

/**
 * An answer in which failures of the database are told as such, and of a mutation what became of it. What nothing was found of is
 * answered with 503; what has some data, with 200, as GraphQL over HTTP wants it.
 */
export function withOutages(result: ExecutionResult, operation: OperationDefinitionNode, judge: (error: unknown) => unknown): ExecutionResult {
  const { errors, data } = result;
  if (errors === undefined) return result;
  const judged = errors.map((error) => {
    const cause = judge(error.originalError);
    return cause instanceof UnavailableError ? retold(error, told(cause, operation, outcomeAt(error))) : error;
  });
  const first = judged.findIndex(({ originalError }) => originalError instanceof UnavailableError);
  if (first < 0) return result;
  // What was written is not to be sent again.
  const isWritten = judged.some(({ originalError }) => originalError instanceof UnavailableError && originalError.outcome === 'WRITTEN');
  const isEmpty = data == null || (operation.operation === OperationTypeNode.QUERY && Object.values(data).every((value) => value === null));
  if (isWritten || !isEmpty || !judged.every(({ originalError }) => originalError instanceof UnavailableError)) return { ...result, errors: judged };
  const whole = judged.map((error, place) => (place === first ? asWhole(error.originalError as UnavailableError, error) : error));
  return { ...result, errors: whole, ...(data !== undefined && { data: null }) };
}

// What a mutation answers is read after it was written; where the field of the mutation itself failed, it may have been.
function outcomeAt({ path }: GraphQLError): Outcome {
  return (path?.length ?? 0) > 1 ? 'WRITTEN' : 'UNKNOWN';
}

function told(error: UnavailableError, operation: OperationDefinitionNode, outcome: Outcome): UnavailableError {
  if (operation.operation !== OperationTypeNode.MUTATION) return error;
  return new UnavailableError(`${error.message}; ${TOLD[outcome]}`, error.retryAfter, { cause: error.cause, outcome });
}

/** The same error at the same place, of another cause. */
function retold({ path, locations }: Pick<GraphQLError, 'path' | 'locations'>, originalError: UnavailableError, extensions: Record<string, unknown> = {}): GraphQLError {
  const same = new GraphQLError(originalError.message, { originalError, path: path ?? null, extensions });
  return Object.defineProperty(same, 'locations', { value: locations, enumerable: locations !== undefined });
}

/** An error that the whole answer consists of. */
function asWhole(error: UnavailableError, at: Pick<GraphQLError, 'path' | 'locations'> = { path: undefined, locations: undefined }): GraphQLError {
  // Apollo takes its own kind of map alone, of which its types do not know.
  return retold(at, error, { http: { status: 503, headers: new HeaderMap([['retry-after', String(error.retryAfter)]]) } });
}
