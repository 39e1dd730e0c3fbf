import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './liveClients.js';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: number;
}

/** A collector of spans by OTLP over HTTP, in this process. */
export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  readonly resources: readonly Readonly<Record<string, unknown>>[];
  readonly headers: readonly IncomingHttpHeaders[];
  /** All that was received, as text. */
  readonly text: () => string;
  /** Waits until spans are there of which this is so; gives them. */
  until(isThere: (spans: readonly ReceivedSpan[]) => boolean): Promise<readonly ReceivedSpan[]>;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const resources: Record<string, unknown>[] = [];
  const headers: IncomingHttpHeaders[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString();
      headers.push(request.headers);
      bodies.push(body);
      const isTraces = request.method === 'POST' && request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
      if (isTraces) take(body, { spans, resources });
      response.writeHead(isTraces ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    resources,
    headers,
    text: () => bodies.join('\n'),
    until: async (isThere) => {
      await until(() => isThere(spans));
      return spans;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => { resolve(); });
        server.closeAllConnections();
      }),
  };
}

function take(body: string, into: { readonly spans: ReceivedSpan[]; readonly resources: Record<string, unknown>[] }): void {
  const { resourceSpans } = JSON.parse(body) as { resourceSpans: any[] };
  for (const { resource, scopeSpans } of resourceSpans) {
    into.resources.push(valuesOf(resource.attributes));
    for (const { spans } of scopeSpans) {
      for (const { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano, endTimeUnixNano, attributes, status } of spans) {
        into.spans.push({ traceId, spanId, parentSpanId: parentSpanId === '' ? undefined : parentSpanId, name, kind, startNs: BigInt(startTimeUnixNano), endNs: BigInt(endTimeUnixNano), attributes: valuesOf(attributes), status: status?.code ?? 0 });
      }
    }
  }
}

function valuesOf(attributes: readonly { key: string; value: Record<string, unknown> }[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value: { stringValue, intValue, doubleValue, boolValue } }) => [key, stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue))]));
}
