import { joinSql, sql, type Sql } from '../database/database.js';
import { wordsOf, type SearchQuery, type Term } from './searchQuery.js';

/** A term with the words that complete its last one, where it is open. */
export type Completions = ReadonlyMap<Term, readonly string[]>;

/**
 * The query as the text of a tsquery, an expression; empty where nothing is left to look for: alternatives of words that
 * English leaves out, with or without words to exclude, would find every paper.
 */
export function compiled(query: SearchQuery, completions: Completions): Sql {
  const alternatives = query.map((terms) => sql`(${joinSql(terms.map((term) => compiledTerm(term, completions.get(term))), ' && ')})`);
  return sql`(SELECT coalesce(string_agg('(' || a.query::text || ')', ' | '), '') FROM (VALUES ${joinSql(alternatives)}) a (query)
    WHERE querytree(a.query) NOT IN ('', 'T'))`;
}

function compiledTerm(term: Term, completions: readonly string[] | undefined): Sql {
  const query = phrase(term.text);
  if (term.isExcluded) return sql`!!${query}`;
  if (completions === undefined) return query;
  const last = wordsOf(term.text).at(-1) ?? '';
  const head = term.text.slice(0, term.text.length - last.length);
  const completed = completions.map((word) => phrase(head + word));
  // What no title, author or tag begins with is rare, or only in abstracts.
  if (completions.length === 0 && head === '') completed.push(sql`to_tsquery('english', ${`${last}:*`})`);
  return sql`(${joinSql([query, ...completed], ' || ')})`;
}

// Signs within a word, also the operators of a tsquery, part it into a phrase. What looks like a tag would be left out.
function phrase(text: string): Sql {
  return sql`phraseto_tsquery('english', ${text.replaceAll('<', ' ')})`;
}
