import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { readCounts, readPagesByParent, type Order, type Page, type PageOf } from '../database/lists.js';
import { badInput } from '../errors.js';
import { TAG_COLUMNS } from '../tags/tag.service.js';
import type { Tag } from '../tags/tag.type.js';

export type PaperTagRow = Tag & { readonly weight: number };

/** A tag of a paper to write, by the row of the tag. */
export interface TagWeight {
  readonly paperId: number;
  readonly tagId: number;
  readonly weight: number;
}

// The heaviest first, by paper_tags_paper_id_weight_tag_id_idx; −tag_id, so that one direction serves both keys.
const BY_WEIGHT: Order = {
  name: 'paper.tags',
  descending: true,
  keys: [
    { column: 'l.weight', type: 'float8' },
    { column: '-l.tag_id', type: 'int4' },
  ],
};

// One by one: left to choose, the database hashes all tags for a page's eighty (0.28 ms of 0.8).
/** The tags `t` of papers, by links `l`. */
export const TAGS_OF_PAPER = { from: sql`paper_tags l CROSS JOIN LATERAL (SELECT * FROM tags WHERE id = l.tag_id OFFSET 0) t`, parentColumn: 'l.paper_id', order: BY_WEIGHT };

/** Which tags a paper has, and how much it is about each. */
export class PaperTagService {
  constructor(private readonly database: Database) {}

  pagesByPaper(paperIds: readonly number[], page: Page): Promise<Map<number, PageOf<PaperTagRow>>> {
    const list = { ...TAGS_OF_PAPER, columns: sql`${TAG_COLUMNS}, l.weight`, where: [] };
    return readPagesByParent<PaperTagRow>(this.database, list, { ids: paperIds, page });
  }

  countsByPaper(paperIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`SELECT id, tag_count AS count FROM papers WHERE id = ANY (${[...paperIds]}::int4[])`);
  }

  /** Gives tags, or sets their weights; returns the papers for which that changed anything. Throws BAD_USER_INPUT. */
  async set(tagWeights: readonly TagWeight[], reader: Reader = this.database): Promise<Set<number>> {
    const bad = tagWeights.find(({ weight }) => !(weight > 0 && weight <= 1));
    if (bad !== undefined) throw badInput('weight', 'must be above 0 and at most 1', bad.weight);
    if (tagWeights.length === 0) return new Set();
    const rows = await reader.rows<{ id: number }>(sql`${insertOf(tagWeights)}
      ON CONFLICT (paper_id, tag_id) DO UPDATE SET weight = excluded.weight WHERE l.weight <> excluded.weight
      RETURNING paper_id AS id`);
    return new Set(rows.map((row) => row.id));
  }

  /** Gives tags, or raises their weights: what several sources say of one tag is the most of it. */
  async raise(reader: Reader, tagWeights: readonly TagWeight[]): Promise<Set<number>> {
    if (tagWeights.length === 0) return new Set();
    const rows = await reader.rows<{ id: number }>(sql`${insertOf(tagWeights)}
      ON CONFLICT (paper_id, tag_id) DO UPDATE SET weight = excluded.weight WHERE l.weight < excluded.weight
      RETURNING paper_id AS id`);
    return new Set(rows.map((row) => row.id));
  }

  /** Takes a tag, and tells whether the paper had it. */
  async remove(paperId: number, tagId: number, reader: Reader = this.database): Promise<boolean> {
    const rows = await reader.rows(sql`DELETE FROM paper_tags WHERE paper_id = ${paperId} AND tag_id = ${tagId} RETURNING tag_id`);
    return rows.length > 0;
  }
}

function insertOf(tagWeights: readonly TagWeight[]): Sql {
  return sql`
    INSERT INTO paper_tags AS l (paper_id, tag_id, weight)
    SELECT paper_id, tag_id, max(weight)
    FROM unnest(${tagWeights.map((item) => item.paperId)}::int4[], ${tagWeights.map((item) => item.tagId)}::int4[],
      ${tagWeights.map((item) => item.weight)}::float8[]) AS x (paper_id, tag_id, weight)
    GROUP BY paper_id, tag_id ORDER BY paper_id, tag_id`;
}
