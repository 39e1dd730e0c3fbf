import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Documents by the ids, or hashes, under which clients ask for them. */
export type TrustedDocuments = ReadonlyMap<string, string>;

const text = z.string().min(1);
// Of Apollo's generate-persisted-query-manifest; and of Relay's compiler and the client preset of GraphQL Code Generator.
const manifest = z.union([
  z.object({ format: z.literal('apollo-persisted-query-manifest'), operations: z.array(z.object({ id: text, body: text })) }).transform(({ operations }) => operations.map(({ id, body }) => [id, body] as const)),
  z.record(z.string(), text).transform((documents) => Object.entries(documents)),
]);

/** The documents of a manifest in JSON; throws an Error that says what is wrong with the file. */
export function readTrustedDocuments(path: string): TrustedDocuments {
  const result = manifest.safeParse(parsed(path));
  if (!result.success) throw new Error(`${path} is no manifest: neither { "<hash>": "<document>" } nor Apollo's with operations of id and body`);
  return new Map(result.data.map(([id, document]) => [plainId(id), document]));
}

/** An id without the name of its hash: `sha256:abc` is `abc`. */
export function plainId(id: string): string {
  return id.replace(/^sha256:/i, '');
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${path} cannot be read as JSON: ${(error as Error).message}`, { cause: error });
  }
}
