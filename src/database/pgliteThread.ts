import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, messages, types, type Results } from '@electric-sql/pglite';
import { EXTENSIONS } from './pgliteExtensions.js';
import { BEGUN, GIVEN_UP, OPENING, WAITING, type SentError, type StatementMessage, type ThreadMessage, type ThreadReply, type ThreadStart } from './pgliteMessages.js';

// The thread of the embedded database: it opens the folder that it is started with, creating it at first, and runs what
// it is sent in the order in which it comes.

const { folder, states } = workerData as ThreadStart;
const opening = open(folder);

// Each when the one before is done: until then it may be given up.
let last = reply(OPENING, (pglite) => {
  pglite.onNotification((channel, payload) => {
    send({ channel, payload });
  });
  return Promise.resolve([]);
});
parentPort?.on('message', (message: ThreadMessage) => {
  last = last.then(() => reply(message.id, (pglite) => ('close' in message ? close(pglite) : begin(pglite, message))));
});

function begin(pglite: PGlite, message: StatementMessage): Promise<Results[]> {
  const isGivenUp = Atomics.compareExchange(states, message.id % states.length, WAITING, BEGUN) === GIVEN_UP;
  return isGivenUp ? Promise.resolve([]) : run(pglite, message);
}

// A folder whose creation was interrupted never opens again. So it is made under another name, closed, and renamed:
// what stands under the real name is always whole.
async function open(path: string): Promise<PGlite> {
  if (!existsSync(path)) {
    const draft = `${path}.creating`;
    await rm(draft, { recursive: true, force: true });
    await (await PGlite.create(draft)).close();
    await rename(draft, path);
  }
  return PGlite.create(path, { extensions: EXTENSIONS, parsers: { [types.BYTEA]: parseBytes } });
}

async function run(pglite: PGlite, { text, parameters, rowMode, textTypes }: StatementMessage): Promise<Results[]> {
  const options = { rowMode, parsers: Object.fromEntries(textTypes.map((type) => [type, asIs])) };
  if (parameters === null) return pglite.exec(text, options);
  return [await pglite.query<Record<string, unknown>>(text, [...parameters], options)];
}

async function close(pglite: PGlite): Promise<Results[]> {
  await pglite.close();
  return [];
}

function asIs(text: string): string {
  return text;
}

/** `\x` and two digits a byte, into memory that is its own and can be handed over. */
function parseBytes(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}

async function reply(id: number, work: (pglite: PGlite) => Promise<Results[]>): Promise<void> {
  try {
    const results = await work(await opening);
    send({ id, results }, results.flatMap(bytesOf));
  } catch (error) {
    send({ id, error: sendable(error) });
  }
}

function send(message: ThreadReply, transferred: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transferred);
}

/** The memory of binary values, which is handed over rather than copied. */
function bytesOf({ fields, rows }: Results): ArrayBuffer[] {
  return fields.flatMap(({ name, dataTypeID }, column) => {
    if (dataTypeID !== types.BYTEA) return [];
    return rows.flatMap((row) => {
      const value: unknown = Array.isArray(row) ? row[column] : row[name];
      return value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [];
    });
  });
}

// PGlite adds the statement, its parameters and functions, which stay here: some cannot be sent, and the asker has them.
const ADDED = new Set(['query', 'params', 'queryOptions']);

function sendable(error: unknown): SentError {
  if (!(error instanceof Error)) return { message: String(error), stack: undefined, fields: null };
  const { message, stack } = error;
  if (!(error instanceof messages.DatabaseError)) return { message, stack, fields: null };
  const fields = Object.entries(error).filter(([name, value]) => value !== undefined && !ADDED.has(name));
  return { message, stack, fields: Object.fromEntries(fields) };
}
