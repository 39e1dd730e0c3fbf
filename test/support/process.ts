import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A command of the compiled program, run as a user runs it. */
export interface RunningProcess {
  readonly child: ChildProcess;
  /** Standard output and standard error so far. */
  output(): string;
  /** Waits until the output matches; throws when the process ends or the time passes before. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Sends a signal and waits for the end. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Waits for the end; gives the exit code, null after a signal. */
  ended(): Promise<number | null>;
}

/** Starts `node ...parameters` with an environment that has none of the configuration of the machine. */
export function run(parameters: readonly string[], environment: Record<string, string>): RunningProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [...parameters], { env: { PATH, HOME, LOG_LEVEL: 'error', ...environment } });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  child.stderr.on('data', (chunk) => (text += String(chunk)));
  const end = once(child, 'close');
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    output: () => text,
    async waitFor(pattern, timeoutMs = 40_000) {
      for (const until = Date.now() + timeoutMs; Date.now() < until; ) {
        const match = pattern.exec(text);
        if (match !== null) return match;
        if (isOver()) break;
        await new Promise((done) => setTimeout(done, 20));
      }
      throw new Error(`the output did not match ${String(pattern)}:\n${text}`);
    },
    async kill(signal) {
      if (!isOver()) child.kill(signal);
      await end;
    },
    async ended() {
      await end;
      return child.exitCode;
    },
  };
}
