import { HttpError, type TextAnswer } from '../http/httpClient.js';
import { jsonOf } from '../http/json.js';
import type { Item, SourceContext } from '../source.js';
import { dailyPaperItem } from './dailyPaper.js';
import { nextPage, type NextPage } from './nextPage.js';

/** The most that the service gives at once. */
const PAGE_SIZE = 100;
/** So many pages in a row that bring no paper that is new are the end of a list, whatever its links say. */
const MAX_STALE_PAGES = 3;

/** 500 requests in 5 minutes. */
export const COURTESY_MS = 700;

export interface ListPage {
  readonly items: readonly Item[];
  /** The parameters of the page that follows; null at the end. */
  readonly next: string | null;
}

/** The pages of a list, from its start (null) or from the page with these parameters. */
export async function* listPages(context: SourceContext, list: string, start: string | null): AsyncGenerator<ListPage> {
  const asked = new Set<string>();
  const seen = new Set<string>();
  let search: string | null = start ?? firstPage(list);
  let stale = 0;
  while (search !== null) {
    asked.add(search);
    const url = addressOf(context, search);
    // A first page that leads to itself is all that there is.
    const read: ReadonlySet<string> = search === firstPage(list) ? new Set() : asked;
    const { elements, next }: Page = await ask(context, { url, parse: (answer): Page => leadingOn(pageOf(url, answer), read) });
    const fresh = elements.map((element, index) => ({ element, index })).filter(({ element }) => isNew(seen, element));
    stale = fresh.length === 0 ? stale + 1 : 0;
    // A page can come twice, where a list changes while it is read.
    search = next.search !== null && !asked.has(next.search) && stale < MAX_STALE_PAGES ? next.search : null;
    const place = `/daily_papers${new URL(url).search}`;
    const items = fresh.map(({ element, index }) => dailyPaperItem(element, { place: `${place} item ${index + 1}`, now: context.now }));
    if (next.fault !== null) items.push({ kind: 'REJECT', place, title: null, fault: next.fault });
    yield { items, next: search };
  }
}

function addressOf({ url }: SourceContext, search: string): string {
  return `${url}/daily_papers${search}`;
}

interface Page {
  readonly elements: readonly unknown[];
  readonly next: NextPage;
}

function pageOf(url: string, { text, headers }: TextAnswer): Page {
  const elements = listOf(text);
  return { elements, next: nextPage({ url, link: headers['link'], isFull: elements.length >= PAGE_SIZE }) };
}

/** A page that links one which was read already is that before, as caches give it: what follows would be left out. */
function leadingOn(page: Page, read: ReadonlySet<string>): Page {
  const { search } = page.next;
  if (search === null || !read.has(search)) return page;
  throw new HttpError(`the page must lead on, received a link to ${search}, which was read`);
}

/** One paper by its id. */
export async function paperOf(context: SourceContext, id: string): Promise<Item> {
  const place = `/papers/${id}`;
  const fault = { field: 'ids', rule: 'must be papers that the service has', received: id };
  const answer = await ask(context, {
    url: `${context.url}${place}`,
    accept: [404],
    parse: ({ status, text }): unknown => (status === 404 ? null : jsonOf(text)),
  });
  return answer === null ? { kind: 'REJECT', place, title: null, fault } : dailyPaperItem(answer, { place, now: context.now });
}

interface Question<Parsed> {
  readonly url: string;
  readonly accept?: readonly number[];
  parse(answer: TextAnswer): Parsed;
}

function ask<Parsed>({ http, token, signal }: SourceContext, question: Question<Parsed>): Promise<Parsed> {
  const headers = { accept: 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
  return http.ask({ ...question, headers, courtesyMs: COURTESY_MS, signal });
}

function firstPage(list: string): string {
  return `?${list}${list === '' ? '' : '&'}p=0&limit=${PAGE_SIZE}`;
}

function listOf(text: string): readonly unknown[] {
  const elements = jsonOf(text);
  if (!Array.isArray(elements)) throw new HttpError(`the answer must be a list of papers, received ${text.slice(0, 80)}`);
  // A parcel has its bounds, and a service that gives so much more than it was asked for is not the one that is meant.
  if (elements.length > 10 * PAGE_SIZE) throw new HttpError(`a page must have at most ${PAGE_SIZE} papers, received ${elements.length}`);
  return elements as readonly unknown[];
}

/** Whether a list had no element of this paper yet; one without an id counts as itself. */
function isNew(seen: Set<string>, element: unknown): boolean {
  const { paper } = (element ?? {}) as { paper?: { id?: unknown } | null };
  const key = typeof paper?.id === 'string' ? paper.id : JSON.stringify(element);
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
