// How long the event loop, and with it every other request, had to wait.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const RESOLUTION_MS = 1;

/** The result of `work`, and the delays of a timer of 1 ms meanwhile, less that millisecond. */
export async function watchEventLoop(work) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  // The first tick has nothing to compare with.
  await sleep(20);
  histogram.reset();
  const result = await work();
  await sleep(20);
  histogram.disable();
  const delay = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return { result, delay: { p99: delay(histogram.percentile(99)), max: delay(histogram.max) } };
}

/** What the machine alone delays. */
export async function watchIdle(ms) {
  return (await watchEventLoop(() => sleep(ms))).delay;
}

/** Recommendations one after the other through an engine. */
export async function watchRecommendations(engine, readerIds) {
  const took = [];
  const { delay } = await watchEventLoop(async () => {
    for (const readerId of readerIds) {
      const start = performance.now();
      await engine.run({ kind: 'recommend', request: { readerId, limit: 20 }, past: null });
      took.push(performance.now() - start);
      // Between two requests a server reads its sockets.
      await new Promise((done) => setImmediate(done));
    }
  });
  return { delay, took };
}
