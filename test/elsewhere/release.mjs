// Part of a release: keeps the schema that is released, by which test/elsewhere/released.test.ts tells breaking changes from
// others. Without descriptions, of which none breaks a client.
import { readFile, writeFile } from 'node:fs/promises';
import { parse, print, visit } from 'graphql';

const at = (path) => new URL(path, import.meta.url);
const { version } = JSON.parse(await readFile(at('../../package.json'), 'utf8'));
const undescribed = visit(parse(await readFile(at('../../schema.graphql'), 'utf8')), { enter: ({ description, ...node }) => (description === undefined ? undefined : node) });
await writeFile(at('released.graphql'), `# The schema of release ${version}, written by \`npm run release:schema\`.\n\n${print(undescribed)}\n`);
