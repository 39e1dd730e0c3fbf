// Apollo Server standalone, TypeGraphQL, Prisma and DataLoader with their defaults, on the server's own Prisma client.
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { PrismaPg } from '@prisma/adapter-pg';
import ts from 'typescript';
import { PrismaClient } from '../../../../../dist/generated/prisma/client.js';
import { databaseUrl, poolSize } from '../serving.mjs';

const COMPILER = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, experimentalDecorators: true };
// From where packages are the server's own: one copy of graphql.
const COMPILED = new URL('../../../../../dist/bench/', import.meta.url);

for (const name of ['types', 'loaders', 'schema']) await compile(name);
const { createSchema } = await import(new URL('schema.js', COMPILED));
const { createLoaders } = await import(new URL('loaders.js', COMPILED));
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max: poolSize }) });
const server = new ApolloServer({ schema: await createSchema() });
const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' }, context });
console.log(`ready at ${url}graphql`);

async function context({ req }) {
  const token = req.headers.authorization?.replace('Bearer ', '');
  const session = token === undefined ? null : await prisma.session.findUnique({ where: { tokenHash: createHash('sha256').update(token).digest() }, include: { user: true } });
  const viewerId = session !== null && session.expiresAt > new Date() ? session.user.id : null;
  return { prisma, viewerId, loaders: createLoaders(prisma, viewerId) };
}

/** Decorators need compiling. */
async function compile(name) {
  const source = await readFile(new URL(`./${name}.ts`, import.meta.url), 'utf8');
  await mkdir(COMPILED, { recursive: true });
  await writeFile(new URL(`${name}.js`, COMPILED), ts.transpileModule(source, { compilerOptions: COMPILER }).outputText);
}
