// The bound: Node's own HTTP server, and for each address one prepared statement whose text goes to the socket as it is.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { announce, openPool } from './serving.mjs';
import { STATEMENTS } from './rawStatements.mjs';

const pool = openPool();
const server = createServer((request, response) => {
  answer(request).then(
    ([status, text]) => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
      response.end(text);
    },
    (error) => {
      console.error(error);
      response.writeHead(500).end();
    },
  );
});
server.listen(0, '127.0.0.1', () => { announce(server); });

async function answer(request) {
  const { authorization } = request.headers;
  const hash = authorization === undefined ? null : createHash('sha256').update(authorization.slice('Bearer '.length)).digest();
  const [name, ...values] = routeOf(request.url);
  const { rows } = await pool.query({ name, text: STATEMENTS[name], values: [hash, ...values], rowMode: 'array' });
  const [text, viewer] = rows[0] ?? ['{"data":null}', null];
  return hash !== null && viewer === null ? [401, ''] : [200, text];
}

/** Such as /feed, /feedAfter/674.87/9998: a statement's name and its values. */
function routeOf(path) {
  return path.slice(1).split('/').map(decodeURIComponent);
}
