import type { SqlDriverAdapterFactory } from '@prisma/client/runtime/client';
import type { StatementEnd, StatementObserver } from '../telemetry/statement.js';

/** Runs a statement, and tells the observer how long it took. */
export function timed<Row>(observer: StatementObserver | null, asked: Pick<StatementEnd, 'text' | 'operation'>, run: () => Promise<Row[]>): Promise<Row[]> {
  if (observer === null) return run();
  return measured(observer, { ...asked, rowsOf: ({ length }) => length }, run);
}

type SqlConnection = Pick<Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>, 'queryRaw' | 'executeRaw'>;

/** The adapter, of whose statements an observer is told. What Prisma tells of them itself has neither rows nor errors. */
export function observedAdapter(factory: SqlDriverAdapterFactory, observerOf: () => StatementObserver | null): SqlDriverAdapterFactory {
  const observe = <Connection extends SqlConnection>(connection: Connection): Connection => {
    const query = connection.queryRaw.bind(connection);
    const execute = connection.executeRaw.bind(connection);
    return Object.assign(connection, {
      queryRaw: ((statement) => {
        const observer = observerOf();
        return observer === null ? query(statement) : measured(observer, { text: statement.sql, rowsOf: ({ rows }) => rows.length }, () => query(statement));
      }) satisfies SqlConnection['queryRaw'],
      executeRaw: ((statement) => {
        const observer = observerOf();
        return observer === null ? execute(statement) : measured(observer, { text: statement.sql, rowsOf: (count) => count }, () => execute(statement));
      }) satisfies SqlConnection['executeRaw'],
    });
  };
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      const start = adapter.startTransaction.bind(adapter);
      return Object.assign(observe(adapter), { startTransaction: async (isolationLevel?: Parameters<typeof start>[0]) => observe(await start(isolationLevel)) });
    },
  };
}

interface Measured<Result> extends Pick<StatementEnd, 'text' | 'operation'> {
  readonly rowsOf: (result: Result) => number;
}

async function measured<Result>(observer: StatementObserver, { text, operation, rowsOf }: Measured<Result>, run: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  try {
    const result = await run();
    observer.statementEnded({ text, operation, startedAt, rows: rowsOf(result) });
    return result;
  } catch (error) {
    observer.statementEnded({ text, operation, startedAt, rows: null, error });
    throw error;
  }
}
