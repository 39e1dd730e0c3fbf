// How long the event loop, and with it every other request, had to wait.
import { openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from './figures.mjs';

const RESOLUTION_MS = 1;

/**
 * The result of `work`, and in ms the delays of a timer of 1 ms meanwhile, less that millisecond. `own` leaves out what the
 * thread waited for a processor that others had: other programs, and its own threads where there are too few processors.
 */
export async function watchEventLoop(work) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const ticks = watchTicks();
  await sleep(20);
  // Its first tick has nothing to compare with.
  histogram.reset();
  await sleep(5);
  const result = await work();
  await sleep(20);
  const own = ticks.stop();
  histogram.disable();
  const delay = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return { result, delay: { p99: delay(histogram.percentile(99)), max: delay(histogram.max), own: { p99: quantile(own, 0.99), max: own.reduce((most, ms) => Math.max(most, ms), 0) } } };
}

function watchTicks() {
  const delays = [];
  const waited = queueClock();
  let [lastAt, lastWaited] = [performance.now(), waited()];
  const timer = setInterval(() => {
    const [at, inQueue] = [performance.now(), waited()];
    delays.push(Math.max(0, at - lastAt - RESOLUTION_MS - (inQueue - lastWaited)));
    [lastAt, lastWaited] = [at, inQueue];
  }, RESOLUTION_MS);
  return {
    stop() {
      clearInterval(timer);
      return delays;
    },
  };
}

/** Milliseconds that the main thread was ready to run and had no processor: Linux counts them. 0 elsewhere. */
function queueClock() {
  let file;
  try {
    file = openSync('/proc/self/schedstat');
  } catch {
    return () => 0;
  }
  const text = Buffer.alloc(128);
  return () => Number(text.toString('latin1', 0, readSync(file, text, 0, text.length, 0)).split(' ')[1]) / 1e6;
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
