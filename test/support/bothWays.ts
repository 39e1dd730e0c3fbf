import { jest } from '@jest/globals';
import { startBeside, startTestServer, type TestServer } from './testServer.js';

/** What is sent, whole. */
export interface Question {
  readonly document: string;
  readonly variables?: Record<string, unknown> | null;
  readonly operationName?: string | null;
  readonly token?: string | null;
}

export interface Outcome {
  readonly status: number;
  /** As it came, but for the ids of masked errors; errors in an order of their own. */
  readonly body: { readonly data?: any; readonly errors?: readonly any[] };
  /** The SQL statements that it took. */
  readonly statements: readonly string[];
}

/** Two servers on one database: one interprets every operation, the other compiles and plans each at once. */
export interface BothWays {
  readonly interpreted: TestServer;
  readonly compiled: TestServer;
  /** Asks the first server once, the second twice: what it keeps of an operation is used again. */
  ask(question: Question): Promise<{ readonly expected: Outcome; readonly got: readonly [Outcome, Outcome] }>;
  /** What the planner could not write though it began to. */
  readonly failures: unknown[];
  stop(): Promise<void>;
}

// What is too large to be compiled is more than a client may send.
const limits = { maxDepth: 15, maxAliases: 1000, maxRootFields: 100, maxDirectives: 20 };

export async function startBothWays(): Promise<BothWays> {
  const interpreted = await startTestServer({ compileAfter: Infinity, limits });
  const compiled = await startBeside(interpreted, { compileAfter: 0, limits });
  const failures: unknown[] = [];
  jest.spyOn(compiled.app.log, 'warn').mockImplementation((...line: unknown[]) => failures.push(line));
  return {
    interpreted,
    compiled,
    ask: async (question) => ({ expected: await outcomeOf(interpreted, question), got: [await outcomeOf(compiled, question), await outcomeOf(compiled, question)] }),
    failures,
    async stop() {
      await compiled.stop();
      await interpreted.stop();
    },
  };
}

/** An outcome as one text to compare, the order of fields included. */
export function shown({ document, variables }: Question, { status, body }: Outcome): string {
  // Compiled, a field stands where the document has it first, even if that one is skipped and another one is not.
  const isOrdered = !/@(skip|include)/.test(document);
  return `${document}\n${JSON.stringify(variables)}\n${status} ${JSON.stringify(isOrdered ? body : inOrder(body), null, 1)}`;
}

/**
 * The outcome with one error for each part of the answer that errors within made null, which names the part alone: which
 * of them is told depends on which came first.
 */
export function withoutWitnesses(outcome: Outcome): Outcome {
  const { data, errors } = outcome.body;
  if (errors === undefined) return outcome;
  const told = errors.map((error) => {
    const path = (error.path ?? []) as readonly (string | number)[];
    const place = path.slice(0, depthOfNull(data, path));
    return JSON.stringify(place.length === path.length ? error : { place });
  });
  return { ...outcome, body: { ...outcome.body, errors: [...new Set(told)].sort() } };
}

/** How many steps of a path lead to where the answer is null. */
function depthOfNull(data: unknown, path: readonly (string | number)[]): number {
  let value = data;
  let depth = 0;
  while (depth < path.length && typeof value === 'object' && value !== null) {
    value = (value as Record<string | number, unknown>)[path[depth] as string | number];
    depth += 1;
  }
  return depth;
}

/** The same with the fields of each object by name. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, item]) => [name, inOrder(item)]));
}

/** Whether the database wrote the whole answer: what it took beside says where to start a list, or a feed's period and the days next to it. */
export function isWritten({ statements }: Outcome): boolean {
  return statements.some(isWriting) && statements.every((text) => isWriting(text) || text.includes('max(listed_on)') || /^(EXPLAIN|SELECT \(.*\)::float8 AS count$)/s.test(text));
}

function isWriting(statement: string): boolean {
  return statement.startsWith('WITH viewer AS MATERIALIZED');
}

async function outcomeOf(server: TestServer, { document, variables, operationName, token }: Question): Promise<Outcome> {
  const { result, statements } = await server.countStatements(async () => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token != null && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: document, variables, operationName }),
    });
    return { status: response.status, body: (await response.json()) as Outcome['body'] };
  });
  return { status: result.status, body: normalised(result.body), statements };
}

function normalised(body: Outcome['body']): Outcome['body'] {
  if (body.errors === undefined) return body;
  const errors = body.errors.map((error) => JSON.stringify(error).replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'an id')).sort();
  return { ...body, errors: errors.map((error) => JSON.parse(error) as unknown) };
}
