import { writeFile } from 'node:fs/promises';
import { printedSchema, schemaFile } from '../schemaFile.js';

await writeFile(schemaFile, printedSchema());
console.log(`wrote ${schemaFile}`);
