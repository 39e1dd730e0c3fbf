import { Presets, SingleBar } from 'cli-progress';

/** How far a long command is. */
export interface Progress {
  /** `note` says more, such as a rate. */
  update(done: number, note?: string): void;
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
    { format: `${label} [{bar}] {percentage}% | {note}{duration_formatted} | {eta_formatted} left`, hideCursor: true, stream: process.stderr },
    Presets.shades_classic,
  );
  single.start(total, 0, { note: '' });
  return {
    update: (done, note) => { single.update(Math.min(done, total), { note: note === undefined ? '' : `${note} | ` }); },
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
    update(done, note) {
      const tenth = Math.floor((10 * done) / Math.max(1, total));
      if (tenth <= shown) return;
      shown = tenth;
      process.stderr.write(`${label}: ${Math.min(100, tenth * 10)} %${note === undefined ? '' : `, ${note}`}\n`);
    },
    say: (line) => void process.stderr.write(`${line}\n`),
    stop: () => undefined,
  };
}

const COUNT_EVERY_MS = 5000;

/** The same for work whose size is not known: what is said of it, on one line that changes on a terminal, else every five seconds. */
export function createCounter(label: string): Progress {
  let shownAt = performance.now();
  const { isTTY } = process.stderr;
  return {
    update(done, note = String(done)) {
      if (isTTY) process.stderr.write(`\r\x1b[K${label}: ${note}`);
      else if (performance.now() - shownAt >= COUNT_EVERY_MS) {
        shownAt = performance.now();
        process.stderr.write(`${label}: ${note}\n`);
      }
    },
    say: (line) => void process.stderr.write(`${isTTY ? '\r\x1b[K' : ''}${line}\n`),
    stop: () => { if (isTTY) process.stderr.write('\r\x1b[K'); },
  };
}
