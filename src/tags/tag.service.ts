import { beginsWith, pageConditions, startOf, type Condition, type Rows, type Start } from '../database/conditions.js';
import type { AuditService } from '../audit/audit.service.js';
import { sql, type Database, type Reader, type Sql } from '../database/database.js';
import { isUniqueViolation } from '../database/sqlErrors.js';
import { countRows, readPage, type Listing, type Order, type Page, type PageOf } from '../database/lists.js';
import { namedThroughMerges } from '../database/redirects.js';
import { DomainError, badInput } from '../errors.js';
import type { TagKind } from '../generated/prisma/enums.js';
import type { Viewer } from '../graphql/context.js';
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

/** So many other slugs a tag may have: `Tag.aliases` is no connection. */
export const MAX_ALIASES = 20;

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

interface TagDeed {
  readonly action: 'CREATE_TAG' | 'ADD_TAG_ALIAS' | 'REMOVE_TAG_ALIAS';
  readonly tagId: number;
  readonly details: Readonly<Record<string, string>>;
}

/** Tags. */
export class TagService {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditService,
  ) {}

  async byIds(ids: readonly number[]): Promise<Tag[]> {
    return (
      await this.database.rows<Tag>(sql`SELECT ${TAG_COLUMNS} FROM tags t WHERE t.id = ANY (${[...ids]}::int4[])`)
    ).map(toTag);
  }

  /** By the ids that were asked for: tags that were merged into others are these. */
  named(ids: readonly number[]): Promise<Map<number, Tag>> {
    return namedThroughMerges(this.database, { type: 'Tag', ids }, (each) => this.byIds(each));
  }

  /** The tags that these slugs name, as their own or as aliases. */
  async bySlugs(slugs: readonly string[]): Promise<Map<string, Tag>> {
    const rows = await this.database.rows<Tag & { readonly named: string }>(sql`
      SELECT x.slug AS named, ${TAG_COLUMNS} FROM unnest(${[...slugs]}::text[]) AS x (slug)
      CROSS JOIN LATERAL (SELECT * FROM tags WHERE id = ANY (ARRAY (SELECT id FROM tags WHERE slug = x.slug UNION ALL SELECT tag_id FROM tag_aliases WHERE slug = x.slug)) OFFSET 0) t`);
    return new Map(rows.map(({ named, ...tag }) => [named, toTag(tag as Tag)]));
  }

  async aliases(tagIds: readonly number[]): Promise<Map<number, string[]>> {
    const rows = await this.database.rows<{ id: number; aliases: string[] }>(sql`
      SELECT tag_id AS id, array_agg(slug ORDER BY slug) AS aliases FROM tag_aliases WHERE tag_id = ANY (${[...tagIds]}::int4[]) GROUP BY tag_id`);
    return new Map(rows.map((row) => [row.id, row.aliases]));
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

  /** Makes a tag, or finds the one that has its slug, be it as an alias; throws BAD_USER_INPUT. */
  async create(input: NewTag, actor: Viewer | null = null): Promise<{ tag: Tag; isNew: boolean }> {
    const name = checkedText('name', input.name, { min: 1, max: 80 });
    const slug = checkedSlug('slug', input.slug ?? slugOf(name));
    const insert = sql`
      INSERT INTO tags (slug, name, kind) VALUES (${slug}, ${name}, ${input.kind}::text::tag_kind)
      ON CONFLICT (slug) DO NOTHING RETURNING id`;
    // Nobody's deed is one statement: a first start makes a hundred.
    const rows = await orNoneIfTaken(actor === null ? this.database.rows(insert) : this.database.transaction(async (transaction) => {
      const made = await transaction.rows<{ id: number }>(insert);
      for (const { id } of made) await this.note(transaction, actor, { action: 'CREATE_TAG', tagId: id, details: { slug } });
      return made;
    }));
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
    for (const [slug, id] of await this.make(reader, missing)) ids.set(slug, id);
    // Somebody else made some of them in the meantime.
    const late = missing.filter(({ slug }) => !ids.has(slug)).map(({ slug }) => slug);
    if (late.length > 0) for (const [slug, id] of await this.idsOf(reader, late)) ids.set(slug, id);
    return ids;
  }

  /** Throws NOT_FOUND for the first slug that is no tag's or alias. */
  async requireAll(slugs: readonly string[]): Promise<void> {
    if (slugs.length > 0) await this.resolve(this.database, slugs.map((slug) => ({ slug, made: null })));
  }

  /** Makes the tags that are not there, by slug or alias; returns the slugs of those. */
  async addAll(reader: Reader, tags: readonly TagToFind[]): Promise<Set<string>> {
    const wanted = new Map(tags.map((tag) => [tag.slug, tag]));
    const ids = await this.idsOf(reader, [...wanted.keys()]);
    return new Set((await this.make(reader, [...wanted.values()].filter(({ slug }) => !ids.has(slug)))).keys());
  }

  // In the order of their keys, so that two writers with the same new tags cannot deadlock.
  private async make(reader: Reader, tags: readonly TagToFind[]): Promise<Map<string, number>> {
    if (tags.length === 0) return new Map();
    const rows = await reader.rows<{ slug: string; id: number }>(sql`
      INSERT INTO tags (slug, name, kind)
      SELECT slug, name, kind::tag_kind FROM unnest(${tags.map(({ slug }) => slug)}::text[], ${tags.map(({ made }) => made?.name ?? null)}::text[],
        ${tags.map(({ made }) => made?.kind ?? null)}::text[]) AS x (slug, name, kind)
      ORDER BY slug ON CONFLICT (slug) DO NOTHING RETURNING slug, id`);
    return new Map(rows.map(({ slug, id }) => [slug, id]));
  }

  private async idsOf(reader: Reader, slugs: readonly string[]): Promise<Map<string, number>> {
    const rows = await reader.rows<{ slug: string; id: number }>(sql`
      SELECT slug, id FROM tags WHERE slug = ANY (${[...slugs]}::text[])
      UNION ALL SELECT slug, tag_id AS id FROM tag_aliases WHERE slug = ANY (${[...slugs]}::text[])`);
    return new Map(rows.map(({ slug, id }) => [slug, id]));
  }

  /** Gives a tag another slug; one that it has changes nothing. Throws BAD_USER_INPUT, NOT_FOUND and CONFLICT. */
  async addAlias(tagId: number, alias: string, actor: Viewer | null = null): Promise<Tag> {
    const slug = checkedSlug('alias', alias);
    const tag = await this.get(tagId);
    await orNoneIfTaken(this.insertAlias(tag.rowId, slug, actor));
    const owner = await this.getBySlug(slug, 'alias');
    if (owner.rowId !== tag.rowId) throw new DomainError('CONFLICT', `the slug ${JSON.stringify(slug)} names the tag ${JSON.stringify(owner.slug)}`, 'alias');
    return owner;
  }

  /** Takes a slug from the tag that has it as an alias, and returns that tag; null where none has it, which changes nothing. */
  async removeAlias(alias: string, actor: Viewer | null = null): Promise<Tag | null> {
    const [row] = await this.database.transaction(async (transaction) => {
      const taken = await transaction.rows<{ id: number }>(sql`DELETE FROM tag_aliases WHERE slug = ${alias} RETURNING tag_id AS id`);
      for (const { id } of taken) await this.note(transaction, actor, { action: 'REMOVE_TAG_ALIAS', tagId: id, details: { alias } });
      return taken;
    });
    return row === undefined ? null : this.get(row.id);
  }

  /** Throws NOT_FOUND. */
  async get(id: number, field = 'tagId'): Promise<Tag> {
    const tag = (await this.named([id])).get(id);
    if (tag === undefined) throw new DomainError('NOT_FOUND', 'there is no such tag', field);
    return tag;
  }

  /** The tag that a slug names, its own or an alias; throws NOT_FOUND. */
  async getBySlug(slug: string, field = 'slug'): Promise<Tag> {
    const tag = (await this.bySlugs([slug])).get(slug);
    if (tag === undefined) throw new DomainError('NOT_FOUND', `there is no tag ${JSON.stringify(slug)}`, field);
    return tag;
  }

  // Whoever inserts an alias waits for those who do, by a trigger: the count sees theirs.
  private insertAlias(tagId: number, slug: string, actor: Viewer | null): Promise<unknown[]> {
    return this.database.transaction(async (transaction) => {
      const inserted = await transaction.rows(sql`
        INSERT INTO tag_aliases (slug, tag_id) VALUES (${slug}, ${tagId}) ON CONFLICT (slug) DO NOTHING RETURNING tag_id`);
      const [count] = await transaction.rows<{ count: number }>(sql`SELECT count(*)::int4 AS count FROM tag_aliases WHERE tag_id = ${tagId}`);
      if (inserted.length > 0 && (count?.count ?? 0) > MAX_ALIASES) {
        throw badInput('alias', `must leave its tag with at most ${MAX_ALIASES} aliases`, slug);
      }
      if (inserted.length > 0) await this.note(transaction, actor, { action: 'ADD_TAG_ALIAS', tagId, details: { alias: slug } });
      return inserted;
    });
  }

  // What the installation does by itself has no actor, and is no deed of a moderator.
  private async note(reader: Reader, actor: Viewer | null, { action, tagId, details }: TagDeed): Promise<void> {
    if (actor !== null) await this.audit.record(reader, { actorId: actor.id, action, object: { type: 'Tag', id: tagId }, details });
  }
}

// A slug that is another tag's is taken, whether a key says so or the trigger that keeps slugs apart from aliases.
async function orNoneIfTaken(writing: Promise<unknown[]>): Promise<unknown[]> {
  try {
    return await writing;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    return [];
  }
}

/** The ids of the tags that these slugs name, as their own or as aliases: a statement. */
export function tagIdsNamed(slugs: readonly string[]): Sql {
  return sql`SELECT id FROM tags WHERE slug = ANY (${[...slugs]}::text[]) UNION ALL SELECT tag_id FROM tag_aliases WHERE slug = ANY (${[...slugs]}::text[])`;
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
