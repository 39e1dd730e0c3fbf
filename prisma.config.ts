import { defineConfig } from 'prisma/config';

// Every command of the Prisma CLI first looks for the `schema-engine` binary and tries to download it, although
// `generate` and `validate` never run it. Naming an existing file that cannot be executed skips the download where
// it is not needed; `migrate` keeps the real lookup, so that it can never "succeed" without an engine.
if (process.argv.some((argument) => argument === 'generate' || argument === 'validate')) {
  process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= new URL(import.meta.url).pathname;
}

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  // `generate` and `validate` need no address; `migrate` fails clearly on an empty one.
  datasource: { url: process.env.DATABASE_URL ?? '' },
});
