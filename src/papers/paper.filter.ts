import { joinSql, sql, type Sql } from '../database/database.js';
import { badInput } from '../errors.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedCalendarDay, checkedList, checkedText } from '../inputRules.js';
import type { DateRange, PaperFilter } from './paper.type.js';

const MAX_TAGS = 20;
const MAX_TEXT_CHARACTERS = 250;

/** The filter as conditions on papers `p`; throws BAD_USER_INPUT. */
export function paperConditions(filter: PaperFilter): Sql[] {
  const conditions: Sql[] = [];
  const { any, all } = filter.tags ?? {};
  if (any != null) conditions.push(hasAnyTag(checkedList('filter.tags.any', any, MAX_TAGS)));
  // One condition a tag: each probes the primary key of paper_tags.
  for (const slug of new Set(checkedList('filter.tags.all', all ?? [], MAX_TAGS))) conditions.push(hasAnyTag([slug]));
  if (filter.author != null) {
    conditions.push(sql`EXISTS (SELECT FROM paper_authors x WHERE x.paper_id = p.id AND x.author_id = ${rowIdOf('Author', filter.author, 'filter.author')})`);
  }
  if (filter.repo != null) {
    conditions.push(sql`EXISTS (SELECT FROM paper_repos x WHERE x.paper_id = p.id AND x.repo_id = ${rowIdOf('Repo', filter.repo, 'filter.repo')})`);
  }
  conditions.push(...withinDays('filter.listed', sql`p.listed_at`, filter.listed));
  conditions.push(...withinDays('filter.published', sql`p.published_at`, filter.published));
  if (filter.hasCode != null) conditions.push(filter.hasCode ? sql`p.repo_count > 0` : sql`p.repo_count = 0`);
  if (filter.text != null) {
    const text = checkedText('filter.text', filter.text, { min: 1, max: MAX_TEXT_CHARACTERS });
    conditions.push(sql`p.search_vector @@ websearch_to_tsquery('english', ${text})`);
  }
  return conditions;
}

function hasAnyTag(slugs: readonly string[]): Sql {
  if (slugs.length === 0) throw badInput('filter.tags.any', 'must have at least 1 item', slugs);
  return sql`EXISTS (SELECT FROM paper_tags x WHERE x.paper_id = p.id
    AND x.tag_id = ANY (ARRAY (SELECT id FROM tags WHERE slug IN (${joinSql([...slugs])}))))`;
}

function withinDays(field: string, column: Sql, range: DateRange | null | undefined): Sql[] {
  const from = range?.from == null ? null : checkedCalendarDay(`${field}.from`, range.from);
  const to = range?.to == null ? null : checkedCalendarDay(`${field}.to`, range.to);
  if (from !== null && to !== null && from > to) throw badInput(field, 'must not end before it starts', range);
  const conditions: Sql[] = [];
  if (from !== null) conditions.push(sql`${column} >= ${from}::text::timestamp AT TIME ZONE 'UTC'`);
  if (to !== null) conditions.push(sql`${column} < (${to}::text::timestamp + interval '1 day') AT TIME ZONE 'UTC'`);
  return conditions;
}
