import { readFileSync, readdirSync } from 'node:fs';
import { seedPapers, seedReader, type Reader, type SeededPaper } from '../support/seed.js';
import { startTestServer, type TestServer } from '../support/testServer.js';

/** A server with a day of papers, as clients of others meet it. */
export interface ClientWorld {
  readonly server: TestServer;
  readonly reader: Reader;
  /** All of one day, the newest first. */
  readonly papers: readonly SeededPaper[];
  readonly day: string;
}

const DAY = '2026-01-05';
const PAPERS = 23;

export async function startClientWorld(): Promise<ClientWorld> {
  const server = await startTestServer();
  const records = Array.from({ length: PAPERS }, (_, n) => ({ title: `Paper ${n}`, listedOn: DAY, authors: [`Author ${n % 5}`], tags: [{ slug: `tag-${n % 3}`, weight: 1 }] }));
  const papers = await seedPapers(server, records);
  return { server, reader: await seedReader(server), papers: papers.toReversed(), day: DAY };
}

const folder = new URL('documents/', import.meta.url);

/** The files of test/elsewhere/documents by name, such as `feed`. */
export const DOCUMENTS: ReadonlyMap<string, string> = new Map(readdirSync(folder).map((file) => [file.replace('.graphql', ''), readFileSync(new URL(file, folder), 'utf8')]));

/** The text of a document, with the fragment that it spreads. */
export function documentOf(name: string): string {
  const text = DOCUMENTS.get(name);
  if (text === undefined) throw new Error(`there is no document ${name}`);
  return text.includes('...PaperCard') ? `${text}\n${DOCUMENTS.get('paperCard')!}` : text;
}
