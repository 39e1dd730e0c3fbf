import { AUTHOR_COLUMNS } from '../authors/author.service.js';
import type { Author } from '../authors/author.type.js';
import { sql, type Database } from '../database/database.js';
import { countRows, latestFirst, readPage, readPresent, type Page, type PageOf } from '../database/lists.js';
import { writeThroughMerges } from '../database/redirects.js';
import { TAG_COLUMNS, tagIdsNamed } from '../tags/tag.service.js';
import type { Tag } from '../tags/tag.type.js';
import { hasMuted } from './unwanted.js';

export type MutedTagRow = Tag & { readonly mutedAt: Date };
export type MutedAuthorRow = Author & { readonly mutedAt: Date };

// tag_mutes_user_id_created_at_tag_id_idx and its like for authors
const TAGS_LATEST_FIRST = latestFirst('viewer.muted-tags', { createdAt: 'm.created_at', id: 'm.tag_id' });
const AUTHORS_LATEST_FIRST = latestFirst('viewer.muted-authors', { createdAt: 'm.created_at', id: 'm.author_id' });

/** Who wants to see no papers of which tags and authors. Muting again changes nothing, nor does muting what does not exist. */
export class MuteService {
  constructor(private readonly database: Database) {}

  // A trigger ends the follow: a follow ends a mute by its mirror image, and only the database sees both sides of two
  // requests that come at once.
  async addTag(userId: number, slug: string): Promise<void> {
    await this.database.rows(sql`
      INSERT INTO tag_mutes (user_id, tag_id) SELECT ${userId}::int4, n.id FROM (${tagIdsNamed([slug])}) n
      ON CONFLICT (user_id, tag_id) DO NOTHING`);
  }

  async removeTag(userId: number, slug: string): Promise<void> {
    await this.database.rows(sql`DELETE FROM tag_mutes WHERE user_id = ${userId} AND tag_id IN (${tagIdsNamed([slug])})`);
  }

  async addAuthor(userId: number, authorId: number): Promise<void> {
    await writeThroughMerges(this.database, { type: 'Author', id: authorId }, sql`
      INSERT INTO author_mutes (user_id, author_id) SELECT ${userId}::int4, id FROM target
      ON CONFLICT (user_id, author_id) DO NOTHING`);
  }

  async removeAuthor(userId: number, authorId: number): Promise<void> {
    await writeThroughMerges(this.database, { type: 'Author', id: authorId }, sql`
      DELETE FROM author_mutes WHERE user_id = ${userId} AND author_id = (SELECT id FROM target)`);
  }

  /** Which of these tags the user muted. */
  tagsAmong(userId: number, tagIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, tagIds, (id) => sql`SELECT FROM tag_mutes WHERE user_id = ${userId} AND tag_id = ${id}`);
  }

  /** Which of these authors the user muted. */
  authorsAmong(userId: number, authorIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, authorIds, (id) => sql`SELECT FROM author_mutes WHERE user_id = ${userId} AND author_id = ${id}`);
  }

  /** Which of these papers have a tag or an author that the user muted. */
  papersAmong(userId: number, paperIds: readonly number[]): Promise<Map<number, boolean>> {
    return readPresent(this.database, paperIds, (id) => sql`SELECT WHERE ${hasMuted(sql`${userId}::int4`, id)}`);
  }

  tags(userId: number, page: Page): Promise<PageOf<MutedTagRow>> {
    const list = {
      columns: sql`${TAG_COLUMNS}, m.created_at AS "mutedAt"`,
      from: sql`tag_mutes m JOIN tags t ON t.id = m.tag_id`,
      where: [sql`m.user_id = ${userId}`],
      order: TAGS_LATEST_FIRST,
    };
    return readPage<MutedTagRow>(this.database, list, page);
  }

  authors(userId: number, page: Page): Promise<PageOf<MutedAuthorRow>> {
    const list = {
      columns: sql`${AUTHOR_COLUMNS}, m.created_at AS "mutedAt"`,
      from: sql`author_mutes m JOIN authors a ON a.id = m.author_id`,
      where: [sql`m.user_id = ${userId}`],
      order: AUTHORS_LATEST_FIRST,
    };
    return readPage<MutedAuthorRow>(this.database, list, page);
  }

  countTags(userId: number): Promise<number> {
    return countRows(this.database, { from: sql`tag_mutes m`, where: [sql`m.user_id = ${userId}`] });
  }

  countAuthors(userId: number): Promise<number> {
    return countRows(this.database, { from: sql`author_mutes m`, where: [sql`m.user_id = ${userId}`] });
  }
}
