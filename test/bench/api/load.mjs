// A process of its own that sends requests, so that what it uses is not the bench's, nor a server's. A job comes as a
// message, { url, requests, connections, seconds }; back go `isOpen`, true when the window of the measurement opens and
// false when it closes, and then the figures.
import autocannon from 'autocannon';
import { quantile } from '../recommender/figures.mjs';

// Before the window every connection has had an answer, at the latest after so long: what is under way when it opens is
// then as much as when it closes, and a server of slow answers is not held to those that were not finished.
const WARM_MS = { least: 1000, most: 15_000 };
// How often the time of a window may go by until it closes where it should.
const MOST_WINDOWS = 3;

process.on('disconnect', () => process.exit());
process.on('message', (job) => {
  run(job).then((figures) => process.send({ figures }), (error) => process.send({ failure: error.message }));
});

async function run(job) {
  const seen = { total: 0, failed: 0, firstFailure: null, window: null };
  const instance = autocannon({ url: job.url, connections: job.connections, duration: 86_400, sampleInt: 100, setupClient: clientSetup(job, seen) });
  instance.on('response', (_client, status, bytes, ms) => {
    seen.total += 1;
    seen.window?.add({ ms, bytes });
    if (status < 200 || status > 299) noteFailure(seen, `status ${status}`);
  });
  instance.on('reqError', (error) => { noteFailure(seen, error.message); });
  await warm(seen, job.connections);
  process.send({ isOpen: true });
  seen.window = openWindow(job);
  const { answers, seconds } = await seen.window.closed;
  process.send({ isOpen: false });
  const { failed, firstFailure } = seen;
  instance.stop();
  const { timeouts } = await instance;
  return {
    answers: answers.length,
    perSecond: answers.length / seconds,
    kilobytes: answers.reduce((sum, { bytes }) => sum + bytes, 0) / answers.length / 1000,
    p50: quantile(answers.map(({ ms }) => ms), 0.5),
    p99: quantile(answers.map(({ ms }) => ms), 0.99),
    failed: failed + timeouts,
    firstFailure,
  };
}

/**
 * Closes with the answer that makes them as many for each connection on average. Requests that wait for one another are
 * answered in waves: two waves of 200, or three, in two seconds would be 200 a second, or 300.
 */
function openWindow({ connections, seconds }) {
  const from = performance.now();
  const answers = [];
  let close;
  const closed = new Promise((resolve) => { close = () => { resolve({ answers: [...answers], seconds: (performance.now() - from) / 1000 }); }; });
  setTimeout(close, 1000 * MOST_WINDOWS * seconds);
  const add = (answer) => {
    answers.push(answer);
    if (answers.length % connections === 0 && performance.now() - from >= 1000 * seconds) close();
  };
  return { add, closed };
}

/** Each client has requests of its own, so that those which are sent together differ. */
function clientSetup({ requests, connections }, seen) {
  const perClient = Math.floor(requests.length / connections);
  let clients = 0;
  return (client) => {
    client.setRequests(requests.slice(clients * perClient, (clients + 1) * perClient));
    clients += 1;
    // GraphQL fails with status 200.
    client.on('body', (chunk) => {
      if (chunk.includes('"errors":[')) noteFailure(seen, chunk.toString().slice(-500));
    });
  };
}

async function warm(seen, connections) {
  const from = performance.now();
  while (performance.now() < from + WARM_MS.least || (seen.total < connections && performance.now() < from + WARM_MS.most)) await passing(20);
}

function noteFailure(seen, text) {
  seen.failed += 1;
  seen.firstFailure ??= text;
}

function passing(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
