import DataLoader from 'dataloader';
import type { Page, PageOf } from '../database/lists.js';
import type { Context, Viewer } from './context.js';
import { stopOver } from './deadline.js';

/**
 * Makes a set of loaders once a request: `const load = perRequest(() => ({ byId: … }))`, then `load(context).byId`.
 * What a request reads twice, it reads once; nothing is kept beyond it or over one of its writes.
 */
export function perRequest<Loaders>(make: (context: Context) => Loaders): (context: Context) => Loaders {
  const made = new WeakMap<object, Loaders>();
  return (context) => {
    stopOver(context);
    let loaders = made.get(context.scope);
    if (loaders === undefined) {
      loaders = make(context);
      made.set(context.scope, loaders);
    }
    return loaders;
  };
}

/** A loader of at most one row a key, in one batch; null where there is none. `keyOf` says which key a row answers. */
export function loaderOfOne<Key, Row>(
  read: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => Key,
): DataLoader<Key, Row | null> {
  return new DataLoader(async (keys) => {
    const rows = await read(keys);
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}

/** A loader of one value a key from a batch that answers with a map; `absent` where the map has none. */
export function loaderOfValue<Key, Value>(
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Value>>,
  absent: Value,
): DataLoader<Key, Value> {
  return new DataLoader(async (keys) => {
    const values = await read(keys);
    return keys.map((key) => values.get(key) ?? absent);
  });
}

/** A loader of whether something holds between the viewer and rows; it does not for an anonymous request. */
export function loaderOfViewer(
  viewer: Viewer | null,
  read: (userId: number, ids: readonly number[]) => Promise<ReadonlyMap<number, boolean>>,
): DataLoader<number, boolean> {
  return loaderOfValue(async (ids: readonly number[]) => (viewer === null ? new Map<number, boolean>() : read(viewer.id, ids)), false);
}

/** One loader an argument, made when it is first asked for. */
export function byArgument<Argument, Loader>(make: (argument: Argument) => Loader): (argument: Argument) => Loader {
  const made = new Map<string, Loader>();
  return (argument) => {
    const key = JSON.stringify(argument);
    const loader = made.get(key) ?? make(argument);
    made.set(key, loader);
    return loader;
  };
}

/** Loads the page of one parent's list. */
export interface PageLoader<Row> {
  load(parentId: number, page: Page): Promise<PageOf<Row>>;
}

/** A loader of pages by parent: the parents that ask for the same page share one statement. */
export function loaderOfPages<Row>(
  read: (parentIds: readonly number[], page: Page) => Promise<ReadonlyMap<number, PageOf<Row>>>,
): PageLoader<Row> {
  const byPage = byArgument((page: Page) => loaderOfValue<number, PageOf<Row>>((ids) => read(ids, page), EMPTY_PAGE));
  return { load: (parentId, page) => byPage(page).load(parentId) };
}

/** A page of nothing. */
export const EMPTY_PAGE: PageOf<never> = { rows: [], cursors: [], hasNextPage: false, hasPreviousPage: false };
