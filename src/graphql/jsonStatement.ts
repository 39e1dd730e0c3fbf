import type { Sql, Statement } from '../database/database.js';
import { asText, directionOf, rangeConditions, type Listing, type Order, type Page } from '../database/lists.js';
import { connectionJson, objectJson, typeName } from './connectionJson.js';
import { toPage } from './connection.js';
import { cursorJson, type ForViewer, type JsonSql, type LinkedList, type Projection, type Projections, type ToMany, type ToOne } from './projection.js';
import { Unsupported, type Selected } from './selection.js';

/** One row of a type's table, or none. */
export interface RowSource {
  readonly type: string;
  /** `table alias` */
  readonly from: string;
  readonly where: Sql;
}

/** A list of a type's rows. */
export interface ListSource extends Omit<Listing, 'from'>, Pick<RowSource, 'type' | 'from'> {
  /** Fields that an edge has beside its cursor and node. */
  readonly edge?: Readonly<Record<string, JsonSql | ForViewer<JsonSql>>>;
}

/** What statements need to know of the tables beside their lists. */
export interface Writing {
  readonly projections: Projections;
  /** SQL for the row, of one column `id`, of the user that a token's hash stands for. */
  readonly userOfToken: (hash: string) => string;
}

/** SQL for the id of who asks, in a statement that is written here; null for an anonymous request. */
export const VIEWER_ID = '(SELECT id FROM viewer)';

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
 * A statement of one row, see Written: the connection that is asked for. Each list is read by its index as far as its page
 * goes, however deep it stands. Throws Unsupported, and BAD_USER_INPUT for a bad page.
 */
export function connectionStatement(writing: Writing, selected: Selected, { type, from, where, order, edge = {}, onPage = () => where }: ListSource): Statement {
  return new Statements(writing).whole((statement) => {
    const conditions = (page: Page): string[] => onPage(page).map((condition) => statement.inline(condition));
    const totalCount = (): JsonSql => `(SELECT count(*)::text FROM ${from}${whereOf(where.map((condition) => statement.inline(condition)))})`;
    return statement.connection(selected, { type, from, conditions, order, edge, totalCount });
  });
}

/** The same of one object. */
export function objectStatement(writing: Writing, selected: Selected, { type, from, where }: RowSource): Statement {
  return new Statements(writing).whole((statement) => statement.object(selected, { type, from, conditions: [statement.inline(where)] }));
}

interface Rows {
  readonly type: string;
  readonly from: string;
}

interface List extends Rows {
  readonly conditions: (page: Page) => readonly string[];
  readonly order: Order;
  readonly edge: Readonly<Record<string, JsonSql | ForViewer<JsonSql>>>;
  readonly totalCount: () => JsonSql;
}

/** Rows of one table that are read, and what is asked of each: a column for each value. */
class Columns {
  private readonly values: JsonSql[] = [];

  constructor(readonly rows: string) {}

  /** What a value of the table's row is called outside. */
  add(value: JsonSql): JsonSql {
    const known = this.values.indexOf(value);
    return `${this.rows}.f${known < 0 ? this.values.push(value) - 1 : known}`;
  }

  /** What is selected of the table. */
  selected(): string {
    return this.values.map((value, place) => `${value} AS f${place}`).join(', ') || '1';
  }
}

/** A statement in the making. */
class Statements {
  /** The first is the hash of the token: see valuesFor. */
  private readonly parameters: unknown[] = [null];
  private count = 0;

  constructor(private readonly writing: Writing) {}

  whole(write: (statement: Statements) => JsonSql): Statement {
    const json = write(this);
    return { text: `WITH viewer AS MATERIALIZED (${this.writing.userOfToken('$1')}) SELECT ${json} AS json, ${VIEWER_ID} AS viewer`, values: this.parameters };
  }

  /** A statement's text, its values among the parameters of this one. */
  inline({ strings, values }: Sql): string {
    return strings.reduce((text, part, place) => `${text}$${this.parameters.push(values[place - 1])}${part}`);
  }

  /** An expression for an object of the one row, null as JSON's where there is none. */
  object(selected: Selected, { type, from, conditions }: Rows & { readonly conditions: readonly string[] }): JsonSql {
    const columns = this.columns();
    const text = this.fields(selected, type, columns);
    return `(SELECT ${text} FROM (SELECT ${columns.selected()} FROM ${from}${whereOf(conditions)} LIMIT 1) ${columns.rows})`;
  }

  /** An expression for a connection. Rows come in the order in which they are read, one more than the page has. */
  connection(selected: Selected, { type, from, conditions, order, edge, totalCount }: List): JsonSql {
    const page = toPage(selected.args);
    const columns = this.columns();
    const rank = `${columns.rows}.rank`;
    const onPage = `FILTER (WHERE ${rank} <= ${page.limit})`;
    // Rows come in order; but beside a sum that is sorted, PostgreSQL 16 would give the others its order.
    const isSaid = page.fromEnd || selected.fields.some(({ name }) => name === 'pageInfo');
    const inOrder = isSaid ? ` ORDER BY ${rank} ${page.fromEnd ? 'DESC' : 'ASC'}` : '';
    const text = connectionJson(selected, {
      page,
      node: (field) => this.fields(field, type, columns),
      cursor: () => columns.add(cursorJson(order.name, order.keys.map(asText))),
      edge: ({ name }) => edge[name] && columns.add(forViewer(edge[name])),
      joined: (item) => `coalesce(string_agg(${item}, ','${inOrder}) ${onPage}, '')`,
      at: (end, item) => `coalesce((array_agg(${item}${inOrder}) ${onPage})[${end === 'first' ? '1' : `least(count(*), ${page.limit})`}], 'null')`,
      isCut: () => `CASE WHEN count(*) > ${page.limit} THEN 'true' ELSE 'false' END`,
      totalCount,
    });
    const inRange = [...conditions(page), ...rangeConditions(order, page).map((condition) => this.inline(condition))];
    const found = `SELECT ${columns.selected()} FROM ${from}${whereOf(inRange)} ORDER BY ${orderBy(order, page)} LIMIT ${page.limit + 1}`;
    // One value, also where nothing is added up or there is nothing to add up.
    return `(SELECT ${text} FROM (SELECT found.*, row_number() OVER () AS rank FROM (${found}) found) ${columns.rows} HAVING true)`;
  }

  private fields({ fields }: Selected, type: string, columns: Columns): JsonSql {
    return objectJson(fields, (field) => {
      const projection = this.projectionOf(type, field);
      if (typeof projection === 'string') return columns.add(projection);
      return projection.kind === 'one' ? this.referred(field, projection, columns) : this.link(field, projection, columns);
    });
  }

  private referred(field: Selected, { type, from, key, column }: ToOne, columns: Columns): JsonSql {
    return `coalesce(${this.object(field, { type, from, conditions: [`${key} = ${columns.add(column)}`] })}, 'null')`;
  }

  private link(field: Selected, { type, list, id, edge, totalCount }: ToMany, columns: Columns): JsonSql {
    const { from, parentColumn, order }: LinkedList = typeof list === 'function' ? list(field.args) : list;
    return this.connection(field, {
      type,
      from: this.inline(from),
      conditions: () => [`${parentColumn} = ${columns.add(id)}`],
      order,
      edge,
      totalCount: () => columns.add(totalCount),
    });
  }

  private projectionOf(type: string, { name }: Selected): JsonSql | ToOne | ToMany {
    if (name === '__typename') return typeName(type);
    const projection: Projection[string] | undefined = this.writing.projections[type]?.[name];
    if (projection === undefined) throw new Unsupported(`${name} of ${type}`);
    return typeof projection === 'function' ? forViewer(projection) : projection;
  }

  private columns(): Columns {
    this.count += 1;
    return new Columns(`r${this.count}`);
  }
}

/** Who asks is found by the statement itself. */
function forViewer<Written extends JsonSql | ToOne | ToMany>(field: Written | ForViewer<Written>): Written {
  return typeof field === 'function' ? field(VIEWER_ID) : field;
}

function whereOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
}

function orderBy(order: Order, page: Page): string {
  return order.keys.map(({ column }) => `${column} ${directionOf(order, page)}`).join(', ');
}
