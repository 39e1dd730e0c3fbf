import { FEW } from '../database/conditions.js';
import { joinSql, sql, type Sql } from '../database/database.js';
import { currentId } from '../database/redirects.js';
import { badInput } from '../errors.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedCalendarDay, checkedList, checkedText } from '../inputRules.js';
import { tagIdsNamed } from '../tags/tag.service.js';
import { PAPER_ORDERS, type PaperCondition } from './paper.listing.js';
import { isListedId } from './paper.visibility.js';
import type { DateRange, PaperFilter } from './paper.type.js';

const MAX_TAGS = 20;
const MAX_TEXT_CHARACTERS = 250;

/** The filter as conditions on papers `p`; throws BAD_USER_INPUT. */
export function paperConditions(filter: PaperFilter): PaperCondition[] {
  const { any, all } = filter.tags ?? {};
  const listed = checkedDays('filter.listed', filter.listed);
  const published = checkedDays('filter.published', filter.published);
  const conditions: (PaperCondition | null)[] = [
    any == null ? null : hasAnyTag(checkedList('filter.tags.any', any, MAX_TAGS)),
    ...[...new Set(checkedList('filter.tags.all', all ?? [], MAX_TAGS))].map((slug) => hasAnyTag([slug])),
    filter.author == null ? null : isBy(rowIdOf('Author', filter.author, 'filter.author')),
    filter.repo == null ? null : links(rowIdOf('Repo', filter.repo, 'filter.repo')),
    listed === null ? null : isListedOn(listed),
    published === null ? null : byIndex(withinDays(sql`p.published_at`, published)),
    filter.hasCode == null ? null : byIndex(filter.hasCode ? sql`p.repo_count > 0` : sql`p.repo_count = 0`),
    filter.withdrawn == null ? null : filter.withdrawn ? IS_WITHDRAWN : { where: sql`p.withdrawn_at IS NULL` },
    filter.text == null ? null : has(checkedText('filter.text', filter.text, { min: 1, max: MAX_TEXT_CHARACTERS })),
  ];
  return conditions.filter((condition) => condition !== null);
}

// By papers_withdrawn_id_idx, which has these papers alone: counted as far as it matters, since the embedded database takes
// nearly all papers for withdrawn.
const IS_WITHDRAWN: PaperCondition = {
  ...byIndex(sql`p.withdrawn_at IS NOT NULL`),
  count: sql`SELECT count(*) FROM (SELECT FROM papers p WHERE p.withdrawn_at IS NOT NULL LIMIT ${FEW + 1}) x`,
};

/** Listed on these days of the feed, at least one of which is given. */
export function isListedOn({ from, to }: Days): PaperCondition {
  const conditions: Sql[] = [];
  if (from !== null) conditions.push(sql`p.listed_on >= ${from}::text::date`);
  if (to !== null) conditions.push(sql`p.listed_on <= ${to}::text::date`);
  const where = joinSql(conditions, ' AND ');
  const along = new Map([
    [PAPER_ORDERS.NEWEST, sql`${listedWithin({ from, to })} AND (SELECT ${where})`],
    [PAPER_ORDERS.TRENDING, sql`${trendingWithin({ from, to })} AND (SELECT ${where})`],
  ]);
  return { ...byIndex(where), along, ...(from !== null && to !== null && { days: { from, to } }) };
}

// A day of any time zone lies within the day in UTC, the one before and the one after: clocks are at most 12 hours behind
// and 14 ahead.
function listedWithin({ from, to }: Days): Sql {
  const conditions: Sql[] = [];
  if (from !== null) conditions.push(sql`p.listed_at >= ${startOf(from)} - interval '1 day'`);
  if (to !== null) conditions.push(sql`p.listed_at < ${endOf(to)} + interval '1 day'`);
  return joinSql(conditions, ' AND ');
}

// From the score of a paper without votes on the first day to that of one with all the votes that a counter holds after the
// last, in any time zone: 30 days more than the days themselves.
function trendingWithin({ from, to }: Days): Sql {
  const conditions: Sql[] = [];
  if (from !== null) conditions.push(sql`p.trending_score >= trending_score(0, ${startOf(from)} - interval '1 day')`);
  if (to !== null) conditions.push(sql`p.trending_score <= trending_score(2147483646, ${endOf(to)} + interval '1 day')`);
  return joinSql(conditions, ' AND ');
}

/** The first and the last day, or none. */
interface Days {
  readonly from: string | null;
  readonly to: string | null;
}

function hasAnyTag(slugs: readonly string[]): PaperCondition {
  if (slugs.length === 0) throw badInput('filter.tags.any', 'must have at least 1 item', slugs);
  const named = sql`ANY (ARRAY (${tagIdsNamed(slugs)}))`;
  const tagged = sql`x.tag_id = ${named}`;
  return {
    where: sql`EXISTS (SELECT FROM paper_tags x WHERE x.paper_id = p.id AND ${tagged})`,
    ids: sql`SELECT x.paper_id FROM paper_tags x WHERE ${tagged}`,
    count: sql`SELECT sum(paper_count) FROM tags WHERE id = ${named}`,
  };
}

function isBy(authorId: number): PaperCondition {
  const author = currentId('Author', authorId);
  return {
    where: sql`EXISTS (SELECT FROM paper_authors x WHERE x.paper_id = p.id AND x.author_id = ${author})`,
    ids: sql`SELECT x.paper_id FROM paper_authors x WHERE x.author_id = ${author}`,
    count: sql`SELECT paper_count FROM authors WHERE id = ${author}`,
  };
}

function links(repoId: number): PaperCondition {
  return {
    where: sql`EXISTS (SELECT FROM paper_repos x WHERE x.paper_id = p.id AND x.repo_id = ${repoId})`,
    ids: sql`SELECT x.paper_id FROM paper_repos x WHERE x.repo_id = ${repoId}`,
    count: sql`SELECT paper_count FROM repos WHERE id = ${repoId}`,
  };
}

/** Each minus before the last is a negation of a negation, of which PostgreSQL takes 32 and no more ("tsquery stack too small"). */
const MINUSES = /-(?:[^\p{L}\p{N}"-]*-)+/gu;

function has(text: string): PaperCondition {
  // Papers have the words of what looks like a tag, which would be left out.
  const query = sql`websearch_to_tsquery('english', ${text.replaceAll('<', ' ').replace(MINUSES, '-')})`;
  // Estimated, not counted: the index reads all papers of a frequent word before it gives the first.
  return { ...hasWords(query), estimated: { from: sql`paper_search s`, where: sql`s.vector @@ ${query}` } };
}

/**
 * Has the words that a tsquery asks for, by paper_search_vector_idx. The query is made once, not once a row, and is not
 * looked at by the planner: a search for words that it takes for frequent would read the whole table.
 */
export function hasWords(query: Sql): PaperCondition {
  const ids = sql`SELECT s.paper_id FROM paper_search s WHERE s.vector @@ (SELECT ${query}) AND ${isListedId(sql`s.paper_id`)}`;
  return {
    where: sql`p.id IN (${ids})`,
    ids,
    probe: sql`(SELECT s.vector @@ (SELECT ${query}) FROM paper_search s WHERE s.paper_id = p.id)`,
  };
}

function byIndex(where: Sql): PaperCondition {
  return { where, ids: sql`SELECT p.id FROM papers p WHERE ${where}` };
}

function checkedDays(field: string, range: DateRange | null | undefined): Days | null {
  const from = range?.from == null ? null : checkedCalendarDay(`${field}.from`, range.from);
  const to = range?.to == null ? null : checkedCalendarDay(`${field}.to`, range.to);
  if (from !== null && to !== null && from > to) throw badInput(field, 'must not end before it starts', range);
  return from === null && to === null ? null : { from, to };
}

function withinDays(column: Sql, { from, to }: Days): Sql {
  const conditions: Sql[] = [];
  if (from !== null) conditions.push(sql`${column} >= ${startOf(from)}`);
  if (to !== null) conditions.push(sql`${column} < ${endOf(to)}`);
  return joinSql(conditions, ' AND ');
}

/** When a day starts in UTC. */
function startOf(day: string): Sql {
  return sql`(${day}::text::timestamp AT TIME ZONE 'UTC')`;
}

/** When the next one does. */
function endOf(day: string): Sql {
  return sql`((${day}::text::timestamp + interval '1 day') AT TIME ZONE 'UTC')`;
}
