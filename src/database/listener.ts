import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Listener } from './database.js';

// From a fifth of a second to ten seconds between attempts: a server that restarts is found soon, one that is gone is
// not pressed.
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;
const END_MS = 1_000;

// A commit that notifies holds a lock on all of the database until it is flushed to disk. This connection's commits have
// nothing to flush, and do not wait.
const NO_FLUSH = '-c synchronous_commit=off';

/**
 * Listens on a connection of its own, which is made again whenever it is lost: the pool's connections come and go.
 * `onNotify` is called for each notification and after each connection, since some may have been missed before it.
 */
export async function listenOn(options: pg.ClientConfig, channel: string, onNotify: () => void): Promise<Listener> {
  let client: pg.Client | null = null;
  let isEnded = false;
  let retryMs = FIRST_RETRY_MS;
  let timer: NodeJS.Timeout | undefined;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ ...options, options: NO_FLUSH });
    let isLost = false;
    const lose = (): void => {
      if (isLost) return;
      isLost = true;
      if (client === next) client = null;
      void next.end().catch(() => undefined);
      retry();
    };
    next.on('error', lose);
    next.on('end', lose);
    next.on('notification', onNotify);
    try {
      await next.connect();
      await next.query(`LISTEN ${next.escapeIdentifier(channel)}`);
    } catch {
      lose();
      return;
    }
    // Ended while it was being made.
    if (stopped()) {
      isLost = true;
      await next.end();
      return;
    }
    client = next;
    retryMs = FIRST_RETRY_MS;
    onNotify();
  };
  const stopped = (): boolean => isEnded;
  const retry = (): void => {
    if (isEnded) return;
    timer = setTimeout(() => void connect(), retryMs);
    timer.unref();
    retryMs = Math.min(LAST_RETRY_MS, 2 * retryMs);
  };

  await connect();
  return {
    notify: () => {
      // One that is lost with its connection is made up for: whoever connects reads.
      void client?.query(`NOTIFY ${client.escapeIdentifier(channel)}`).catch(() => undefined);
    },
    close: async () => {
      isEnded = true;
      clearTimeout(timer);
      const last = client;
      client = null;
      // A network that swallows everything never says that it is ended.
      await Promise.race([last?.end(), sleep(END_MS, undefined, { ref: false })]);
    },
  };
}
