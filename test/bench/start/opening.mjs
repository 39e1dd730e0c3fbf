// A process that only opens a folder with PGlite on a thread. Argument: the folder.
import { takeFolder } from '../../../dist/database/dataFolder.js';

const from = performance.now();
const folder = await takeFolder(process.argv[2]);
await folder.pglite.opened;
const opened = performance.now() - from;
await folder.close();
process.send({ boot: from, opened });
process.disconnect();
