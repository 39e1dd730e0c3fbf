import { AUTHOR_COLUMNS } from '../authors/author.service.js';
import type { Author } from '../authors/author.type.js';
import { sql, type Database } from '../database/database.js';
import { latestFirst, readCounts, readPagesByParent, readPresent, type Page, type PageOf } from '../database/lists.js';
import { writeThroughMerges } from '../database/redirects.js';
import { badInput } from '../errors.js';
import { toGlobalId } from '../graphql/globalId.js';
import { TAG_COLUMNS, tagIdsNamed } from '../tags/tag.service.js';
import type { Tag } from '../tags/tag.type.js';
import { USER_COLUMNS } from '../users/user.service.js';
import type { User } from '../users/user.type.js';

export type FollowedTagRow = Tag & { readonly followedAt: Date };
export type FollowedAuthorRow = Author & { readonly followedAt: Date };
/** A reader who follows or is followed. */
export type FollowUserRow = User & { readonly followedAt: Date };

/** The follows `f` of readers, with the tags `t`. */
export const TAGS_OF_FOLLOWER = {
  from: sql`tag_follows f JOIN tags t ON t.id = f.tag_id`,
  parentColumn: 'f.user_id',
  order: latestFirst('user.tags', { createdAt: 'f.created_at', id: 'f.tag_id' }),
};

/** The follows `f` of readers, with the authors `a`. */
export const AUTHORS_OF_FOLLOWER = {
  from: sql`author_follows f JOIN authors a ON a.id = f.author_id`,
  parentColumn: 'f.user_id',
  order: latestFirst('user.authors', { createdAt: 'f.created_at', id: 'f.author_id' }),
};

/** The follows `f` of readers, with the readers `u` whom they follow. */
export const USERS_OF_FOLLOWER = {
  from: sql`user_follows f JOIN users u ON u.id = f.followed_id`,
  parentColumn: 'f.user_id',
  order: latestFirst('user.users', { createdAt: 'f.created_at', id: 'f.followed_id' }),
};

/** The follows `f` of readers by others, with these `u`. */
export const FOLLOWERS_OF_USER = {
  from: sql`user_follows f JOIN users u ON u.id = f.user_id`,
  parentColumn: 'f.followed_id',
  order: latestFirst('user.followers', { createdAt: 'f.created_at', id: 'f.user_id' }),
};

// Lists are read by tag_follows_user_id_created_at_tag_id_idx and its like for authors and readers.
/**
 * Who follows which tags, authors and readers. Following again changes nothing, nor does following what does not exist.
 * Of a tag or author, a trigger ends a mute.
 */
export class FollowService {
  constructor(private readonly database: Database) {}

  async addTag(userId: number, slug: string): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO tag_follows (user_id, tag_id) SELECT ${userId}::int4, n.id FROM (${tagIdsNamed([slug])}) n
      ON CONFLICT (user_id, tag_id) DO NOTHING`);
  }

  // The tag is locked before its follow, as a mute that comes at once does: in the other order, each could wait for the other.
  async removeTag(userId: number, slug: string): Promise<void> {
    await this.database.rows(sql`
      WITH tag AS (SELECT id FROM tags WHERE id IN (${tagIdsNamed([slug])}) FOR NO KEY UPDATE)
      DELETE FROM tag_follows WHERE user_id = ${userId} AND tag_id = (SELECT id FROM tag)`);
  }

  async addAuthor(userId: number, authorId: number): Promise<void> {
    await writeThroughMerges(this.database, { type: 'Author', id: authorId }, sql`
      INSERT INTO author_follows (user_id, author_id) SELECT ${userId}::int4, id FROM target
      ON CONFLICT (user_id, author_id) DO NOTHING`);
  }

  async removeAuthor(userId: number, authorId: number): Promise<void> {
    await writeThroughMerges(this.database, { type: 'Author', id: authorId }, sql`
      DELETE FROM author_follows WHERE user_id = ${userId} AND author_id = (SELECT id FROM target)`);
  }

  /** Throws BAD_USER_INPUT for oneself. */
  async addUser(userId: number, followedId: number): Promise<void> {
    if (userId === followedId) throw badInput('userId', 'must be the id of another reader than the viewer', toGlobalId('User', followedId));
    await this.database.rows(sql`
      INSERT INTO user_follows (user_id, followed_id) SELECT ${userId}::int4, id FROM users WHERE id = ${followedId}
      ON CONFLICT (user_id, followed_id) DO NOTHING`);
  }

  async removeUser(userId: number, followedId: number): Promise<void> {
    await this.database.rows(sql`DELETE FROM user_follows WHERE user_id = ${userId} AND followed_id = ${followedId}`);
  }

  /** Which of these tags the user follows. */
  tagsAmong(userId: number, tagIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, tagIds, (id) => sql`SELECT FROM tag_follows WHERE user_id = ${userId} AND tag_id = ${id}`);
  }

  /** Which of these authors the user follows. */
  authorsAmong(userId: number, authorIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, authorIds, (id) => sql`SELECT FROM author_follows WHERE user_id = ${userId} AND author_id = ${id}`);
  }

  /** Which of these readers the user follows. */
  usersAmong(userId: number, followedIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, followedIds, (id) => sql`SELECT FROM user_follows WHERE user_id = ${userId} AND followed_id = ${id}`);
  }

  tagsByFollower(userIds: readonly number[], page: Page): Promise<Map<number, PageOf<FollowedTagRow>>> {
    const list = { ...TAGS_OF_FOLLOWER, columns: sql`${TAG_COLUMNS}, f.created_at AS "followedAt"`, where: [] };
    return readPagesByParent<FollowedTagRow>(this.database, list, { ids: userIds, page });
  }

  authorsByFollower(userIds: readonly number[], page: Page): Promise<Map<number, PageOf<FollowedAuthorRow>>> {
    const list = { ...AUTHORS_OF_FOLLOWER, columns: sql`${AUTHOR_COLUMNS}, f.created_at AS "followedAt"`, where: [] };
    return readPagesByParent<FollowedAuthorRow>(this.database, list, { ids: userIds, page });
  }

  usersByFollower(userIds: readonly number[], page: Page): Promise<Map<number, PageOf<FollowUserRow>>> {
    const list = { ...USERS_OF_FOLLOWER, columns: sql`${USER_COLUMNS}, f.created_at AS "followedAt"`, where: [] };
    return readPagesByParent<FollowUserRow>(this.database, list, { ids: userIds, page });
  }

  followersByUser(userIds: readonly number[], page: Page): Promise<Map<number, PageOf<FollowUserRow>>> {
    const list = { ...FOLLOWERS_OF_USER, columns: sql`${USER_COLUMNS}, f.created_at AS "followedAt"`, where: [] };
    return readPagesByParent<FollowUserRow>(this.database, list, { ids: userIds, page });
  }

  tagCountsByFollower(userIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT user_id AS id, count(*)::int4 AS count FROM tag_follows WHERE user_id = ANY (${[...userIds]}::int4[]) GROUP BY user_id`);
  }

  authorCountsByFollower(userIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT user_id AS id, count(*)::int4 AS count FROM author_follows WHERE user_id = ANY (${[...userIds]}::int4[]) GROUP BY user_id`);
  }

  userCountsByFollower(userIds: readonly number[]): Promise<Map<number, number>> {
    return readCounts(this.database, sql`
      SELECT user_id AS id, count(*)::int4 AS count FROM user_follows WHERE user_id = ANY (${[...userIds]}::int4[]) GROUP BY user_id`);
  }
}
