import { sql, type Database } from '../database/database.js';
import type { Pool } from './pool.js';
import type { CodeFacet, YearFacet } from './search.type.js';

const MOST_TAGS = 20;
const MOST_YEARS = 100;

/** Numbers over all hits of a search. */
export class FacetService {
  constructor(private readonly database: Database) {}

  /** The tags that most hits have, by paper_tags_pkey. */
  tags({ ids }: Pool): Promise<{ tagId: number; count: number }[]> {
    return this.database.rows(sql`
      SELECT l.tag_id AS "tagId", count(*)::int4 AS count FROM (${ids}) h (id) JOIN paper_tags l ON l.paper_id = h.id
      GROUP BY l.tag_id ORDER BY count(*) DESC, l.tag_id LIMIT ${MOST_TAGS}`);
  }

  years({ ids }: Pool): Promise<YearFacet[]> {
    return this.database.rows(sql`
      SELECT extract(year FROM p.published_at AT TIME ZONE 'UTC')::int4 AS year, count(*)::int4 AS count
      FROM (${ids}) h (id) JOIN listed_papers p ON p.id = h.id WHERE p.published_at IS NOT NULL
      GROUP BY 1 ORDER BY 1 DESC LIMIT ${MOST_YEARS}`);
  }

  async code({ ids }: Pool): Promise<CodeFacet> {
    const [row] = await this.database.rows<CodeFacet>(sql`
      SELECT count(*) FILTER (WHERE p.repo_count > 0)::int4 AS "withCode", count(*) FILTER (WHERE p.repo_count = 0)::int4 AS "withoutCode"
      FROM (${ids}) h (id) JOIN listed_papers p ON p.id = h.id`);
    return row ?? { withCode: 0, withoutCode: 0 };
  }
}
