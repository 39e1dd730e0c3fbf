import { Presets, SingleBar } from 'cli-progress';

/** How far a long command is. */
export interface Progress {
  update(done: number): void;
  /** Prints a line without breaking the bar. */
  say(line: string): void;
  stop(): void;
}

/** A bar with rate and time left on a terminal; elsewhere a line at each tenth. Both on standard error. */
export function createProgress(label: string, total: number): Progress {
  return process.stderr.isTTY ? bar(label, total) : tenths(label, total);
}

function bar(label: string, total: number): Progress {
  const single = new SingleBar(
    { format: `${label} [{bar}] {percentage}% | {duration_formatted} | {eta_formatted} left`, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  );
  single.start(total, 0);
  return {
    update: (done) => { single.update(Math.min(done, total)); },
    say: (line) => {
      process.stderr.write(`\r\x1b[K${line}\n`);
      single.render();
    },
    stop: () => { single.stop(); },
  };
}

function tenths(label: string, total: number): Progress {
  let shown = 0;
  return {
    update(done) {
      const tenth = Math.floor((10 * done) / Math.max(1, total));
      if (tenth <= shown) return;
      shown = tenth;
      process.stderr.write(`${label}: ${Math.min(100, tenth * 10)} %\n`);
    },
    say: (line) => void process.stderr.write(`${line}\n`),
    stop: () => undefined,
  };
}
