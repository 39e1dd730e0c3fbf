import { sql } from '../../src/database/database.js';
import { BatchWriter } from '../../src/ingest/batchWriter.js';
import { githubSource } from '../../src/ingest/github/githubSource.js';
import { createHttpClient } from '../../src/ingest/http/createHttpClient.js';
import type { HttpClient } from '../../src/ingest/http/httpClient.js';
import { IngestService, type Ending } from '../../src/ingest/ingest.service.js';
import type { IngestRequest, OptionValues } from '../../src/ingest/runner.js';
import type { RunSummary } from '../../src/ingest/runRows.js';
import type { Source } from '../../src/ingest/source.js';
import { SourceRegistry } from '../../src/ingest/sourceRegistry.js';
import { source as arxiv } from '../../src/ingest/sources/arxiv.js';
import { source as arxivOai } from '../../src/ingest/sources/arxiv-oai.js';
import { source as huggingface } from '../../src/ingest/sources/huggingface.js';
import { source as papersWithCode } from '../../src/ingest/sources/papers-with-code.js';
import { VoteWriter } from '../../src/ingest/voteWriter.js';
import { createServices, type Services } from '../../src/services.js';
import { startFakeService, type FakeService } from '../support/fakeService.js';
import { createTestDatabase, type TestDatabase } from '../support/testDatabase.js';

/** What happened to a run. */
export interface Ended extends RunSummary {
  readonly id: number;
  readonly ending: Ending;
}

export interface Asked {
  readonly source: string;
  readonly options?: OptionValues;
  readonly since?: Date | null;
}

/** How requests are made; times in milliseconds. */
export interface Manners {
  readonly token?: string | null;
  /** Replaces the time that sources give an attempt, and the longest silence within a file. */
  readonly timeoutMs?: number;
}

const WAITS = 0.001;
const signal = new AbortController().signal;

/** The whole way from services to tables: the real sources and client, a service that a test writes down, a database. */
export interface E2eWorld extends TestDatabase {
  readonly service: FakeService;
  readonly services: Services;
  /** The pipeline, asking with these manners. */
  ingestWith(manners?: Manners): IngestService;
  /** Makes a run and does it. */
  run(asked: Asked, manners?: Manners): Promise<Ended>;
  /** Does a run that has failed, from where it stopped. */
  goOn(id: number, manners?: Manners): Promise<Ended>;
  clear(): Promise<void>;
  stop(): Promise<void>;
}

export async function startE2eWorld(): Promise<E2eWorld> {
  const opened = await createTestDatabase();
  const services = createServices(opened.database, { sessionDays: 1, recommenderThreads: 0 });
  const service = await startFakeService();
  const ingestWith = (manners: Manners = {}): IngestService => pipelineOf({ opened, services, service }, manners);
  const execute = async (ingest: IngestService, id: number): Promise<Ended> => {
    const ending = await ingest.execute(id, { signal, takesOver: true, revives: true });
    return { id, ending, ...((await ingest.rows.get(id)) as RunSummary) };
  };
  return {
    ...opened,
    service,
    services,
    ingestWith,
    run: async ({ source, options = {}, since = null }, manners) => {
      const ingest = ingestWith(manners);
      const request: IngestRequest = { source, options, since, trigger: 'COMMAND', requestedById: null };
      return execute(ingest, await ingest.create(request));
    },
    goOn: (id, manners) => execute(ingestWith(manners), id),
    clear: async () => {
      for (const table of ['ingest_runs', 'upvotes', 'papers', 'authors', 'repos', 'tags', 'users']) await opened.database.prisma.$executeRawUnsafe(`DELETE FROM ${table}`);
    },
    stop: async () => {
      await service.close();
      await services.engine.close();
      await opened.drop();
    },
  };
}

function pipelineOf({ opened, services, service }: { opened: TestDatabase; services: Services; service: FakeService }, { token = null, timeoutMs }: Manners): IngestService {
  const { tags, writer, repos, users, upvotes } = services;
  // GitHub's own waits are of a second at least.
  const github = githubSource((ms) => new Promise((done) => setTimeout(done, ms * WAITS)));
  const sources = [arxiv, arxivOai, huggingface, papersWithCode, github] as readonly Source[];
  return new IngestService(opened.database, {
    repos,
    batches: new BatchWriter({ tags, writer, repos, votes: new VoteWriter({ users, upvotes }) }),
    registry: () => Promise.resolve(new SourceRegistry(new Map(sources.map((source) => [source.name, source])))),
    http: clientOf(timeoutMs),
    settings: new Map(sources.map(({ name }) => [name, { url: `${service.url}/${name}`, token }])),
  });
}

function clientOf(timeoutMs: number | undefined): HttpClient {
  const client = createHttpClient({ userAgent: 'tests/1', delayScale: WAITS, ...(timeoutMs !== undefined && { stallMs: timeoutMs }) });
  if (timeoutMs === undefined) return client;
  return { ask: (request) => client.ask({ ...request, timeoutMs }), stream: (request) => client.stream(request) };
}

/** What of an import is half there: papers that come from nowhere, rows that belong to no paper, counters that are wrong. */
export async function halvesOf({ database }: TestDatabase): Promise<string[]> {
  const rows = await database.rows<{ fault: string }>(sql`
    SELECT 'without an origin: ' || title AS fault FROM papers p WHERE NOT EXISTS (SELECT FROM paper_origins WHERE paper_id = p.id)
    UNION ALL SELECT 'counts: ' || title FROM papers p
      WHERE tag_count <> (SELECT count(*) FROM paper_tags WHERE paper_id = p.id) OR repo_count <> (SELECT count(*) FROM paper_repos WHERE paper_id = p.id)
        OR named_author_count <> (SELECT count(*) FROM paper_authors WHERE paper_id = p.id) OR upvote_count <> (SELECT count(*) FROM upvotes WHERE paper_id = p.id)
    UNION ALL SELECT 'author: ' || name FROM authors a WHERE paper_count = 0 OR paper_count <> (SELECT count(*) FROM paper_authors WHERE author_id = a.id)
    UNION ALL SELECT 'tag: ' || slug FROM tags t WHERE paper_count = 0 OR paper_count <> (SELECT count(*) FROM paper_tags WHERE tag_id = t.id)
    UNION ALL SELECT 'repo: ' || key FROM repos r WHERE paper_count = 0 OR paper_count <> (SELECT count(*) FROM paper_repos WHERE repo_id = r.id)`);
  return rows.map(({ fault }) => fault);
}
