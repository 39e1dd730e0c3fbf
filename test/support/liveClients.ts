import { createClient, type Client as WsClient } from 'graphql-ws';
import { createClient as createSseClient } from 'graphql-sse';
import { WebSocket } from 'ws';
import type { TestServer } from './testServer.js';

/** What a subscription received so far. */
export interface Received {
  readonly answers: any[];
  /** Waits for so many. */
  until(count: number): Promise<any[]>;
  /** How it ended: null once completed. */
  readonly ended: Promise<unknown>;
  stop(): void;
}

interface Subscribing {
  subscribe(payload: { query: string; variables?: Record<string, unknown> }, sink: { next(value: any): void; error(error: unknown): void; complete(): void }): () => void;
}

const PATIENCE_MS = 15_000;

export function wsClient({ url }: TestServer, token: string | null = null): WsClient {
  return createClient({
    url: url.replace(/^http/, 'ws'), webSocketImpl: WebSocket, lazy: true, retryAttempts: 0,
    ...(token !== null && { connectionParams: { authorization: `Bearer ${token}` } }),
  });
}

export function sseClient({ url }: TestServer, token: string | null = null): ReturnType<typeof createSseClient> {
  return createSseClient({ url: `${url}/stream`, retryAttempts: 0, ...(token !== null && { headers: { authorization: `Bearer ${token}` } }) });
}

/** Subscribes, and waits until the server has it open. */
export async function subscribed(server: TestServer, ...asked: Parameters<typeof receive>): Promise<Received> {
  const { live } = server.services;
  const before = live.subscriberCount;
  const received = receive(...asked);
  let isOver = false;
  void received.ended.then(() => { isOver = true; });
  await until(() => live.subscriberCount > before || isOver);
  return received;
}

export function receive(client: Subscribing, query: string, variables?: Record<string, unknown>): Received {
  const answers: any[] = [];
  let stop = (): void => undefined;
  const ended = new Promise<unknown>((resolve) => {
    stop = client.subscribe({ query, ...(variables && { variables }) }, { next: (answer) => answers.push(answer), error: resolve, complete: () => { resolve(null); } });
  });
  return {
    answers,
    ended,
    until: async (count) => {
      await until(() => answers.length >= count);
      return answers;
    },
    stop: () => { stop(); },
  };
}

export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}
