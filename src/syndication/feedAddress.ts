import { badInput } from '../errors.js';
import { checkedText } from '../inputRules.js';
import { FeedPeriod } from '../feeds/feed.type.js';
import { PaperOrder } from '../papers/paper.type.js';

/** The feeds that there are. */
export type FeedName =
  | { readonly kind: 'latest' }
  | { readonly kind: 'period'; readonly period: FeedPeriod; readonly order: PaperOrder }
  | { readonly kind: 'tag'; readonly slug: string }
  | { readonly kind: 'author'; readonly id: string }
  | { readonly kind: 'search'; readonly text: string }
  | { readonly kind: 'reader'; readonly token: string };

export const FEED_FORMATS = ['atom', 'json'] as const;
export type FeedFormat = (typeof FEED_FORMATS)[number];

const PERIODS: ReadonlyMap<string, FeedPeriod> = new Map([['today', FeedPeriod.DAY], ['week', FeedPeriod.WEEK], ['month', FeedPeriod.MONTH]]);
const ORDERS: ReadonlyMap<string, PaperOrder> = new Map([['trending', PaperOrder.TRENDING], ['top', PaperOrder.TOP], ['newest', PaperOrder.NEWEST]]);
const DEFAULT_ORDER = 'trending';
export const MAX_SEARCH_CHARACTERS = 250;

/** Below which all of them are. */
export const FEEDS = '/feeds/';

/** Where a feed is, without the server's address. */
export function feedPath(name: FeedName, format: FeedFormat): string {
  const at = (path: string, query = ''): string => `${FEEDS}${path}.${format}${query}`;
  switch (name.kind) {
    case 'latest':
      return at('latest');
    case 'period': {
      const order = keyOf(ORDERS, name.order) ?? DEFAULT_ORDER;
      return at(keyOf(PERIODS, name.period) ?? 'today', order === DEFAULT_ORDER ? '' : `?order=${order}`);
    }
    case 'tag':
      return at(`tags/${name.slug}`);
    case 'author':
      return at(`authors/${name.id}`);
    case 'search':
      return at('search', `?q=${encodeURIComponent(name.text)}`);
    case 'reader':
      return at(`for/${name.token}`);
  }
}

/** Which feed a path below FEEDS names; null for none. Throws BAD_USER_INPUT for parameters that a feed does not take. */
export function feedAt(path: string, query: Readonly<Record<string, unknown>>): { readonly name: FeedName; readonly format: FeedFormat } | null {
  const [, place, id, extension] = /^([a-z]+)(?:\/([A-Za-z0-9_-]{1,200}))?\.([a-z]+)$/.exec(path) ?? [];
  const format = FEED_FORMATS.find((each) => each === extension);
  const name = format === undefined || place === undefined ? null : id === undefined ? wholeFeed(place, query) : feedOf(place, id);
  return name === null || format === undefined ? null : { name, format };
}

function wholeFeed(place: string, { order, q }: Readonly<Record<string, unknown>>): FeedName | null {
  if (place === 'latest') return { kind: 'latest' };
  if (place === 'search') return { kind: 'search', text: checkedSearch('q', q) };
  const period = PERIODS.get(place);
  return period === undefined ? null : { kind: 'period', period, order: orderNamed(order) };
}

/** What can be searched for; throws BAD_USER_INPUT. */
export function checkedSearch(field: string, text: unknown): string {
  if (typeof text !== 'string') throw badInput(field, 'must be given once', text);
  return checkedText(field, text, { min: 1, max: MAX_SEARCH_CHARACTERS });
}

function orderNamed(name: unknown): PaperOrder {
  const order = name === undefined ? ORDERS.get(DEFAULT_ORDER) : typeof name === 'string' ? ORDERS.get(name) : undefined;
  if (order === undefined) throw badInput('order', `must be ${[...ORDERS.keys()].join(', ')}`, name);
  return order;
}

function feedOf(place: string, id: string): FeedName | null {
  if (place === 'tags') return { kind: 'tag', slug: id };
  if (place === 'authors') return { kind: 'author', id };
  return place === 'for' ? { kind: 'reader', token: id } : null;
}

function keyOf<Value>(map: ReadonlyMap<string, Value>, value: unknown): string | undefined {
  return [...map].find(([, each]) => each === value)?.[0];
}
