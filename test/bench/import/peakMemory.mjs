// Loaded before a command: when that ends, the most memory that it had goes to its fourth stream, in bytes.
import { readFileSync, writeSync } from 'node:fs';

process.on('exit', () => writeSync(3, String(peakBytes())));

// Linux counts the memory of the process that started this one into what it reports as used, but not here.
function peakBytes() {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
