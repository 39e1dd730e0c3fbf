import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { latestFirst, readCounts, readPagesByParent, type Order, type Page, type PageOf } from '../database/lists.js';
import { DomainError, badInput } from '../errors.js';
import type { LinkedList } from '../graphql/projection.js';
import { checkedText } from '../inputRules.js';
import { PAPER_COLUMNS } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import { COLLECTION_COLUMNS, idOf, isVisibleTo, lockOwned, type ViewerId } from './collection.service.js';
import type { Collection } from './collection.type.js';

export type CollectionPaperRow = Paper & { readonly addedAt: Date; readonly note: string | null };
export type PaperCollectionRow = Collection & { readonly addedAt: Date };

/** A paper's place in a collection. */
export interface CollectionPlace {
  readonly collectionId: number;
  readonly paperId: number;
}

export const MAX_PAPERS = 1000;

// collection_papers_collection_id_position_paper_id_idx
const IN_ORDER: Order = {
  name: 'collection.papers',
  descending: false,
  keys: [
    { column: 'l.position', type: 'float8' },
    { column: 'l.paper_id', type: 'int4' },
  ],
};

/** The papers `p` of collections, by places `l`. */
export const PAPERS_OF_COLLECTION = { from: sql`collection_papers l JOIN listed_papers p ON p.id = l.paper_id`, parentColumn: 'l.collection_id', order: IN_ORDER };

// By collection_papers_paper_id_added_at_collection_id_idx, past what is private of others.
/** The collections `c` that hold papers and that a viewer sees, by places `l`. */
export function collectionsOfPaper(viewer: Sql): LinkedList {
  return {
    from: sql`collection_papers l JOIN collections c ON c.id = l.collection_id AND ${isVisibleTo(viewer)}`,
    parentColumn: 'l.paper_id',
    order: latestFirst('paper.collections', { createdAt: 'l.added_at', id: 'l.collection_id' }),
  };
}

// A place is a number, and between two places there is room for 50 others: a move writes one row. Who changes a collection
// holds its row, so that two who come at once move one after the other, each by the places that the other one left.
/** Which papers collections hold, and in which order. */
export class CollectionPaperService {
  constructor(private readonly database: Database) {}

  papersByCollection(ids: readonly number[], page: Page): Promise<Map<number, PageOf<CollectionPaperRow>>> {
    const list = { ...PAPERS_OF_COLLECTION, columns: sql`${PAPER_COLUMNS}, l.added_at AS "addedAt", l.note`, where: [] };
    return readPagesByParent<CollectionPaperRow>(this.database, list, { ids, page });
  }

  collectionsByPaper(ids: readonly number[], viewerId: ViewerId, page: Page): Promise<Map<number, PageOf<PaperCollectionRow>>> {
    const list = { ...collectionsOfPaper(idOf(viewerId)), columns: sql`${COLLECTION_COLUMNS}, l.added_at AS "addedAt"`, where: [] };
    return readPagesByParent<PaperCollectionRow>(this.database, list, { ids, page });
  }

  countsByPaper(ids: readonly number[], viewerId: ViewerId): Promise<Map<number, number>> {
    const { from } = collectionsOfPaper(idOf(viewerId));
    return readCounts(this.database, sql`SELECT l.paper_id AS id, count(*)::int4 AS count FROM ${from} WHERE l.paper_id = ANY (${[...ids]}::int4[]) GROUP BY l.paper_id`);
  }

  /** Puts a paper in, or gives the note and the place to one that is there; throws BAD_USER_INPUT, NOT_FOUND, FORBIDDEN or CONFLICT. */
  async add(viewerId: number, place: CollectionPlace, { note: text, position = null }: { readonly note?: string | null | undefined; readonly position?: number | null | undefined }): Promise<void> {
    const note = text == null ? text : checkedText('note', text, { min: 1, max: 1000 });
    checkPosition(position);
    await this.database.transaction(async (transaction) => {
      const { paperCount } = await lockOwned(transaction, place.collectionId, viewerId);
      const isThere = await holds(transaction, place);
      if (!isThere) return insert(transaction, place, { note: note ?? null, position, paperCount });
      if (note !== undefined) await transaction.rows(sql`UPDATE collection_papers SET note = ${note}::text WHERE ${isAt(place)}`);
      if (position !== null) await move(transaction, place, position);
    });
  }

  /** Takes a paper out; one that is not there changes nothing. Throws NOT_FOUND or FORBIDDEN. */
  async remove(viewerId: number, place: CollectionPlace): Promise<void> {
    await this.database.transaction(async (transaction) => {
      await lockOwned(transaction, place.collectionId, viewerId);
      await transaction.rows(sql`DELETE FROM collection_papers WHERE ${isAt(place)}`);
    });
  }

  /** Gives a paper the place of this number, from 0; throws BAD_USER_INPUT, NOT_FOUND or FORBIDDEN. */
  async move(viewerId: number, place: CollectionPlace, position: number): Promise<void> {
    checkPosition(position);
    await this.database.transaction(async (transaction) => {
      await lockOwned(transaction, place.collectionId, viewerId);
      if (!(await holds(transaction, place))) throw new DomainError('NOT_FOUND', 'the paper is not in the collection', 'paperId');
      await move(transaction, place, position);
    });
  }
}

function isAt({ collectionId, paperId }: CollectionPlace): Sql {
  return sql`collection_id = ${collectionId} AND paper_id = ${paperId}`;
}

async function holds(transaction: Reader, place: CollectionPlace): Promise<boolean> {
  return (await transaction.rows(sql`SELECT paper_id FROM collection_papers WHERE ${isAt(place)}`)).length > 0;
}

async function insert(
  transaction: Reader,
  place: CollectionPlace,
  { note, position, paperCount }: { readonly note: string | null; readonly position: number | null; readonly paperCount: number },
): Promise<void> {
  if (paperCount >= MAX_PAPERS) throw new DomainError('CONFLICT', `a collection may have at most ${MAX_PAPERS} papers`, 'collectionId');
  const key = await keyAt(transaction, place, position ?? paperCount);
  await transaction.rows(sql`
    INSERT INTO collection_papers (collection_id, paper_id, position, note)
    SELECT ${place.collectionId}::int4, id, ${key}::float8, ${note}::text FROM listed_papers WHERE id = ${place.paperId}`);
}

async function move(transaction: Reader, place: CollectionPlace, position: number): Promise<void> {
  const key = await keyAt(transaction, place, position);
  await transaction.rows(sql`UPDATE collection_papers SET position = ${key}::float8 WHERE ${isAt(place)}`);
}

/** The key by which the paper stands at this place among the others. */
async function keyAt(transaction: Reader, place: CollectionPlace, position: number): Promise<number> {
  const [before, after] = await neighbours(transaction, place, position);
  if (before === null || after === null) return before === null ? (after ?? 1) - 1 : before + 1;
  const middle = (before + after) / 2;
  if (before < middle && middle < after) return middle;
  await spread(transaction, place.collectionId);
  return keyAt(transaction, place, position);
}

/** The keys of the papers before and after a place, among all but the one that comes there; the last place where there are fewer. */
async function neighbours(transaction: Reader, { collectionId, paperId }: CollectionPlace, position: number): Promise<[before: number | null, after: number | null]> {
  // Of those that readers see: hidden papers have no number.
  const others = sql`SELECT l.position FROM ${PAPERS_OF_COLLECTION.from} WHERE l.collection_id = ${collectionId} AND l.paper_id <> ${paperId}`;
  const rows = await transaction.rows<{ position: number }>(sql`${others} ORDER BY l.position, l.paper_id OFFSET ${Math.max(0, position - 1)}::int4 LIMIT 2`);
  const [first = null, second = null] = rows.map((row) => row.position);
  if (position === 0) return [null, first];
  if (first !== null) return [first, second];
  const [last] = await transaction.rows<{ position: number }>(sql`${others} ORDER BY l.position DESC, l.paper_id DESC LIMIT 1`);
  return [last?.position ?? null, null];
}

// Every fiftieth time at worst that papers come between the same two. A page that is asked for by a cursor of before then
// starts where that cursor's number now is, which may be some papers off.
async function spread(transaction: Reader, collectionId: number): Promise<void> {
  await transaction.rows(sql`
    UPDATE collection_papers l SET position = x.place
    FROM (SELECT paper_id, row_number() OVER (ORDER BY position, paper_id) AS place FROM collection_papers WHERE collection_id = ${collectionId}) x
    WHERE l.collection_id = ${collectionId} AND l.paper_id = x.paper_id`);
}

function checkPosition(position: number | null): void {
  if (position !== null && position < 0) throw badInput('position', 'must be 0 or more', position);
}
