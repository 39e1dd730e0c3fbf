import type { AuditService } from '../audit/audit.service.js';
import { sql, type Database, type Sql, type Transaction } from '../database/database.js';
import { mergedInto, type Mergeable } from '../database/redirects.js';
import { DomainError, badInput } from '../errors.js';
import type { Viewer } from '../graphql/context.js';
import { alone } from '../jobs/alone.js';
import { toGlobalId } from '../graphql/globalId.js';
import { MAX_ALIASES } from '../tags/tag.service.js';
import { WRITERS_LOCK } from '../submissions/paperWriter.service.js';
import { moveClaims } from './mergeClaims.js';
import { AUTHOR_LINKS, PAPER_LINKS, TAG_LINKS, moveLinks, type Merge } from './mergeLinks.js';
import { keepPaperFacts, moveByline, moveOrigins, moveReports } from './mergePapers.js';

export interface MergeRequest extends Merge {
  readonly moderator: Viewer;
}

interface Steps {
  readonly type: Mergeable;
  /** Locks both against whoever refers to them, in the order of their ids; gives those that are there. */
  readonly lock: (transaction: Transaction, merge: Merge) => Promise<{ readonly id: number; readonly isHidden: boolean }[]>;
  readonly write: (transaction: Transaction, merge: Merge) => Promise<void>;
}

/**
 * Makes two objects one: the kept one gets all that hangs on the other, which goes, and whose names lead to the kept one
 * from then on. One transaction; whoever votes meanwhile waits for its end, and votes on the kept one.
 */
export class MergeService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  /** Throws BAD_USER_INPUT, NOT_FOUND and, where one of them is hidden, CONFLICT. */
  papers(request: MergeRequest): Promise<void> {
    return this.merge(request, { type: 'Paper', lock: lockPapers, write: mergePapers });
  }

  /** Throws BAD_USER_INPUT and NOT_FOUND, CONFLICT where they are linked to two readers. */
  authors(request: MergeRequest): Promise<void> {
    return this.merge(request, { type: 'Author', lock: lockAuthors, write: mergeAuthors });
  }

  /** Throws BAD_USER_INPUT and NOT_FOUND, CONFLICT where the tag would have too many aliases. */
  tags(request: MergeRequest): Promise<void> {
    return this.merge(request, { type: 'Tag', lock: lockTags, write: mergeTags });
  }

  private async merge({ keepId, duplicateId, moderator }: MergeRequest, { type, lock, write }: Steps): Promise<void> {
    if (keepId === duplicateId) throw badInput('duplicateId', `must be the id of another ${type} than keepId`, toGlobalId(type, duplicateId));
    const merge = { keepId, duplicateId };
    // Imports look papers, authors and tags up before they write: they take turns with merges.
    await alone(this.database, WRITERS_LOCK, async (transaction) => {
      const locked = await lock(transaction, merge);
      const isThere = (id: number): boolean => locked.some((row) => row.id === id);
      // Merged before: there is nothing left to do.
      if (!isThere(duplicateId) && (await mergedInto(transaction, type, duplicateId)) === keepId) return;
      for (const [field, id] of Object.entries(merge)) {
        if (!isThere(id)) throw new DomainError('NOT_FOUND', `there is no such ${type.toLowerCase()}`, field);
        if (locked.some((row) => row.id === id && row.isHidden)) throw new DomainError('CONFLICT', 'a hidden paper is not merged: restore it first', field);
      }
      await write(transaction, merge);
      await this.audit.record(transaction, {
        actorId: moderator.id, action: 'MERGE', object: { type, id: keepId }, details: { duplicateId: toGlobalId(type, duplicateId) },
      });
    });
  }
}

function lockPapers(transaction: Transaction, { keepId, duplicateId }: Merge): Promise<{ id: number; isHidden: boolean }[]> {
  return transaction.rows(sql`SELECT id, hidden_at IS NOT NULL AS "isHidden" FROM papers WHERE id IN (${keepId}, ${duplicateId}) ORDER BY id FOR UPDATE`);
}

// The papers first: whoever links one locks it before the tag or author.
async function lockAuthors(transaction: Transaction, { keepId, duplicateId }: Merge): Promise<{ id: number; isHidden: boolean }[]> {
  await lockLinked(transaction, sql`SELECT paper_id FROM paper_authors WHERE author_id = ${duplicateId}`);
  return transaction.rows(sql`SELECT id, false AS "isHidden" FROM authors WHERE id IN (${keepId}, ${duplicateId}) ORDER BY id FOR UPDATE`);
}

async function lockTags(transaction: Transaction, { keepId, duplicateId }: Merge): Promise<{ id: number; isHidden: boolean }[]> {
  await lockLinked(transaction, sql`SELECT paper_id FROM paper_tags WHERE tag_id = ${duplicateId}`);
  return transaction.rows(sql`SELECT id, false AS "isHidden" FROM tags WHERE id IN (${keepId}, ${duplicateId}) ORDER BY id FOR UPDATE`);
}

async function lockLinked(transaction: Transaction, ids: Sql): Promise<void> {
  await transaction.rows(sql`SELECT count(*)::int4 AS count FROM (SELECT FROM papers WHERE id IN (${ids}) ORDER BY id FOR NO KEY UPDATE) x`);
}

async function mergePapers(transaction: Transaction, merge: Merge): Promise<void> {
  await transaction.rows(sql`SELECT set_config('daily_papers.merging', 'on', true) AS merging`);
  await moveByline(transaction, merge);
  await moveReports(transaction, merge);
  await moveLinks(transaction, PAPER_LINKS, merge);
  const given = await keepPaperFacts(transaction, merge);
  await moveOrigins(transaction, merge, given);
  await transaction.rows(sql`DELETE FROM papers WHERE id = ${merge.duplicateId} RETURNING id`);
  await transaction.rows(sql`SELECT set_config('daily_papers.merging', '', true) AS merging`);
}

async function mergeAuthors(transaction: Transaction, merge: Merge): Promise<void> {
  const { keepId, duplicateId } = merge;
  await moveClaims(transaction, merge);
  await moveLinks(transaction, AUTHOR_LINKS, merge);
  // In a byline that has both the duplicate's place stays free; else the kept author takes it.
  await transaction.rows(sql`
    WITH gone AS (DELETE FROM paper_authors WHERE author_id = ${duplicateId} RETURNING paper_id, position),
    taken AS (
      INSERT INTO paper_authors (paper_id, author_id, position) SELECT g.paper_id, ${keepId}::int4, g.position FROM gone g
      WHERE NOT EXISTS (SELECT FROM paper_authors l WHERE l.paper_id = g.paper_id AND l.author_id = ${keepId}) RETURNING 1)
    SELECT count(*)::int4 AS count FROM taken`);
  const [gone] = await transaction.rows<{ nameKey: string; orcid: string | null }>(sql`DELETE FROM authors WHERE id = ${duplicateId} RETURNING name_key AS "nameKey", orcid`);
  const given = await transaction.rows(sql`UPDATE authors SET orcid = ${gone?.orcid ?? null}::text WHERE id = ${keepId} AND orcid IS NULL AND ${gone?.orcid ?? null}::text IS NOT NULL RETURNING id`);
  const orcid = given.length > 0 ? null : (gone?.orcid ?? null);
  await transaction.rows(sql`
    INSERT INTO merged_authors (old_id, author_id, name_key, orcid)
    VALUES (${duplicateId}::int4, ${keepId}::int4, ${gone?.orcid == null ? (gone?.nameKey ?? null) : null}::text, ${orcid}::text) RETURNING old_id`);
}

async function mergeTags(transaction: Transaction, merge: Merge): Promise<void> {
  const { keepId, duplicateId } = merge;
  await moveLinks(transaction, TAG_LINKS, merge);
  const [gone] = await transaction.rows<{ slug: string }>(sql`DELETE FROM tags WHERE id = ${duplicateId} RETURNING slug`);
  await transaction.rows(sql`INSERT INTO merged_tags (old_id, tag_id) VALUES (${duplicateId}::int4, ${keepId}::int4) RETURNING old_id`);
  await transaction.rows(sql`INSERT INTO tag_aliases (slug, tag_id) VALUES (${gone?.slug ?? ''}, ${keepId}::int4) RETURNING slug`);
  const [row] = await transaction.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM tag_aliases WHERE tag_id = ${keepId}`);
  if ((row?.count ?? 0) > MAX_ALIASES) {
    throw new DomainError('CONFLICT', `the tag would have ${row?.count ?? 0} aliases, and may have ${MAX_ALIASES}: remove some first`, 'keepId');
  }
}
