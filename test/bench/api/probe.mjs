// Loaded into every server before its own code (`node --import`): tells the bench what the process has used. Its worker
// threads load it too; what they use is the process's.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuMs: (user + system) / 1000, peakRss: 1024 * process.resourceUsage().maxRSS });
  });
  // The channel alone must not keep a server running.
  process.channel.unref();
}
