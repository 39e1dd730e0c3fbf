// Loaded into every server before its own code (`node --import`): tells the bench what the process uses. Its worker
// threads load it too; what they use is the process's.
import { isMainThread } from 'node:worker_threads';

const ANSWERS = {
  usage() {
    const { user, system } = process.cpuUsage();
    return { cpuMs: (user + system) / 1000, peakRss: 1024 * process.resourceUsage().maxRSS, rss: process.memoryUsage.rss() };
  },
  /** What is left when all garbage is gone; needs `--expose-gc`. */
  memory() {
    globalThis.gc();
    const { rss, heapUsed, external } = process.memoryUsage();
    const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
    return { rss, heapUsed, external, resources: process.getActiveResourcesInfo().length, listeners };
  },
};

if (isMainThread) {
  process.on('message', (question) => process.send(ANSWERS[question]()));
  // The bench ended, however it did.
  process.on('disconnect', () => process.exit());
  // The channel alone must not keep a server running.
  process.channel.unref();
}
