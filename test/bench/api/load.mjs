// A process of its own that sends requests, so that what it uses is not the bench's, nor a server's. A job comes as a
// message: { url, requests, connections, seconds } or `amount` in place of seconds; its figures go back.
import autocannon from 'autocannon';

process.on('message', (job) => {
  run(job).then((figures) => process.send({ figures }), (error) => process.send({ failure: error.message }));
});

async function run({ url, requests, connections, seconds, amount }) {
  const perClient = Math.floor(requests.length / connections);
  let clients = 0;
  let failedAnswers = 0;
  let firstFailure = null;
  const start = performance.now();
  const result = await autocannon({
    url,
    connections,
    ...(amount === undefined ? { duration: seconds } : { amount }),
    sampleInt: 100,
    // Its clients begin with different requests, which all are about to be sent at once otherwise.
    setupClient(client) {
      client.setRequests(requests.slice(clients * perClient, (clients + 1) * perClient));
      clients += 1;
      // GraphQL fails with status 200.
      client.on('body', (chunk) => {
        if (!chunk.includes('"errors":[')) return;
        failedAnswers += 1;
        firstFailure ??= chunk.toString().slice(-500);
      });
    },
  });
  return {
    seconds: result.duration,
    wallSeconds: (performance.now() - start) / 1000,
    answers: result.requests.total,
    bytes: result.throughput.total,
    p50: result.latency.p50,
    p99: result.latency.p99,
    failed: result.non2xx + result.errors + result.timeouts + failedAnswers,
    firstFailure,
  };
}
