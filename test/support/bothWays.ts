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

export async function startBothWays(): Promise<BothWays> {
  const interpreted = await startTestServer({ compileAfter: Infinity });
  const compiled = await startBeside(interpreted, { compileAfter: 0 });
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
export function shown({ document }: Question, { status, body }: Outcome): string {
  return `${document}\n${status} ${JSON.stringify(body, null, 1)}`;
}

/** Whether the database wrote the whole answer: what it took beside is a feed's period and the days next to it. */
export function isWritten({ statements }: Outcome): boolean {
  return statements.some(isWriting) && statements.every((text) => isWriting(text) || text.includes('max(listed_at)'));
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
