import { sql, type Database, type Sql } from '../database/database.js';
import { countRows, literalPattern, readPage, type Listing, type Order, type Page, type PageOf } from '../database/lists.js';
import { DomainError } from '../errors.js';
import type { TagKind } from '../generated/prisma/enums.js';
import { checkedText } from '../inputRules.js';
import { checkedSlug, slugOf } from './slug.js';
import type { TagOrder } from './tag.type.js';
import { Tag } from './tag.type.js';

export interface TagFilter {
  readonly kind?: TagKind | null;
  /** Of the slug. */
  readonly prefix?: string | null;
}

export interface NewTag {
  readonly name: string;
  readonly kind: TagKind;
  readonly slug?: string | null;
}

/** Columns of tags `t` as a Tag has them. */
export const TAG_COLUMNS = sql`t.id AS "rowId", t.slug, t.name, t.kind::text AS kind, t.paper_count AS "paperCount",
  t.follower_count AS "followerCount"`;

const ORDERS: Record<TagOrder, Order> = {
  // tags_paper_count_id_idx; with a kind, tags_kind_paper_count_id_idx
  MOST_PAPERS: {
    name: 'tags.most-papers',
    descending: true,
    keys: [
      { column: 't.paper_count', type: 'int4' },
      { column: 't.id', type: 'int4' },
    ],
  },
  // tags_slug_key
  SLUG: { name: 'tags.slug', descending: false, keys: [{ column: 't.slug', type: 'text' }] },
};

/** Tags. */
export class TagService {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly number[]): Promise<Tag[]> {
    return (
      await this.database.rows<Tag>(sql`SELECT ${TAG_COLUMNS} FROM tags t WHERE t.id = ANY (${[...ids]}::int4[])`)
    ).map(toTag);
  }

  async bySlugs(slugs: readonly string[]): Promise<Tag[]> {
    return (
      await this.database.rows<Tag>(sql`SELECT ${TAG_COLUMNS} FROM tags t WHERE t.slug = ANY (${[...slugs]}::text[])`)
    ).map(toTag);
  }

  /** The tags that pass the filter, as a list. */
  listing(filter: TagFilter, order: TagOrder): Listing {
    return { ...listOf(filter), order: ORDERS[order] };
  }

  list(filter: TagFilter, order: TagOrder, page: Page): Promise<PageOf<Tag>> {
    return readPage<Tag>(this.database, { ...this.listing(filter, order), columns: TAG_COLUMNS }, page);
  }

  count(filter: TagFilter): Promise<number> {
    return countRows(this.database, listOf(filter));
  }

  /** Makes a tag, or finds the one that has its slug; throws BAD_USER_INPUT. */
  async create(input: NewTag): Promise<{ tag: Tag; isNew: boolean }> {
    const name = checkedText('name', input.name, { min: 1, max: 80 });
    const slug = checkedSlug('slug', input.slug ?? slugOf(name));
    const rows = await this.database.rows(sql`
      INSERT INTO tags (slug, name, kind) VALUES (${slug}, ${name}, ${input.kind}::text::tag_kind)
      ON CONFLICT (slug) DO NOTHING RETURNING id`);
    return { tag: await this.getBySlug(slug), isNew: rows.length > 0 };
  }

  /** Throws NOT_FOUND. */
  async getBySlug(slug: string, field = 'slug'): Promise<Tag> {
    const [tag] = await this.bySlugs([slug]);
    if (tag === undefined) throw new DomainError('NOT_FOUND', `there is no tag ${JSON.stringify(slug)}`, field);
    return tag;
  }
}

export function toTag(row: Tag): Tag {
  return Object.assign(new Tag(), row);
}

function listOf(filter: TagFilter): { from: Sql; where: Sql[] } {
  const where: Sql[] = [];
  if (filter.kind != null) where.push(sql`t.kind = ${filter.kind}::text::tag_kind`);
  if (filter.prefix != null && filter.prefix !== '') where.push(sql`t.slug LIKE ${`${startOfSlug(filter.prefix)}%`}`);
  return { from: sql`tags t`, where };
}

// A hyphen at the end stays: it says that a word is complete.
function startOfSlug(prefix: string): string {
  return literalPattern(prefix.trimStart().toLowerCase().replace(/[\s-]+/g, '-'));
}
