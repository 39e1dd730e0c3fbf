import { startOf, type Start } from '../database/conditions.js';
import { sql, type Database, type Sql } from '../database/database.js';
import type { Page, PageOf } from '../database/lists.js';
import { hasWords, paperConditions } from '../papers/paper.filter.js';
import { PAPER_ORDERS, PAPER_ROWS, listingOf, type PaperCondition } from '../papers/paper.listing.js';
import type { PaperService } from '../papers/paper.service.js';
import { isListedId } from '../papers/paper.visibility.js';
import { PaperOrder, type Paper, type PaperFilter } from '../papers/paper.type.js';
import { compiled, type Completions } from './compiledQuery.js';
import { BLENDED, FEW_HITS, MOST_POOLED, RANKED } from './limits.js';
import { poolOf, type Pool } from './pool.js';
import { blended, byRelevance, orderOf, pageOf, type Hit, type RankedHit } from './ranking.js';
import { parseQuery, soughtWords, textWithWords, withWords, wordsOf, type SearchQuery } from './searchQuery.js';
import type { VocabularyService } from './vocabulary.service.js';

/** Of words in the abstract, in names of tags, in names of authors, in the title. */
const WEIGHTS = '{0.1, 0.4, 0.6, 1}';

/** What a query finds. */
interface Match {
  /** As a tsquery. */
  readonly text: string;
  /** How many papers, up to MOST_POOLED + 1. */
  readonly matchCount: number;
  /** Which ones, up to RANKED: read again and again, a phrase of frequent words would be looked for in each paper that has them. */
  readonly ids: readonly number[];
}

const NOTHING: Match = { text: '', matchCount: 0, ids: [] };

/** What is searched for, before a page is read of it. */
export interface Search {
  readonly raw: string;
  readonly query: SearchQuery;
  /** As a tsquery. */
  readonly words: Sql;
  readonly correctedQuery: string | null;
  /** Of the words alone, up to MOST_POOLED + 1. */
  readonly matchCount: number;
  /** Those of the filter, and the words. */
  readonly conditions: readonly PaperCondition[];
  readonly pool: Pool;
}

/** A page of what was found. */
export type HitPage<Row> = PageOf<Row>;

/** Who asks, and how much their own ranking counts. */
export interface Blend {
  readonly readerId: number | null;
  readonly weight: number;
}

/** What ranks papers for one reader. */
export interface PersonalScores {
  scoresOf(readerId: number | null, paperIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

/** Papers by words of title, authors, tags and abstract. */
export class SearchService {
  constructor(
    private readonly database: Database,
    private readonly services: { readonly papers: PaperService; readonly vocabulary: VocabularyService; readonly recommendations: PersonalScores },
  ) {}

  /** Throws BAD_USER_INPUT. */
  async find(raw: string, filter: PaperFilter): Promise<Search> {
    const [typed, filters] = [parseQuery('query', raw), paperConditions(filter)];
    const match = await this.match(typed);
    const corrected = match.matchCount === 0 ? await this.corrected(typed) : null;
    const { text, matchCount, ids, query } = corrected ?? { ...match, query: typed };
    const words = sql`${text}::text::tsquery`;
    const conditions: PaperCondition[] = [...filters, matchCount <= RANKED ? isAmong(ids) : { ...hasWords(words), count: matchCount }];
    const start = await this.startOf(conditions, PaperOrder.TRENDING);
    return {
      raw,
      query,
      words,
      correctedQuery: corrected === null ? null : textWithWords(raw, corrected.replacements),
      matchCount,
      conditions,
      pool: poolOf({ conditions, matchCount, start }),
    };
  }

  /** One page of the hits in an order; throws BAD_USER_INPUT for a foreign cursor. */
  async list({ conditions }: Search, order: PaperOrder, page: Page): Promise<PageOf<Paper>> {
    const start = await this.startOf(conditions, order);
    return this.services.papers.page(listingOf(conditions, order, start), page);
  }

  /** One page of the ranked hits; throws BAD_USER_INPUT for a foreign cursor. */
  async rank(search: Search, { readerId, weight }: Blend, page: Page): Promise<PageOf<RankedHit>> {
    const ranked = byRelevance(await this.hits(search));
    if (weight === 0) return pageOf(ranked, orderOf(0), page);
    const scores = await this.services.recommendations.scoresOf(readerId, ranked.slice(0, BLENDED).map(({ id }) => id));
    return pageOf(blended(ranked, weight, scores), orderOf(weight), page);
  }

  /** Number of all hits; null where there are too many papers to look at. */
  async count({ conditions, matchCount, pool }: Search): Promise<number | null> {
    if (!pool.isWhole) return null;
    if (conditions.length === 1) return matchCount;
    const [row] = await this.database.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM (${pool.ids}) x`);
    return row?.count ?? 0;
  }

  /** The query with more usual words, where few papers have its own. */
  async suggestionFor({ raw, query, correctedQuery, matchCount }: Search): Promise<string | null> {
    if (correctedQuery !== null || matchCount >= FEW_HITS) return null;
    const replacements = await this.services.vocabulary.suggestions(soughtWords(query));
    if (replacements.size === 0) return null;
    // The vocabulary also has the words of hidden papers: what finds nothing is no suggestion.
    const { matchCount: suggested } = await this.match(withWords(query, replacements));
    return suggested === 0 ? null : textWithWords(raw, replacements);
  }

  private startOf(conditions: readonly PaperCondition[], order: PaperOrder): Promise<Start> {
    return startOf(this.database, PAPER_ROWS, { conditions, order: PAPER_ORDERS[order] });
  }

  // A ranking reads the words of each hit: 2,000 take what the search for them takes several times.
  private hits({ words, pool }: Search): Promise<Hit[]> {
    return this.database.rows<Hit>(sql`
      SELECT c.id, ts_rank(${WEIGHTS}::text::float4[], s.vector, (SELECT ${words}))::float8 AS rank
      FROM (${pool.best}) c (id) CROSS JOIN LATERAL (SELECT x.vector FROM paper_search x WHERE x.paper_id = c.id OFFSET 0) s`);
  }

  private async match(query: SearchQuery): Promise<Match> {
    if (query.length === 0) return NOTHING;
    const completions = await this.completionsOf(query);
    const [row] = await this.database.rows<Match>(sql`
      WITH q AS MATERIALIZED (SELECT ${compiled(query, completions)} AS text)
      SELECT q.text, x.count AS "matchCount", x.ids FROM q, (
        SELECT count(*)::int4 AS count, coalesce((array_agg(s.paper_id))[:${RANKED}], '{}') AS ids FROM (
          SELECT s.paper_id FROM paper_search s WHERE s.vector @@ (SELECT q.text::tsquery FROM q) AND ${isListedId(sql`s.paper_id`)} LIMIT ${MOST_POOLED + 1}) s) x`);
    return row ?? NOTHING;
  }

  private async corrected(query: SearchQuery): Promise<(Match & { query: SearchQuery; replacements: ReadonlyMap<string, string> }) | null> {
    const replacements = await this.services.vocabulary.corrections(soughtWords(query));
    if (replacements.size === 0) return null;
    const replaced = withWords(query, replacements);
    const match = await this.match(replaced);
    return match.matchCount === 0 ? null : { ...match, query: replaced, replacements };
  }

  private async completionsOf(query: SearchQuery): Promise<Completions> {
    const open = query.flat().filter((term) => term.isOpen);
    return new Map(await Promise.all(open.map(async (term) => [term, await this.services.vocabulary.completionsOf(wordsOf(term.text).at(-1) ?? '')] as const)));
  }
}

function isAmong(ids: readonly number[]): PaperCondition {
  const list = sql`${[...ids]}::int4[]`;
  return { where: sql`p.id = ANY (${list})`, probe: sql`p.id = ANY (${list})`, ids: sql`SELECT unnest(${list})`, count: ids.length };
}
