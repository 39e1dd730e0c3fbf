import { HttpError } from '../http/httpClient.js';
import { SourceError, type Json, type Parcel, type SourceContext } from '../source.js';
import { EXPIRED, parseOaiPage, type OaiPage } from './oaiPage.js';

export const COURTESY_MS = 3000;
/** arXiv's pages have up to 3,500 records and come slowly. */
const TIMEOUT_MS = 180_000;
/** Items that a parcel may hold. */
const PARCEL_SIZE = 2000;
/** Lists begun anew, one after the other without a day of progress, after which the service is given up. */
const MAX_RESTARTS = 3;

/** What is asked for. */
export interface Harvest {
  readonly set: string | null;
  /** YYYY-MM-DD, this day included. */
  readonly until: string | null;
}

/**
 * Where to go on: with a token, or where that has ended with a new list from the day that is safe. A list in the order of
 * change is safe to go on from the last day of its last page: what is still to come has changed on that day or later, and
 * what changes meanwhile is dated later than before. That day is read twice then, which changes nothing. A list that was
 * found in another order has no such day but its own first. Pages are compared, not records, since those of a page stand
 * in the order of their ids at arXiv.
 */
interface Place {
  /** The first day of the present list, YYYY-MM-DD; null for all. */
  readonly from: string | null;
  readonly token: string | null;
  /** When the token ends, in ISO 8601. */
  readonly expiresAt: string | null;
  /** The last day on the pages of this list that were read; null before the first. */
  readonly lastDay: string | null;
  readonly isInOrder: boolean;
  readonly restarts: number;
  /** Records that were read, and how many of them before this list. */
  readonly done: number;
  readonly doneBefore: number;
  readonly isOver: boolean;
}

/** The records of a list, page by page, and of the lists that follow where tokens end. */
export async function* readHarvest(harvest: Harvest, context: SourceContext, checkpoint: Json): AsyncGenerator<Parcel> {
  let place = checkpoint === null ? startOf(context.since) : (checkpoint as unknown as Place);
  while (!place.isOver) {
    // A token counts records: used after its end, it would skip as many as have moved towards the end since.
    const hasEnded = place.expiresAt !== null && context.clock().getTime() >= Date.parse(place.expiresAt);
    const page = hasEnded ? EXPIRED : await askPage(harvest, context, place);
    if (page === EXPIRED) {
      place = restarted(place);
      continue;
    }
    const next = placeAfter(place, page);
    if (page.total !== null) context.onTotal(place.doneBefore + page.total);
    yield* parcelsOf(page, place, next);
    place = next;
  }
}

/** The items of a page; before its end, the place to go on is its start, since the page may have others by then. */
function* parcelsOf({ items }: OaiPage, place: Place, next: Place): Generator<Parcel> {
  let end = 0;
  do {
    const start = end;
    end = Math.min(start + PARCEL_SIZE, items.length);
    const after = end === items.length ? next : place;
    yield { items: items.slice(start, end), checkpoint: { ...after }, done: place.done + end };
  } while (end < items.length);
}

function askPage({ set, until }: Harvest, { http, url, signal }: SourceContext, { from, token }: Place): Promise<OaiPage | typeof EXPIRED> {
  const asked = token === null ? { metadataPrefix: 'arXiv', set, from, until } : { resumptionToken: token };
  const query = new URLSearchParams({ verb: 'ListRecords' });
  for (const [name, value] of Object.entries(asked)) if (value !== null) query.set(name, value);
  return http.ask({
    url: `${url}?${query.toString()}`,
    courtesyMs: COURTESY_MS,
    timeoutMs: TIMEOUT_MS,
    // Some services send the protocol's errors with these.
    accept: [400, 404],
    signal,
    parse: ({ text }) => pageAfter(token, text),
  });
}

/** A page that gives the token by which it was asked for is the page before, and what follows that would be left out. */
function pageAfter(token: string | null, text: string): OaiPage | typeof EXPIRED {
  const page = parseOaiPage(text);
  if (page === EXPIRED || page.token?.value !== token) return page;
  throw new HttpError(`resumptionToken must lead on, received ${token} again`);
}

function startOf(since: Date | null): Place {
  return {
    from: since?.toISOString().slice(0, 10) ?? null,
    token: null,
    expiresAt: null,
    lastDay: null,
    isInOrder: true,
    restarts: 0,
    done: 0,
    doneBefore: 0,
    isOver: false,
  };
}

function placeAfter(place: Place, { items, days, token }: OaiPage): Place {
  const lastDay = place.lastDay ?? '';
  return {
    ...place,
    token: token?.value ?? null,
    expiresAt: token?.expiresAt?.toISOString() ?? null,
    lastDay: days === null || days.last < lastDay ? place.lastDay : days.last,
    isInOrder: place.isInOrder && (days === null || days.first >= lastDay),
    done: place.done + items.length,
    isOver: token === null,
  };
}

function restarted(place: Place): Place {
  const from = place.isInOrder && place.lastDay !== null ? place.lastDay : place.from;
  const restarts = from === place.from ? place.restarts + 1 : 0;
  if (restarts > MAX_RESTARTS) {
    throw new SourceError(`resumptionToken must hold until a day is read, received one that ended before ${restarts} times from ${from ?? 'the start'} on`);
  }
  return { ...place, from, restarts, token: null, expiresAt: null, lastDay: null, doneBefore: place.done };
}
