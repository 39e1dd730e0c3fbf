import { sql, type Database } from '../database/database.js';
import { countRows, latestFirst, readPage, readPresent, type Page, type PageOf } from '../database/lists.js';
import { writeThroughMerges } from '../database/redirects.js';
import { PAPER_COLUMNS } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';

export type DismissedPaperRow = Paper & { readonly dismissedAt: Date };

// dismissals_user_id_created_at_paper_id_idx
const LATEST_FIRST = latestFirst('viewer.dismissals', { createdAt: 'd.created_at', id: 'd.paper_id' });

/** Who does not want to be shown what. */
export class DismissalService {
  constructor(private readonly database: Database) {}

  // A trigger takes the upvote back: an upvote ends a dismissal by its mirror image, and only the database sees both
  // sides of two requests that come at once.
  /** Dismisses a paper; dismissing it again changes nothing, nor does a paper that does not exist or is hidden. */
  async add(userId: number, paperId: number): Promise<void> {
    await writeThroughMerges(this.database, { type: 'Paper', id: paperId }, sql`
      INSERT INTO dismissals (user_id, paper_id) SELECT ${userId}::int4, id FROM target
      ON CONFLICT (user_id, paper_id) DO NOTHING`);
  }

  /** Takes a dismissal back; taking back what is not there changes nothing. */
  async remove(userId: number, paperId: number): Promise<void> {
    await writeThroughMerges(this.database, { type: 'Paper', id: paperId }, sql`
      DELETE FROM dismissals WHERE user_id = ${userId} AND paper_id = (SELECT id FROM target)`);
  }

  /** Which of these papers the user dismissed. */
  async dismissedAmong(userId: number, paperIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, paperIds, (id) => sql`SELECT FROM dismissals WHERE user_id = ${userId} AND paper_id = ${id}`);
  }

  list(userId: number, page: Page): Promise<PageOf<DismissedPaperRow>> {
    const list = {
      columns: sql`${PAPER_COLUMNS}, d.created_at AS "dismissedAt"`,
      from: sql`dismissals d JOIN listed_papers p ON p.id = d.paper_id`,
      where: [sql`d.user_id = ${userId}`],
      order: LATEST_FIRST,
    };
    return readPage<DismissedPaperRow>(this.database, list, page);
  }

  count(userId: number): Promise<number> {
    return countRows(this.database, { from: sql`dismissals d JOIN listed_papers p ON p.id = d.paper_id`, where: [sql`d.user_id = ${userId}`] });
  }
}
