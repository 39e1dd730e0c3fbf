import { beginsWith } from '../database/conditions.js';
import { sql, type Database } from '../database/database.js';
import { nearestOf, type Candidate } from './spelling.js';

/** Words that complete the one that is being typed: the most used ones. */
const COMPLETIONS = 10;
const MIN_COMPLETED = 2;
/** Nearest words by three letters in a row, of which the one with the fewest wrong letters is chosen. */
const CANDIDATES = 20;
/** Shorter words have too few neighbours that share three letters with them. */
const MIN_CORRECTED = 4;
/** How much more a word must be used than the one that was typed, to be suggested in its place. */
const SUGGESTED_RATIO = 10;

/** The words of titles, authors and tags. */
export class VocabularyService {
  constructor(private readonly database: Database) {}

  /** The most used words that begin so, by the range of search_words_pkey. */
  async completionsOf(start: string): Promise<string[]> {
    if (Array.from(start).length < MIN_COMPLETED) return [];
    const rows = await this.database.rows<{ word: string }>(sql`
      SELECT s.word FROM search_words s WHERE ${beginsWith(sql`s.word`, sql`${start}::text`)} ORDER BY s.uses DESC, s.word LIMIT ${COMPLETIONS}`);
    return rows.map(({ word }) => word);
  }

  /** For words that no paper has, the nearest ones that are known. */
  async corrections(words: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.database.rows<{ word: string }>(sql`
      SELECT x.word FROM unnest(${correctable(words)}::text[]) x (word)
      WHERE NOT EXISTS (SELECT FROM search_words s WHERE s.word = x.word OFFSET 0)
        AND numnode(phraseto_tsquery('english', x.word)) > 0
        AND (SELECT count(*) FROM (SELECT FROM paper_search s WHERE s.vector @@ phraseto_tsquery('english', x.word) OFFSET 0) y) = 0`);
    const nearest = await this.nearest(rows.map(({ word }) => word));
    return new Map([...nearest].map(([word, { candidate }]) => [word, candidate.word]));
  }

  /** For words that are used seldom, near ones that are used much more. */
  async suggestions(words: readonly string[]): Promise<Map<string, string>> {
    const nearest = await this.nearest(correctable(words));
    return new Map([...nearest].flatMap(([word, { candidate, uses }]) => (candidate.uses >= SUGGESTED_RATIO * Math.max(uses, 1) ? [[word, candidate.word] as const] : [])));
  }

  // By search_words_word_idx; words of which more than two letters differ in number are no candidates.
  private async nearest(words: readonly string[]): Promise<Map<string, { candidate: Candidate; uses: number }>> {
    if (words.length === 0) return new Map();
    const rows = await this.database.rows<{ word: string; uses: number; candidates: Candidate[] }>(sql`
      SELECT x.word, coalesce((SELECT s.uses FROM search_words s WHERE s.word = x.word), 0) AS uses,
        (SELECT coalesce(jsonb_agg(jsonb_build_object('word', c.word, 'uses', c.uses)), '[]') FROM (
          SELECT s.word, s.uses FROM search_words s WHERE s.word % x.word AND abs(char_length(s.word) - char_length(x.word)) <= 2
          ORDER BY similarity(s.word, x.word) DESC, s.uses DESC, s.word LIMIT ${CANDIDATES}) c) AS candidates
      FROM unnest(${[...words]}::text[]) x (word)`);
    return new Map(rows.flatMap(({ word, uses, candidates }) => {
      const candidate = nearestOf(word, candidates);
      return candidate === null ? [] : [[word, { candidate, uses }] as const];
    }));
  }
}

function correctable(words: readonly string[]): string[] {
  return words.filter((word) => Array.from(word).length >= MIN_CORRECTED && /\p{Letter}/u.test(word));
}
