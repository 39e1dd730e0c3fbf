import { beginsWith, pageConditions, startOf, type Condition, type Rows, type Start } from '../database/conditions.js';
import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { countRows, readPage, type Listing, type Order, type Page, type PageOf } from '../database/lists.js';
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

/** A tag that is looked for, and what to make of it where it is not there. */
export interface TagToFind {
  readonly slug: string;
  readonly made: { readonly name: string; readonly kind: TagKind } | null;
}

/** Columns of tags `t` as a Tag has them. */
export const TAG_COLUMNS = sql`t.id AS "rowId", t.slug, t.name, t.kind::text AS kind, t.paper_count AS "paperCount",
  t.follower_count AS "followerCount"`;

const ROWS: Rows = { from: sql`tags t`, id: 't.id' };

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
  // tags_slug_key; with a kind, tags_kind_slug_idx
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

  /** Where to start a page of the tags that pass the filter. */
  startOf({ prefix }: TagFilter, order: TagOrder): Promise<Start> {
    return startOf(this.database, ROWS, { conditions: conditionsOf(prefix), order: ORDERS[order] });
  }

  /** The tags that pass the filter, as a list. */
  listing({ kind, prefix }: TagFilter, orderName: TagOrder, start: Start): Listing {
    const [conditions, order] = [conditionsOf(prefix), ORDERS[orderName]];
    const where = [...isOf(kind), ...conditions.map((condition) => condition.where)];
    return { from: ROWS.from, where, order, onPage: () => [...isOf(kind), ...pageConditions(ROWS, conditions, { order, start })] };
  }

  async list(filter: TagFilter, order: TagOrder, page: Page): Promise<PageOf<Tag>> {
    return readPage<Tag>(this.database, { ...this.listing(filter, order, await this.startOf(filter, order)), columns: TAG_COLUMNS }, page);
  }

  count({ kind, prefix }: TagFilter): Promise<number> {
    return countRows(this.database, { from: ROWS.from, where: [...isOf(kind), ...conditionsOf(prefix).map(({ where }) => where)] });
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

  /**
   * The rows of tags by slug or alias. One that is not there is made of what `made` says; where that is null it is an error:
   * throws NOT_FOUND.
   */
  async resolve(reader: Reader, tags: readonly TagToFind[]): Promise<Map<string, number>> {
    const wanted = new Map(tags.map((tag) => [tag.slug, tag]));
    if (wanted.size === 0) return new Map();
    const ids = await this.idsOf(reader, [...wanted.keys()]);
    const missing = [...wanted.values()].filter(({ slug }) => !ids.has(slug));
    if (missing.length === 0) return ids;
    const unknown = missing.find(({ made }) => made === null);
    if (unknown !== undefined) throw new DomainError('NOT_FOUND', `there is no tag ${JSON.stringify(unknown.slug)}`, 'tags');
    // In the order of their keys, so that two writers with the same new tags cannot deadlock.
    const rows = await reader.rows<{ slug: string; id: number }>(sql`
      INSERT INTO tags (slug, name, kind)
      SELECT slug, name, kind::tag_kind FROM unnest(${missing.map(({ slug }) => slug)}::text[], ${missing.map(({ made }) => made?.name ?? null)}::text[],
        ${missing.map(({ made }) => made?.kind ?? null)}::text[]) AS x (slug, name, kind)
      ORDER BY slug ON CONFLICT (slug) DO NOTHING RETURNING slug, id`);
    for (const { slug, id } of rows) ids.set(slug, id);
    // Somebody else made some of them in the meantime.
    const late = missing.filter(({ slug }) => !ids.has(slug)).map(({ slug }) => slug);
    if (late.length > 0) for (const [slug, id] of await this.idsOf(reader, late)) ids.set(slug, id);
    return ids;
  }

  private async idsOf(reader: Reader, slugs: readonly string[]): Promise<Map<string, number>> {
    const rows = await reader.rows<{ slug: string; id: number }>(sql`
      SELECT slug, id FROM tags WHERE slug = ANY (${[...slugs]}::text[])
      UNION ALL SELECT slug, tag_id AS id FROM tag_aliases WHERE slug = ANY (${[...slugs]}::text[])`);
    return new Map(rows.map(({ slug, id }) => [slug, id]));
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

function isOf(kind: TagKind | null | undefined): Sql[] {
  return kind == null ? [] : [sql`t.kind = ${kind}::text::tag_kind`];
}

function conditionsOf(prefix: string | null | undefined): Condition[] {
  if (prefix == null || prefix === '') return [];
  const where = beginsWith(sql`t.slug`, sql`${startOfSlug(prefix)}::text`);
  return [{ where, ids: sql`SELECT t.id FROM tags t WHERE ${where}`, along: new Map([[ORDERS.SLUG, where]]) }];
}

// A hyphen at the end stays: it says that a word is complete.
function startOfSlug(prefix: string): string {
  return prefix.trimStart().toLowerCase().replace(/[\s-]+/g, '-');
}
