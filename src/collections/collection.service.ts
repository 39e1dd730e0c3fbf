import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { isUniqueViolation } from '../database/sqlErrors.js';
import { latestFirst, readCounts, readPagesByParent, type Page, type PageOf } from '../database/lists.js';
import { DomainError } from '../errors.js';
import type { LinkedList } from '../graphql/projection.js';
import { checkedText } from '../inputRules.js';
import { Collection } from './collection.type.js';

/** What a collection is to be; what is undefined stays as it is. */
export interface CollectionFields {
  readonly name?: string | undefined;
  readonly description?: string | null | undefined;
  readonly isPublic?: boolean | undefined;
}

/** Who asks: null for an anonymous request. */
export type ViewerId = number | null;

export const MAX_COLLECTIONS = 200;

/** Columns of collections `c` as a Collection has them. */
export const COLLECTION_COLUMNS = sql`c.id AS "rowId", c.owner_id AS "ownerId", c.name, c.description, c.is_public AS "isPublic",
  c.paper_count AS "paperCount", c.created_at AS "createdAt", c.updated_at AS "updatedAt"`;

/** Whether a viewer sees collections `c`; `viewer` is SQL for their id, null for an anonymous request. */
export function isVisibleTo(viewer: Sql): Sql {
  return sql`(c.is_public OR c.owner_id = ${viewer})`;
}

// At most 200 of one reader, by collections_owner_id_created_at_id_idx.
/** The collections `c` of readers that a viewer sees. */
export function collectionsOfOwner(viewer: Sql): LinkedList {
  return {
    from: sql`(SELECT * FROM collections c WHERE ${isVisibleTo(viewer)}) c`,
    parentColumn: 'c.owner_id',
    order: latestFirst('user.collections', { createdAt: 'c.created_at', id: 'c.id' }),
  };
}

/** Collections. What is private is nobody's to see but its owner's: every read here asks who reads. */
export class CollectionService {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly number[], viewerId: ViewerId): Promise<Collection[]> {
    const rows = await this.database.rows<Collection>(sql`
      SELECT ${COLLECTION_COLUMNS} FROM collections c WHERE c.id = ANY (${[...ids]}::int4[]) AND ${isVisibleTo(idOf(viewerId))}`);
    return rows.map(toCollection);
  }

  pagesByOwner(ownerIds: readonly number[], viewerId: ViewerId, page: Page): Promise<Map<number, PageOf<Collection>>> {
    const list = { ...collectionsOfOwner(idOf(viewerId)), columns: COLLECTION_COLUMNS, where: [] };
    return readPagesByParent<Collection>(this.database, list, { ids: ownerIds, page });
  }

  countsByOwner(ownerIds: readonly number[], viewerId: ViewerId): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT c.owner_id AS id, count(*)::int4 AS count FROM collections c
      WHERE c.owner_id = ANY (${[...ownerIds]}::int4[]) AND ${isVisibleTo(idOf(viewerId))} GROUP BY c.owner_id`);
  }

  /** Makes a collection; throws BAD_USER_INPUT or CONFLICT. */
  async create(ownerId: number, input: CollectionFields & { readonly name: string; readonly isPublic: boolean }): Promise<Collection> {
    const { name = '', description } = checkedFields(input);
    const id = await this.named(name, () => this.database.transaction(async (transaction) => {
      // Those who make one at once wait for each other here, so that each sees what the others made.
      await transaction.rows(sql`SELECT id FROM users WHERE id = ${ownerId} FOR NO KEY UPDATE`);
      const [row] = await transaction.rows<{ id: number }>(sql`
        INSERT INTO collections (owner_id, name, description, is_public)
        SELECT ${ownerId}::int4, ${name}::text, ${description ?? null}::text, ${input.isPublic}::boolean
        WHERE (SELECT count(*) FROM collections WHERE owner_id = ${ownerId}) < ${MAX_COLLECTIONS}::int4 RETURNING id`);
      if (row === undefined) throw new DomainError('CONFLICT', `a reader may have at most ${MAX_COLLECTIONS} collections`);
      return row.id;
    }));
    return this.get(id, ownerId);
  }

  /** Changes what is given of a collection; throws BAD_USER_INPUT, NOT_FOUND, FORBIDDEN or CONFLICT. */
  async update(id: number, viewerId: number, input: CollectionFields): Promise<Collection> {
    const { name = null, description, isPublic = null } = checkedFields(input);
    await this.named(name ?? '', () => this.database.transaction(async (transaction) => {
      await lockOwned(transaction, id, viewerId);
      await transaction.rows(sql`
        UPDATE collections c SET name = x.name, description = x.description, is_public = x.is_public, updated_at = now()
        FROM (
          SELECT coalesce(${name}::text, name) AS name, coalesce(${isPublic}::boolean, is_public) AS is_public,
            CASE WHEN ${description === undefined}::boolean THEN description ELSE ${description ?? null}::text END AS description
          FROM collections WHERE id = ${id}
        ) x
        WHERE c.id = ${id} AND (c.name, c.description, c.is_public) IS DISTINCT FROM (x.name, x.description, x.is_public)`);
    }));
    return this.get(id, viewerId);
  }

  /** Deletes a collection with its places; one that is not there, or not to be seen, is left so. Throws FORBIDDEN. */
  async delete(id: number, viewerId: number): Promise<void> {
    const rows = await this.database.rows<{ isDeleted: boolean }>(sql`
      WITH gone AS (DELETE FROM collections WHERE id = ${id} AND owner_id = ${viewerId} RETURNING id)
      SELECT EXISTS (SELECT FROM gone) AS "isDeleted" FROM collections c WHERE c.id = ${id} AND ${isVisibleTo(idOf(viewerId))}`);
    if (rows.some(({ isDeleted }) => !isDeleted)) throw notOwner();
  }

  /** The collection; throws NOT_FOUND for one that the viewer does not see. */
  async get(id: number, viewerId: ViewerId): Promise<Collection> {
    const [collection] = await this.byIds([id], viewerId);
    if (collection === undefined) throw noCollection();
    return collection;
  }

  private async named<Result>(name: string, write: () => Promise<Result>): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      throw new DomainError('CONFLICT', `the viewer has a collection ${JSON.stringify(name)} already`, 'name');
    }
  }
}

/** Has others wait who change the collection, until the transaction ends; throws NOT_FOUND or FORBIDDEN. */
export async function lockOwned(transaction: Reader, id: number, viewerId: number): Promise<{ readonly paperCount: number }> {
  const [row] = await transaction.rows<{ ownerId: number; paperCount: number }>(sql`
    SELECT c.owner_id AS "ownerId", c.paper_count AS "paperCount" FROM collections c
    WHERE c.id = ${id} AND ${isVisibleTo(idOf(viewerId))} FOR NO KEY UPDATE`);
  if (row === undefined) throw noCollection();
  if (row.ownerId !== viewerId) throw notOwner();
  return row;
}

/** A viewer's id as SQL. */
export function idOf(viewerId: ViewerId): Sql {
  return sql`${viewerId}::int4`;
}

export function toCollection(row: Collection): Collection {
  return Object.assign(new Collection(), row);
}

function noCollection(): DomainError {
  return new DomainError('NOT_FOUND', 'there is no such collection', 'collectionId');
}

function notOwner(): DomainError {
  return new DomainError('FORBIDDEN', 'only the owner of a collection may change it', 'collectionId');
}

function checkedFields({ name, description, isPublic }: CollectionFields): CollectionFields {
  return {
    name: name === undefined ? undefined : checkedText('name', name, { min: 1, max: 100 }),
    description: description == null ? description : checkedText('description', description, { min: 1, max: 2000 }),
    isPublic,
  };
}
