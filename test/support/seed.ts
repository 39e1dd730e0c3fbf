import type { Role } from '../../src/generated/prisma/enums.js';
import { toGlobalId } from '../../src/graphql/globalId.js';
import { checkedRecord, type RawRecord } from '../../src/submissions/paperRecord.js';
import type { Database } from '../../src/database/database.js';
import type { Services } from '../../src/services.js';
import { digestOf } from '../../src/submissions/paperOrigins.js';
import type { Written } from '../../src/submissions/paperWriter.service.js';
import type { TestServer } from './testServer.js';

/** Who a test speaks as. */
export interface Reader {
  readonly username: string;
  readonly rowId: number;
  readonly id: string;
  readonly token: string;
}

export interface SeededPaper {
  readonly rowId: number;
  readonly id: string;
}

const NOW = new Date('2026-06-30T12:00:00Z');
let readers = 0;

/** An account with a session; sessions are opened directly, since argon2id takes its time by design. */
export async function seedReader({ services, database }: TestServer, role: Role = 'READER'): Promise<Reader> {
  readers += 1;
  const username = `reader-${readers}`;
  const { id } = await database.prisma.user.create({ data: { username, role } });
  const { token } = await services.sessions.open({ id, username, role });
  return { username, rowId: id, id: toGlobalId('User', id), token };
}

/** Papers as an import would write them; tags that do not exist yet are made. */
export async function seedPapers({ services, database }: TestServer, records: readonly RawRecord[]): Promise<SeededPaper[]> {
  const slugs = new Set(records.flatMap((record) => (record.tags ?? []).map((tag) => tag.slug)));
  for (const slug of slugs) await services.tags.create({ slug, name: slug, kind: 'KEYWORD' });
  const written = await writePapers({ services, database }, records);
  return written.map(({ paperId }) => ({ rowId: paperId, id: toGlobalId('Paper', paperId) }));
}

/** What an import of a source `test` does with records, in one transaction. */
export function writePapers(
  { services, database }: { readonly services: Pick<Services, 'writer'>; readonly database: Database },
  records: readonly RawRecord[],
): Promise<Written[]> {
  const named = records.map((raw) => {
    const record = checkedRecord(raw, NOW);
    return { externalId: null, record, digest: digestOf(record) };
  });
  return database.bulkTransaction((reader) => services.writer.write(reader, { source: 'test', ranks: new Map([['test', 5]]), now: NOW }, named));
}

/** One paper. */
export async function seedPaper(server: TestServer, record: RawRecord): Promise<SeededPaper> {
  const [paper] = await seedPapers(server, [record]);
  return paper as SeededPaper;
}

/** Upvotes, each a reader and a paper. */
export async function seedUpvotes({ services }: TestServer, votes: readonly (readonly [Reader, SeededPaper])[]): Promise<void> {
  for (const [reader, paper] of votes) await services.upvotes.add(reader.rowId, paper.rowId);
}
