import { z } from 'zod';
import { sql, type Database } from '../../src/database/database.js';
import { BatchWriter } from '../../src/ingest/batchWriter.js';
import { IngestService } from '../../src/ingest/ingest.service.js';
import { lazyHttpClient } from '../../src/ingest/http/lazyHttpClient.js';
import type { Item, Json, Parcel, Source, SourceContext } from '../../src/ingest/source.js';
import { SourceRegistry } from '../../src/ingest/sourceRegistry.js';
import { VoteWriter } from '../../src/ingest/voteWriter.js';
import type { Services } from '../../src/services.js';

/** A source that says what a test has it say. */
export interface ScriptedSource extends Source {
  /** What `read` yields; an error is thrown in its place. */
  script: readonly (Parcel | Error)[];
  /** The checkpoints that reading started after, null for the start. */
  readonly starts: Json[];
  /** What it was opened with last. */
  opened: { readonly options: object; readonly context: SourceContext } | null;
}

/** A source called `scripted`; checkpoints are the numbers of its parcels, from 1. */
export function scriptedSource(): ScriptedSource {
  const source: ScriptedSource = {
    name: 'scripted',
    description: 'What a test says.',
    url: 'https://scripted.invalid/',
    courtesyMs: 0,
    rank: 5,
    hasSince: true,
    options: z.strictObject({ word: z.string().optional().describe('Any word.') }),
    script: [],
    starts: [],
    opened: null,
    open: (options, context) => {
      source.opened = { options, context };
      return Promise.resolve({
        unit: 'records',
        total: source.script.length,
        // eslint-disable-next-line @typescript-eslint/require-await
        async *read(checkpoint) {
          source.starts.push(checkpoint);
          for (const step of source.script.slice(Number(checkpoint ?? 0))) {
            if (step instanceof Error) throw step;
            yield step;
          }
        },
      });
    },
  };
  return source;
}

/** Parcels of these items, a list each, whose checkpoints are their numbers. */
export function parcelsOf(...lists: readonly (readonly Item[])[]): Parcel[] {
  return lists.map((items, index) => ({ items, checkpoint: index + 1, done: index + 1 }));
}

/** The pipeline with these sources alone. */
export function ingestWith(database: Database, { tags, writer, repos, users, upvotes }: Services, sources: readonly Source[]): IngestService {
  return new IngestService(database, {
    repos,
    batches: new BatchWriter({ tags, writer, repos, votes: new VoteWriter({ users, upvotes }) }),
    registry: () => Promise.resolve(new SourceRegistry(new Map(sources.map((source) => [source.name, source])))),
    http: lazyHttpClient(() => Promise.reject(new Error('this test asks no service'))),
    settings: new Map([['scripted', { url: 'https://elsewhere.invalid///', token: 'secret' }]]),
  });
}

/** All that imports write, by what names it rather than by rows: equal for databases that hold the same. */
export async function contentOf(database: Database): Promise<string[]> {
  const rows = await database.rows<{ line: string }>(sql`
    SELECT 'paper ' || json_build_array(title, arxiv_id, doi, abstract, published_at, listed_at, project_url, stated_author_count, origin_upvote_count,
      arxiv_version, withdrawn_at, upvote_count, named_author_count, tag_count, repo_count)::text AS line FROM papers
    UNION ALL SELECT 'author ' || json_build_array(name_key, orcid, paper_count)::text FROM authors
    UNION ALL SELECT 'byline ' || json_build_array(p.title, p.arxiv_id, l.position, a.name_key)::text FROM paper_authors l JOIN papers p ON p.id = l.paper_id JOIN authors a ON a.id = l.author_id
    UNION ALL SELECT 'tag ' || json_build_array(slug, name, kind, paper_count)::text FROM tags
    UNION ALL SELECT 'tagged ' || json_build_array(p.title, p.arxiv_id, t.slug, l.weight)::text FROM paper_tags l JOIN papers p ON p.id = l.paper_id JOIN tags t ON t.id = l.tag_id
    UNION ALL SELECT 'repo ' || json_build_array(key, stars, language, license, is_archived, paper_count)::text FROM repos
    UNION ALL SELECT 'linked ' || json_build_array(p.title, p.arxiv_id, r.key, l.is_official)::text FROM paper_repos l JOIN papers p ON p.id = l.paper_id JOIN repos r ON r.id = l.repo_id
    UNION ALL SELECT 'origin ' || json_build_array(o.source, o.external_id, p.title, o.fields, o.facts, encode(o.digest, 'hex'))::text FROM paper_origins o JOIN papers p ON p.id = o.paper_id
    UNION ALL SELECT 'vote ' || json_build_array(u.username, p.title, p.arxiv_id)::text FROM upvotes v JOIN users u ON u.id = v.user_id JOIN papers p ON p.id = v.paper_id`);
  return rows.map(({ line }) => line).sort();
}
