import { stat } from 'node:fs/promises';
import { backUp } from '../database/backup.js';
import { exitWith } from './exit.js';
import { contentOf, megabytes, runOnFolder } from './folderCommand.js';

const usage = `usage: npm run backup -- FILE

Writes the embedded database in DATA_DIR into one file, a gzip of a tar, in place of what was there. The server must not
run meanwhile. The file has all that readers wrote, the hashes of their passwords too: only its owner can read it.

Exit codes: 0 done, 1 failed, 2 usage, 3 the folder is in use.`;

await exitWith(() => runOnFolder({
  usage,
  flags: [],
  onPostgres: 'pg_dump --format=custom --file=FILE "$DATABASE_URL"',
  run: async ({ folder, file }) => {
    const summary = await backUp(folder, file);
    return `wrote ${file} (${megabytes((await stat(file)).size)}): ${contentOf(summary)}, of the database in ${folder}`;
  },
}));
