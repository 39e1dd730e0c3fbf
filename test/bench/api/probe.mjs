// Loaded into every server before its own code (`node --import`): tells the bench what the process has used.
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send({ cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss(), peakRss: 1024 * process.resourceUsage().maxRSS });
});
// The channel alone must not keep a server running.
process.channel.unref();
