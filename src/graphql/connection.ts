// TypeGraphQL's decorators need it when a class is declared; every type imports this module or its sibling.
import 'reflect-metadata';
import { ArgsType, Field, Int, ObjectType, type ClassType } from 'type-graphql';
import type { Page, PageOf } from '../database/lists.js';
import { badInput } from '../errors.js';
import { Costs } from './fieldCost.js';
import { LazyField, type Lazy } from './lazy.js';

export const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 20;
// The longest key of an order is a paper's name at a source of 300 characters, four bytes each, in base64.
const MAX_CURSOR_CHARACTERS = 2000;

/** The four arguments of every connection; see https://relay.dev/graphql/connections.htm */
@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, description: `How many to return from the start, 1 to ${MAX_PAGE_SIZE}; ${DEFAULT_PAGE_SIZE} when neither \`first\` nor \`last\` is given.` })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Return only what comes after this cursor.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: `How many to return from the end, 1 to ${MAX_PAGE_SIZE}; not together with \`first\`.` })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Return only what comes before this cursor.' })
  before?: string | null;
}

/** Checks the arguments; throws BAD_USER_INPUT. */
export function toPage(args: PageArgs): Page {
  const { first = null, last = null } = args;
  if (first !== null && last !== null) throw badInput('last', 'must not be given together with first', last);
  return {
    limit: last === null ? pageSize('first', first ?? DEFAULT_PAGE_SIZE) : pageSize('last', last),
    fromEnd: last !== null,
    after: cursorArgument('after', args.after),
    before: cursorArgument('before', args.before),
  };
}

function pageSize(field: 'first' | 'last', value: number): number {
  if (value < 1 || value > MAX_PAGE_SIZE) throw badInput(field, `must be between 1 and ${MAX_PAGE_SIZE}`, value);
  return value;
}

function cursorArgument(field: 'after' | 'before', value: string | null | undefined): string | null {
  if (value === undefined || value === null) return null;
  if (value.length > MAX_CURSOR_CHARACTERS) throw badInput(field, `must have at most ${MAX_CURSOR_CHARACTERS} characters`, value);
  return value;
}

@ObjectType({ description: 'Where a page stands in its list.' })
export class PageInfo {
  @Field(() => Boolean, { description: 'Whether more follow; when paging backwards, whether `before` was given.' })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: 'Whether more precede; when paging forwards, whether `after` was given.' })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge; null on an empty page.' })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge; null on an empty page.' })
  endCursor!: string | null;
}

/** One place of a connection. */
export interface Edge<Item> {
  readonly cursor: string;
  readonly node: Item;
}

/** What a resolver of a connection returns. */
export interface Connection<Item, ItemEdge extends Edge<Item> = Edge<Item>, Count = number> {
  readonly edges: readonly ItemEdge[];
  readonly nodes: readonly Item[];
  readonly pageInfo: PageInfo;
  readonly totalCount: Lazy<Count>;
}

/** The connection for a page of rows; `itemOf` makes the object of a row. */
export function connectionOf<Row, Item>(
  page: PageOf<Row>,
  itemOf: (row: Row) => Item,
  totalCount: Lazy<number>,
): Connection<Item> {
  return connectionOfEdges(
    edgesOf(page, (row) => ({ node: itemOf(row) })),
    page,
    totalCount,
  );
}

/** The edges of a page: each row's cursor with the fields that its edge has. */
export function edgesOf<Row, Fields extends object>(page: PageOf<Row>, fieldsOf: (row: Row) => Fields): (Fields & { cursor: string })[] {
  return page.rows.map((row, index) => ({ ...fieldsOf(row), cursor: page.cursors[index] ?? '' }));
}

/**
 * The connection for edges that carry fields of their own. Of items that are gone by now a page keeps the place: without any
 * left it still says where the next one starts.
 */
export function connectionOfEdges<Item, ItemEdge extends Edge<Item>, Count = number>(
  edges: readonly ItemEdge[],
  page: Pick<PageOf<unknown>, 'cursors' | 'hasNextPage' | 'hasPreviousPage'>,
  totalCount: Lazy<Count>,
): Connection<Item, ItemEdge, Count> {
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: page.hasNextPage,
      hasPreviousPage: page.hasPreviousPage,
      startCursor: page.cursors[0] ?? null,
      endCursor: page.cursors.at(-1) ?? null,
    },
    totalCount,
  };
}

interface ConnectionNames {
  /** `Paper` makes `PaperConnection` and `PaperEdge`. */
  readonly name: string;
  /** What the list holds, for the documentation: `papers`. */
  readonly plural: string;
}

/** The fields that every edge of these items has; extended by an edge type that has fields of its own. */
export function edgeBase<Item extends object>(itemType: () => ClassType<Item>) {
  @ObjectType()
  abstract class EdgeBase implements Edge<Item> {
    @Field(() => String, { description: 'Opaque; pass it as `after` or `before`.' })
    cursor!: string;

    @Field(() => itemType())
    node!: Item;
  }
  return EdgeBase;
}

function plainEdge<Item extends object>(itemType: () => ClassType<Item>, names: ConnectionNames) {
  @ObjectType(`${names.name}Edge`, { description: `A place in a list of ${names.plural}.` })
  class PlainEdge extends edgeBase(itemType) {}
  return PlainEdge;
}

/** The fields that every connection with these edges has; extended by a connection type that has fields of its own. */
export function connectionBase<Item extends object>(itemType: () => ClassType<Item>, itemEdge: ClassType<Edge<Item>>) {
  @ObjectType()
  abstract class ConnectionBase implements Connection<Item> {
    @Field(() => [itemEdge], { description: 'The page with its cursors.' })
    edges!: Edge<Item>[];

    @Field(() => [itemType()], { description: 'The page without its cursors.' })
    nodes!: Item[];

    @Field(() => PageInfo)
    pageInfo!: PageInfo;

    @LazyField()
    @Costs({ points: 5 })
    @Field(() => Int, { description: 'Length of the whole list; counted only when asked for.' })
    totalCount!: Lazy<number>;
  }
  return ConnectionBase;
}

/** Declares a connection type, and its edge type unless one is given. */
export function connectionType<Item extends object>(
  itemType: () => ClassType<Item>,
  names: ConnectionNames,
  itemEdge: ClassType<Edge<Item>> = plainEdge(itemType, names),
) {
  @ObjectType(`${names.name}Connection`, { description: `A page of ${names.plural}.` })
  class ItemConnection extends connectionBase(itemType, itemEdge) {}
  return ItemConnection;
}
