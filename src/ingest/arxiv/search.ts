import { arxivIdOf } from './arxivPaper.js';
import { SourceError, type Item, type Json, type Parcel, type SourceContext } from '../source.js';
import { parseAtomPage, type AtomEntry, type AtomPage } from './atom.js';

/** The API answers no query beyond. */
export const MAX_RESULTS = 30_000;
export const COURTESY_MS = 3000;
/** Ids in one request, whose address must not become too long. */
const IDS_AT_ONCE = 100;
/**
 * A paper has the date of its submission, but shows only when it is announced: days later over a weekend, more when it
 * was held for a moderator. So what is new since an instant may be older than it by so much.
 */
const ANNOUNCEMENT_DELAY_DAYS = 7;

/** What a search asks for. */
export interface Search {
  readonly query: string;
  readonly pageSize: number;
  /** Papers at most; null for all that the API gives. */
  readonly limit: number | null;
}

/** Where to go on: the index of the next entry or id, and how many there were to be. */
interface Place {
  readonly start: number;
  readonly total: number;
}

/**
 * The papers of a search, the newest first. What is new while this reads moves the rest towards the end, so that some come
 * twice and none is left out; the same holds after an interruption, however long. With `since` the order is that of the
 * last change, which a paper leaves towards the front when it is changed: that one the next run has.
 */
export async function* readSearch(search: Search, context: SourceContext, checkpoint: Json): AsyncGenerator<Parcel> {
  const end = Math.min(search.limit ?? MAX_RESULTS, MAX_RESULTS);
  const oldest = oldestOf(context.since);
  let place = placeOf(checkpoint);
  while (place.start < Math.min(end, place.total)) {
    const { start } = place;
    const page = await askPage(context, { start, wereSome: start > 0 }, {
      search_query: search.query,
      sortBy: context.since === null ? 'submittedDate' : 'lastUpdatedDate',
      sortOrder: 'descending',
      start: String(start),
      max_results: String(Math.min(search.pageSize, end - start)),
    });
    const isOver = page.entries.some((entry) => !isSince(entry, oldest));
    const next = isOver ? page.total : start + page.entries.length;
    context.onTotal(Math.min(page.total, end));
    const items = page.entries.filter((entry) => isSince(entry, oldest)).map(({ item }) => item);
    const isCut = next >= MAX_RESULTS && next < page.total && (search.limit ?? Infinity) > MAX_RESULTS;
    place = { start: next, total: page.total };
    if (isCut && oldest === null) items.push(beyondReach(search.query, page.total));
    yield { items, checkpoint: { ...place }, done: Math.min(next, page.total, end) };
    // What is not reached would count as read for the next run, which asks for what is new since this one.
    if (isCut && oldest !== null) throw new SourceError(`search ${REACH}, received ${JSON.stringify(search.query)} with more that has changed since ${oldest.toISOString()}`);
  }
}

const REACH = `must match at most ${MAX_RESULTS} papers, beyond which only arxiv-oai reads`;

function beyondReach(query: string, total: number): Item {
  return { kind: 'REJECT', place: `entry ${MAX_RESULTS + 1}`, title: null, fault: { field: 'search', rule: REACH, received: `${query} (${total} papers)` } };
}

/** The papers of a list of ids, in its order; those that arXiv does not know are rejected. */
export async function* readIds(ids: readonly string[], context: SourceContext, checkpoint: Json): AsyncGenerator<Parcel> {
  const oldest = oldestOf(context.since);
  context.onTotal(ids.length);
  for (let { start } = placeOf(checkpoint); start < ids.length; ) {
    const asked = ids.slice(start, start + IDS_AT_ONCE);
    // Each request is a list of its own, of which the total is not known beforehand.
    const page = await askPage(context, { start: 0, wereSome: false }, { id_list: asked.join(','), start: '0', max_results: String(asked.length) });
    const found = new Set(page.entries.map(({ item }) => (item.kind === 'PAPER' ? item.record.externalId : null)));
    start += asked.length;
    const items = [
      ...page.entries.filter((entry) => isSince(entry, oldest)).map(({ item }) => item),
      ...asked.filter((id) => !found.has(arxivIdOf(id))).map(unknownId),
    ];
    yield { items, checkpoint: { start, total: ids.length }, done: start };
  }
}

function unknownId(id: string): Item {
  return { kind: 'REJECT', place: id, title: null, fault: { field: 'ids', rule: 'must be known to arXiv', received: id } };
}

function askPage(
  { http, url, signal }: SourceContext,
  expected: { start: number; wereSome: boolean },
  query: Readonly<Record<string, string>>,
): Promise<AtomPage> {
  return http.ask({
    url: `${url}?${new URLSearchParams(query).toString()}`,
    courtesyMs: COURTESY_MS,
    // Where arXiv says what is wrong with a query, it does so in a feed.
    accept: [400],
    signal,
    parse: ({ text }) => parseAtomPage(text, expected),
  });
}

function oldestOf(since: Date | null): Date | null {
  return since === null ? null : new Date(since.getTime() - ANNOUNCEMENT_DELAY_DAYS * 86_400_000);
}

function isSince({ updatedAt }: AtomEntry, oldest: Date | null): boolean {
  return oldest === null || updatedAt === null || updatedAt >= oldest;
}

function placeOf(checkpoint: Json): Place {
  return checkpoint === null ? { start: 0, total: Infinity } : (checkpoint as unknown as Place);
}
