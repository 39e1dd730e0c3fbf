import { createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { once } from 'node:events';
import { openDatabase } from '../app.js';
import { readConfig } from '../config.js';
import type { LineReport } from '../imports/import.service.js';
import { createServices } from '../services.js';
import { exitWith } from './exit.js';
import { createProgress } from './progress.js';

const USAGE = `usage: npm run import -- FILE.jsonl [--report REPORT.jsonl]

Adds the papers of a JSON Lines file, or brings those that exist up to date. The report has a line for each line of the
file; without --report it is written to the data folder. Exit codes: 0 done (skipped lines included), 1 failed, 2 usage.`;

await exitWith(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { report: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1 || values.help === true) {
    console.error(USAGE);
    return values.help === true ? 0 : 2;
  }
  const config = readConfig();
  const { size } = await stat(file);
  const reportFile = values.report ?? join(config.dataFolder, 'imports', `${basename(file)}.${timestamp()}.report.jsonl`);
  await mkdir(dirname(reportFile), { recursive: true });
  const report = createWriteStream(reportFile);
  const database = await openDatabase(config);
  const progress = createProgress('importing', size);
  try {
    const { imports } = createServices(database, config);
    const startedAt = performance.now();
    const totals = await imports.importFile(file, new Date(), {
      onLine: (line) => {
        report.write(`${JSON.stringify(line)}\n`);
        if (line.outcome === 'skipped') progress.say(describe(line));
      },
      onProgress: (bytes) => { progress.update(bytes); },
    });
    progress.stop();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const { added, changed, unchanged, skipped } = totals;
    console.log(`added ${added}, changed ${changed}, unchanged ${unchanged}, skipped ${skipped} in ${seconds} s (${database.description})`);
    console.log(`report: ${reportFile}`);
    return 0;
  } finally {
    progress.stop();
    report.end();
    await once(report, 'finish');
    await database.close();
  }
});

function describe({ line, title, notes }: LineReport): string {
  return `line ${line} skipped: ${notes.join('; ')}${title === null ? '' : ` (${title.slice(0, 60)})`}`;
}

function timestamp(): string {
  return new Date().toISOString().replace(/[:.]/g, '-');
}
