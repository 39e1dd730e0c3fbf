import { lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import { fileURLToPath } from 'node:url';
import { createSchema } from './graphql/schema.js';
import { createResolvers } from './resolvers.js';
import type { Services } from './services.js';

/** The committed schema. */
export const schemaFile = fileURLToPath(new URL('../schema.graphql', import.meta.url));

/** The schema of the code, to be looked at: its resolvers are made but never called, and so need no service. */
export function unservedSchema(): GraphQLSchema {
  return createSchema(createResolvers({} as Services));
}

/** The schema of the code in the form in which it is committed. */
export function printedSchema(): string {
  return `# Printed from the code by \`npm run schema\`; a test fails when it is stale.\n\n${printSchema(lexicographicSortSchema(unservedSchema()))}\n`;
}
