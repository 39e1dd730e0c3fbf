import { sql, type Database } from '../database/database.js';
import { readCounts, readPagesByParent, type Order, type Page, type PageOf } from '../database/lists.js';
import { PaperOrigin } from './origin.type.js';

// A paper has few, so they are sorted when read.
const BY_SOURCE: Order = {
  name: 'paper.origins',
  descending: false,
  keys: [
    { column: 'o.source', type: 'text' },
    { column: 'o.external_id', type: 'text' },
  ],
};

// By paper_origins_paper_id_source_external_id_idx, behind a fence: for a page before one of the first source the database
// expects no rows, and reads them by the key of all (17,445 of 20,000 papers).
/** The origins `o` of papers, by rows `l` of the same. */
export const ORIGINS_OF_PAPER = { from: sql`paper_origins l CROSS JOIN LATERAL (SELECT l.* OFFSET 0) o`, parentColumn: 'l.paper_id', order: BY_SOURCE };

const COLUMNS = sql`o.source, o.external_id AS "externalId", coalesce(o.fields, '{}') AS fields, o.facts, o.first_seen_at AS "firstSeenAt",
  o.changed_at AS "changedAt"`;

/** Which source said what of a paper. */
export class OriginService {
  constructor(private readonly database: Database) {}

  pagesByPaper(paperIds: readonly number[], page: Page): Promise<Map<number, PageOf<PaperOrigin>>> {
    return readPagesByParent<PaperOrigin>(this.database, { ...ORIGINS_OF_PAPER, columns: COLUMNS, where: [] }, { ids: paperIds, page });
  }

  countsByPaper(paperIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT paper_id AS id, count(*)::int4 AS count FROM paper_origins WHERE paper_id = ANY (${[...paperIds]}::int4[]) GROUP BY paper_id`);
  }
}

export function toOrigin(row: PaperOrigin): PaperOrigin {
  return Object.assign(new PaperOrigin(), row);
}
