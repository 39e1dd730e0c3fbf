import { readFile, writeFile } from 'node:fs/promises';
import { printedSchema, readmeFile, schemaFile, withSchemaLines } from '../schemaFile.js';

const schema = printedSchema();
await writeFile(schemaFile, schema);
await writeFile(readmeFile, withSchemaLines(await readFile(readmeFile, 'utf8'), schema));
console.log(`wrote ${schemaFile}, and the lines of links into it in ${readmeFile}`);
