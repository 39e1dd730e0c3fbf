import type { Connections } from './database.js';
import type { Pglite } from './threadedPglite.js';

/** A PGlite of which is known how much was asked of it and is not answered: it has one connection, for which all else waits. */
export function countedPglite(pglite: Pglite): { readonly pglite: Pglite; readonly connections: () => Connections } {
  let asked = 0;
  const counted = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    asked += 1;
    try {
      return await work();
    } finally {
      asked -= 1;
    }
  };
  return {
    pglite: {
      query: (text, parameters, options) => counted(() => pglite.query(text, parameters, options)),
      exec: (script) => counted(() => pglite.exec(script)),
      transaction: (work) => counted(() => pglite.transaction(work)),
      listen: (channel, onNotify) => pglite.listen(channel, onNotify),
      close: () => pglite.close(),
    },
    connections: () => ({ most: 1, open: 1, idle: asked === 0 ? 1 : 0, waiting: Math.max(0, asked - 1) }),
  };
}
