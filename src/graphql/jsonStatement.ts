import type { Sql, Statement } from '../database/database.js';
import { asText, directionOf, rangeConditions, type Order, type Page } from '../database/lists.js';
import { connectionJson, objectJson, typeName, type Items } from './connectionJson.js';
import { toPage } from './connection.js';
import { cursorJson, type JsonSql, type Projection, type Projections, type ToMany, type ToOne } from './projection.js';
import { Unsupported, type Selected } from './selection.js';

/** One row of a type's table, or none. */
export interface RowSource {
  readonly type: string;
  /** `table alias` */
  readonly from: string;
  /** The row's id, such as `p.id`. */
  readonly id: string;
  readonly where: readonly Sql[];
}

/** A list of rows. */
export interface ListSource extends RowSource {
  readonly order: Order;
  /** See ListQuery. */
  readonly onPage?: (page: Page) => readonly Sql[];
}

/** What statements need to know of the tables beside their lists. */
export interface Writing {
  readonly projections: Projections;
  /** SQL for the row, of one column `id`, of the user that a token's hash stands for. */
  readonly userOfToken: (hash: string) => string;
}

/** A statement's one row. */
export interface Written {
  /** Null where there is no such object. */
  readonly json: string | null;
  /** Who asks; null for an anonymous request, and for a token that does not hold: then the text must not be used. */
  readonly viewer: number | null;
}

/** The values of a statement for who asks: one statement serves all. */
export function valuesFor(tokenHash: Uint8Array | null, { values }: Statement): unknown[] {
  return [tokenHash, ...values.slice(1)];
}

/**
 * A statement of one row, see Written: the connection that is asked for. The page's rows are read by the list's
 * index, what they link by their ids, all at once. Throws Unsupported, and BAD_USER_INPUT for a bad page.
 */
export function connectionStatement(writing: Writing, selected: Selected, source: ListSource): Statement {
  const { order, from } = source;
  const page = toPage(selected.args);
  const rows = new PageRows(writing);
  const [inOrder, backwards] = page.fromEnd ? ['DESC', 'ASC'] : ['ASC', 'DESC'];
  const onPage = `FILTER (WHERE page.rank <= ${page.limit})`;
  const text = connectionJson(selected, {
    page,
    node: (field) => rows.object(field, source.type),
    cursor: () => rows.column(cursorOf(order)),
    edge: () => undefined,
    joined: (item) => `coalesce(string_agg(${item}, ',' ORDER BY page.rank ${inOrder}) ${onPage}, '')`,
    at: (end, item) => `coalesce((array_agg(${item} ORDER BY page.rank ${end === 'first' ? inOrder : backwards}) ${onPage})[1], 'null')`,
    isCut: () => `CASE WHEN max(page.rank) > ${page.limit} THEN 'true' ELSE 'false' END`,
    totalCount: () => `(SELECT count(*)::text FROM ${from} ${whereOf(rows, source.where)})`,
  });
  const inRange = whereOf(rows, [...(source.onPage?.(page) ?? source.where), ...rangeConditions(order, page)]);
  // One row, also where nothing is added up or there is nothing to add up.
  return rows.statement(text, { id: source.id, found: `${from} ${inRange} ORDER BY ${orderBy(order, page)} LIMIT ${page.limit + 1}`, end: 'HAVING true' });
}

/** The same of one object. */
export function objectStatement(writing: Writing, selected: Selected, source: RowSource): Statement {
  const rows = new PageRows(writing);
  const text = rows.object(selected, source.type);
  return rows.statement(text, { id: source.id, found: `${source.from} ${whereOf(rows, source.where)} LIMIT 1` });
}

/** The rows of the outermost list: a column for each value that is asked of them, and joins to what they link. */
class PageRows {
  private readonly values: JsonSql[] = [];
  private readonly links: string[] = [];
  /** The first is the hash of the token: see valuesFor. */
  private readonly parameters: unknown[] = [null];

  constructor(private readonly writing: Writing) {}

  /** What a value of the row's table is called in the page. */
  column(value: JsonSql): JsonSql {
    this.values.push(value);
    return `page.f${this.values.length - 1}`;
  }

  object({ fields }: Selected, type: string): JsonSql {
    return objectJson(fields, (field) => {
      const projection = this.projectionOf(type, field);
      if (typeof projection === 'string') return this.column(projection);
      return projection.kind === 'one' ? this.column(this.referred(field, projection)) : this.link(field, projection);
    });
  }

  /** A statement's text, its values among the parameters of this one. */
  inline({ strings, values }: Sql): string {
    return strings.reduce((text, part, place) => `${text}${this.parameter(values[place - 1])}${part}`);
  }

  /** `found`: where the rows of the page come from, `end`: what follows the FROM clause. */
  statement(text: JsonSql, { id, found, end = '' }: { readonly id: string; readonly found: string; readonly end?: string }): Statement {
    const columns = this.values.map((value, place) => `, ${value} AS f${place}`).join('');
    const links = this.links.map((link, place) => `, link${place} AS (${link})`).join('');
    const joins = this.links.map((_, place) => `LEFT JOIN link${place} ON link${place}.parent = page.id`).join(' ');
    return {
      text: `WITH viewer AS MATERIALIZED (${this.writing.userOfToken('$1')}), page AS MATERIALIZED (SELECT found.*, row_number() OVER () AS rank FROM (SELECT ${id} AS id${columns} FROM ${found}) found)${links} SELECT (SELECT ${text} FROM page ${joins} ${end}) AS json, (SELECT id FROM viewer) AS viewer`,
      values: this.parameters,
    };
  }

  /** A connection of each row: its items are read and added up by row before they are joined. */
  private link(selected: Selected, many: ToMany): JsonSql {
    const page = toPage(selected.args);
    const name = `link${this.links.length}`;
    this.links.push('');
    const aggregates: string[] = [];
    const added = (value: string, empty: string): JsonSql => {
      aggregates.push(value);
      return `coalesce(${name}.a${aggregates.length - 1}, '${empty}')`;
    };
    const text = connectionJson(selected, this.itemsOf(many, page, added));
    this.links[Number(name.slice('link'.length))] = this.linkSql(many.list, page, aggregates);
    return text;
  }

  private itemsOf({ type, list, edge, totalCount }: ToMany, page: Page, added: (value: string, empty: string) => JsonSql): Items {
    const order = list.order.keys.map(({ column }) => `${column} ${list.order.descending ? 'DESC' : 'ASC'}`).join(', ');
    const all = (item: JsonSql): string => `array_agg(${item} ORDER BY ${order})`;
    const [first, last] = page.fromEnd ? [`greatest(1, count(*) - ${page.limit - 1})`, 'count(*)'] : ['1', `least(count(*), ${page.limit})`];
    return {
      page,
      node: (field) => this.plainObject(field, type),
      cursor: () => cursorOf(list.order),
      edge: ({ name }) => edge[name],
      joined: (item) => added(`array_to_string((${all(item)})[${first}:${last}], ',')`, ''),
      at: (end, item) => added(`(${all(item)})[${end === 'first' ? first : last}]`, 'null'),
      isCut: () => added(`CASE WHEN count(*) > ${page.limit} THEN 'true' ELSE 'false' END`, 'false'),
      totalCount: () => this.column(totalCount),
    };
  }

  private linkSql({ from, parentColumn, order }: ToMany['list'], page: Page, aggregates: readonly string[]): string {
    const range = rangeConditions(order, page).map((condition) => ` AND ${this.inline(condition)}`).join('');
    const columns = aggregates.map((aggregate, place) => `, ${aggregate} AS a${place}`).join('');
    return `SELECT ${parentColumn} AS parent${columns} FROM ${this.inline(from)} WHERE ${parentColumn} = ANY (ARRAY (SELECT id FROM page))${range} GROUP BY ${parentColumn}`;
  }

  /** An object that has values alone, of the row at hand. */
  private plainObject({ fields }: Selected, type: string): JsonSql {
    return objectJson(fields, (field) => {
      const projection = this.projectionOf(type, field);
      if (typeof projection === 'string') return projection;
      if (projection.kind === 'one') return this.referred(field, projection);
      throw new Unsupported(`${field.name} of each ${type} of many`);
    });
  }

  private referred(field: Selected, { type, from }: ToOne): JsonSql {
    return `coalesce((SELECT ${this.plainObject(field, type)} FROM ${from}), 'null')`;
  }

  private projectionOf(type: string, { name }: Selected): JsonSql | ToOne | ToMany {
    if (name === '__typename') return typeName(type);
    const projection: Projection[string] | undefined = this.writing.projections[type]?.[name];
    if (projection === undefined) throw new Unsupported(`${name} of ${type}`);
    if (typeof projection !== 'function') return projection;
    return projection('(SELECT id FROM viewer)');
  }

  private parameter(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }
}

function whereOf(rows: PageRows, conditions: readonly Sql[]): string {
  return conditions.length === 0 ? '' : `WHERE ${conditions.map((condition) => rows.inline(condition)).join(' AND ')}`;
}

function orderBy(order: Order, page: Page): string {
  return order.keys.map(({ column }) => `${column} ${directionOf(order, page)}`).join(', ');
}

function cursorOf({ name, keys }: Order): JsonSql {
  return cursorJson(name, keys.map(asText));
}
