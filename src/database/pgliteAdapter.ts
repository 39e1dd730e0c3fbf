import type { PGlite } from '@electric-sql/pglite';
import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import type { Pglite, PgliteTransaction } from './threadedPglite.js';

/**
 * Prisma's adapter for PGlite, but for one thing: where a COMMIT fails, since the disk is full or the thread ended, it drops the
 * error and says that all was written. Here whoever commits is told.
 */
export function pgliteAdapter(pglite: Pglite): SqlDriverAdapterFactory {
  const failures = new WeakMap<object, { readonly error: unknown }>();
  const noting: Pglite = {
    query: (text, parameters, options) => pglite.query(text, parameters, options),
    exec: (script) => pglite.exec(script),
    listen: (channel, onNotify) => pglite.listen(channel, onNotify),
    close: () => pglite.close(),
    transaction: async (work) => {
      const begun: PgliteTransaction[] = [];
      try {
        return await pglite.transaction((transaction) => {
          begun.push(transaction);
          return work(transaction);
        });
      } catch (error) {
        for (const transaction of begun) failures.set(transaction, { error });
        throw error;
      }
    },
  };
  // The adapter asks for the class, and uses what is listed in the interface.
  const factory = new PrismaPGlite(noting as unknown as PGlite);
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      const start = adapter.startTransaction.bind(adapter);
      adapter.startTransaction = async (isolationLevel) => {
        const transaction = await start(isolationLevel);
        const commit = transaction.commit.bind(transaction);
        transaction.commit = async () => {
          await commit();
          const failure = failures.get((transaction as unknown as { readonly client: PgliteTransaction }).client);
          if (failure !== undefined) throw failure.error;
        };
        return transaction;
      };
      return adapter;
    },
  };
}
