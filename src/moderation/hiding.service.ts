import type { AuditService } from '../audit/audit.service.js';
import { sql, type Database, type Sql } from '../database/database.js';
import { DomainError } from '../errors.js';
import type { Viewer } from '../graphql/context.js';

export interface Hiding {
  readonly rowId: number;
  readonly reason: string | null;
  readonly moderator: Viewer;
}

/** What can be hidden. */
type Hideable = 'Paper' | 'Comment';

const TABLES: Record<Hideable, Sql> = { Paper: sql`papers`, Comment: sql`comments` };

/** Hides from readers, and shows again. Doing it again changes nothing and is noted nowhere. */
export class HidingService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  /** Throws NOT_FOUND. */
  hide(type: Hideable, hiding: Hiding): Promise<void> {
    return this.set(type, 'HIDE', hiding);
  }

  /** Throws NOT_FOUND. */
  restore(type: Hideable, hiding: Hiding): Promise<void> {
    return this.set(type, 'RESTORE', hiding);
  }

  // Triggers tell the counters and the recommender.
  private async set(type: Hideable, action: 'HIDE' | 'RESTORE', { rowId, reason, moderator }: Hiding): Promise<void> {
    await this.database.transaction(async (transaction) => {
      // Writers of a discussion lock its paper first.
      if (type === 'Comment') await transaction.rows(sql`SELECT id FROM papers WHERE id = (SELECT paper_id FROM comments WHERE id = ${rowId}) FOR NO KEY UPDATE`);
      const [row] = await transaction.rows<{ isHidden: boolean }>(
        sql`SELECT hidden_at IS NOT NULL AS "isHidden" FROM ${TABLES[type]} WHERE id = ${rowId} FOR NO KEY UPDATE`,
      );
      if (row === undefined) throw new DomainError('NOT_FOUND', `there is no such ${type.toLowerCase()}`, `${type.toLowerCase()}Id`);
      if (row.isHidden === (action === 'HIDE')) return;
      await transaction.rows(sql`UPDATE ${TABLES[type]} SET hidden_at = ${action === 'HIDE' ? sql`now()` : sql`NULL`} WHERE id = ${rowId} RETURNING id`);
      await this.audit.record(transaction, { actorId: moderator.id, action, object: { type, id: rowId }, details: reason === null ? {} : { reason } });
    });
  }
}
