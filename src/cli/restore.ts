import { restore } from '../database/backup.js';
import { exitWith } from './exit.js';
import { contentOf, runOnFolder } from './folderCommand.js';

const usage = `usage: npm run restore -- FILE [--force]

Puts the database of a backup into DATA_DIR. The whole file is read, and its database opened, before anything is replaced.
The server must not run meanwhile.

  --force   replaces a database that is there already

Exit codes: 0 done, 1 failed, 2 usage, 3 the folder is in use.`;

await exitWith(() => runOnFolder({
  usage,
  flags: ['force'],
  onPostgres: 'pg_restore --dbname="$DATABASE_URL" --clean --if-exists FILE',
  run: async ({ folder, file, given }) => `restored ${contentOf(await restore(folder, { file, isForced: given.has('force') }))} into ${folder}`,
}));
