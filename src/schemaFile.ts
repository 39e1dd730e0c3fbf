import { lexicographicSortSchema, printSchema } from 'graphql';
import { fileURLToPath } from 'node:url';
import { createSchema } from './graphql/schema.js';
import { createResolvers } from './resolvers.js';
import type { Services } from './services.js';

/** The committed schema. */
export const schemaFile = fileURLToPath(new URL('../schema.graphql', import.meta.url));

/** The schema of the code in the form in which it is committed. */
export function printedSchema(): string {
  // Resolvers are made but never called: no service is needed to print.
  const schema = createSchema(createResolvers({} as Services));
  return `# Printed from the code by \`npm run schema\`; a test fails when it is stale.\n\n${printSchema(lexicographicSortSchema(schema))}\n`;
}
