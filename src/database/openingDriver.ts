import type { Driver } from './database.js';

/** A driver that can be handed out before it is open: what it is asked waits until then, or fails as the opening has. */
export function openingDriver({ description, limits }: Pick<Driver, 'description' | 'limits'>, opening: Promise<Driver>): Driver {
  const opened = opening.then(() => undefined);
  let driver: Driver | null = null;
  opening.then((open) => { driver = open; }, () => undefined);
  // It is told to whoever asks.
  opened.catch(() => undefined);
  return {
    kind: 'embedded',
    description,
    opened,
    limits,
    adapter: { provider: 'postgres', adapterName: 'opening', connect: async () => (await opening).adapter.connect() },
    rows: async (text, parameters) => (await opening).rows(text, parameters),
    snapshot: async (work) => (await opening).snapshot(work),
    transaction: async (work) => (await opening).transaction(work),
    connections: () => driver?.connections() ?? { most: 1, open: 0, idle: 0, waiting: 0 },
    listen: async (channel, onNotify) => (await opening).listen(channel, onNotify),
    close: async () => {
      await (await opening.catch(() => null))?.close();
    },
  };
}
