import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.js';

/** What a scraper is answered. */
export interface MetricsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface MetricsListener {
  /** Where it listens. */
  readonly address: string;
  close(): Promise<void>;
}

const PATH = '/metrics';

/** The metrics, for whoever has the token; for anybody where there is none. */
export async function answerScrape(metrics: Metrics, token: string | null, authorization: string | undefined): Promise<MetricsAnswer> {
  if (token !== null && !isSame(authorization, `Bearer ${token}`)) return { status: 401, headers: { 'www-authenticate': 'Bearer', 'content-type': 'text/plain' }, body: 'this needs the bearer token of METRICS_TOKEN\n' };
  const { text, contentType } = await metrics.exposition();
  return { status: 200, headers: { 'content-type': contentType, 'cache-control': 'no-store' }, body: text };
}

/** Answers scrapes on the server's own port, which others reach: nobody without the token. */
export function scrapeRoute(metrics: Metrics, token: string | null): (app: FastifyInstance) => void {
  if (token === null) throw new Error('metrics on a public port need a token');
  return (app) => {
    app.get(PATH, async (request, reply) => {
      const { status, headers, body } = await answerScrape(metrics, token, request.headers.authorization);
      return reply.code(status).headers(headers).send(body);
    });
  };
}

/** Answers scrapes on a port of their own, and nothing else. */
export async function listenForScrapes(metrics: Metrics, { host, port, token }: { readonly host: string; readonly port: number; readonly token: string | null }): Promise<MetricsListener> {
  const server = createServer((request, response) => {
    const send = ({ status, headers, body }: MetricsAnswer): void => { response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body); };
    const isMetrics = (request.method === 'GET' || request.method === 'HEAD') && request.url?.split('?')[0] === PATH;
    if (!isMetrics) send({ status: 404, headers: { 'content-type': 'text/plain' }, body: 'metrics are at GET /metrics\n' });
    else answerScrape(metrics, token, request.headers.authorization).then(send, () => { send({ status: 500, headers: {}, body: '' }); });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = server.address() as AddressInfo;
  const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
  return {
    address: `http://${name}:${bound.port}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => { resolve(); });
        server.closeAllConnections();
      }),
  };
}

// Hashes have one length, and tell nothing of how much of a guess was right.
function isSame(given: string | undefined, wanted: string): boolean {
  const [one, other] = [given ?? '', wanted].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
