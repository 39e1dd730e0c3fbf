import type { Page } from '../database/lists.js';
import type { JsonSql } from './projection.js';
import { Unsupported, type Selected } from './selection.js';

/** The items of a connection where they are added up: the rows of the page, or rows that these link. */
export interface Items {
  readonly page: Page;
  /** The object of an item. */
  node(field: Selected): JsonSql;
  cursor(): JsonSql;
  /** A field that an edge has beside its cursor and node; undefined for one that cannot be written. */
  edge(field: Selected): JsonSql | undefined;
  /** The items of the page in their order, as texts joined by commas. */
  joined(item: JsonSql): JsonSql;
  /** What the first or last item of the page has, or null as JSON. */
  at(end: 'first' | 'last', item: JsonSql): JsonSql;
  /** Whether there are more items than the page has. */
  isCut(): JsonSql;
  totalCount(): JsonSql;
}

/** An object with these fields, in their order. */
export function objectJson(fields: readonly Selected[], valueOf: (field: Selected) => JsonSql): JsonSql {
  const parts = fields.flatMap((field, place) => [`'${place === 0 ? '{' : ','}"${field.key}":'`, valueOf(field)]);
  return concatenated([...parts, `'}'`]);
}

/** In halves: one behind the other, the texts of 140 fields nest deeper than the embedded database's stack allows. */
function concatenated(texts: readonly JsonSql[]): JsonSql {
  if (texts.length === 1) return texts[0] as JsonSql;
  const half = texts.length >> 1;
  return `(${concatenated(texts.slice(0, half))} || ${concatenated(texts.slice(half))})`;
}

/** The name of a type, as `__typename`. */
export function typeName(type: string): JsonSql {
  return `'"${type}"'`;
}

/** A connection: see connection.ts for what its fields are. */
export function connectionJson(selected: Selected, items: Items): JsonSql {
  return objectJson(selected.fields, (field) => {
    switch (field.name) {
      case '__typename':
        return typeName(selected.type);
      case 'nodes':
        return `'[' || ${items.joined(items.node(field))} || ']'`;
      case 'edges':
        return `'[' || ${items.joined(edgeJson(items, field))} || ']'`;
      case 'pageInfo':
        return pageInfoJson(items, field);
      case 'totalCount':
        return items.totalCount();
      default:
        throw new Unsupported(`${field.name} of a connection`);
    }
  });
}

function edgeJson(items: Items, { fields, type }: Selected): JsonSql {
  return objectJson(fields, (field) => {
    if (field.name === '__typename') return typeName(type);
    if (field.name === 'node') return items.node(field);
    if (field.name === 'cursor') return items.cursor();
    const value = items.edge(field);
    if (value === undefined) throw new Unsupported(`${field.name} of an edge`);
    return value;
  });
}

function pageInfoJson(items: Items, { fields, type }: Selected): JsonSql {
  const { fromEnd, before, after } = items.page;
  return objectJson(fields, (field) => {
    switch (field.name) {
      case '__typename':
        return typeName(type);
      case 'hasNextPage':
        return fromEnd ? `'${before !== null}'` : items.isCut();
      case 'hasPreviousPage':
        return fromEnd ? items.isCut() : `'${after !== null}'`;
      case 'startCursor':
        return items.at('first', items.cursor());
      case 'endCursor':
        return items.at('last', items.cursor());
      default:
        throw new Unsupported(`${field.name} of PageInfo`);
    }
  });
}
