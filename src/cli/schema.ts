import { readFile, writeFile } from 'node:fs/promises';
import { architectureFile, printedSchema, readmeFile, schemaFile, withRules, withSchemaLines } from '../schemaFile.js';

const schema = printedSchema();
await writeFile(schemaFile, schema);
await writeFile(readmeFile, withSchemaLines(await readFile(readmeFile, 'utf8'), schema));
await writeFile(architectureFile, withRules(await readFile(architectureFile, 'utf8')));
console.log(`wrote ${schemaFile}, the lines of links into it in ${readmeFile}, and the rules of who may ask for what in ${architectureFile}`);
