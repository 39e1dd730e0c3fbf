import { lexicographicSortSchema, parse, printSchema, type GraphQLSchema } from 'graphql';
import { fileURLToPath } from 'node:url';
import { RULES, rulesTable } from './authorization.js';
import { createSchema } from './graphql/schema.js';
import { createResolvers } from './resolvers.js';
import type { Services } from './services.js';

/** The committed schema. */
export const schemaFile = fileURLToPath(new URL('../schema.graphql', import.meta.url));
/** The document whose links lead into the schema. */
export const readmeFile = fileURLToPath(new URL('../README.md', import.meta.url));

/** The document that has the table of who may ask for what. */
export const architectureFile = fileURLToPath(new URL('../ARCHITECTURE.md', import.meta.url));

/** The schema of the code, to be looked at: its resolvers are made but never called, and so need no service. */
export function unservedSchema(): GraphQLSchema {
  return createSchema(createResolvers({} as Services), RULES, { take: () => Promise.reject(new Error('nothing is done by this schema')) });
}

/** The schema of the code in the form in which it is committed. */
export function printedSchema(): string {
  return `# Printed from the code by \`npm run schema\`; a test fails when it is stale.\n\n${printSchema(lexicographicSortSchema(unservedSchema()))}\n`;
}

const TABLE = /(<!-- rules: written by `npm run schema` -->\n)[^]*?(\n<!-- end of rules -->)/;

/** The text with the table of who may ask for what as the code has it now; throws where the text has no place for it. */
export function withRules(text: string): string {
  if (!TABLE.test(text)) throw new Error('a text must have the two comments between which the rules stand');
  return text.replace(TABLE, (_, start: string, end: string) => `${start}${rulesTable()}${end}`);
}

// A line number is all that GitHub knows to lead into a file by; the title says what is to stand there.
const LINK = /\]\(schema\.graphql#[^\s)]*(?:\s+"([^"]*)")?\)/g;

/**
 * The text with its links into the schema, such as `[feeds](schema.graphql#L1 "Query.feed")`, led to the line where what
 * they name begins now: a type, or a field or value of one. Throws where a link names nothing that is there.
 */
export function withSchemaLines(text: string, schema: string): string {
  const lines = linesByName(schema);
  return text.replace(LINK, (link, name: string | undefined) => {
    const line = name === undefined ? undefined : lines.get(name);
    if (line === undefined) throw new Error(`a link into the schema must name a type, or a field or value of one, received ${link.slice(1)}`);
    return `](schema.graphql#L${line} "${name}")`;
  });
}

function linesByName(schema: string): Map<string, number> {
  const lines = new Map<string, number>();
  for (const definition of parse(schema).definitions) {
    if (!('name' in definition)) continue;
    const name = definition.name.value;
    const parts = [...('fields' in definition ? (definition.fields ?? []) : []), ...('values' in definition ? (definition.values ?? []) : [])];
    for (const [key, node] of [[name, definition] as const, ...parts.map((part) => [`${name}.${part.name.value}`, part] as const)]) {
      // Of its description, where it has one.
      lines.set(key, node.loc?.startToken.line ?? 1);
    }
  }
  return lines;
}
