import type { AuthorService } from '../authors/author.service.js';
import type { Page } from '../database/lists.js';
import type { FeedService } from '../feeds/feed.service.js';
import { FeedOrder, type FeedPeriod } from '../feeds/feed.type.js';
import { wayOf, type PaperService } from '../papers/paper.service.js';
import { PaperOrder, type Paper } from '../papers/paper.type.js';
import { MAX_SEARCH_CHARACTERS } from './feedAddress.js';
import type { Author } from '../authors/author.type.js';
import type { SearchService } from '../search/search.service.js';
import type { Tag } from '../tags/tag.type.js';

/** Of a feed; older ones were in it before. */
export const MOST_ENTRIES = 50;
const FIRST: Page = { limit: MOST_ENTRIES, fromEnd: false, after: null, before: null };

export interface FeedSources {
  readonly papers: PaperService;
  readonly feeds: FeedService;
  readonly authors: AuthorService;
  readonly search: SearchService;
}

/** The first papers of lists that are for all. */
export class FeedPapers {
  constructor(private readonly sources: FeedSources) {}

  async latest(): Promise<readonly Paper[]> {
    return (await this.sources.papers.list({}, PaperOrder.NEWEST, FIRST)).rows;
  }

  async ofPeriod(period: FeedPeriod, order: PaperOrder, now: Date): Promise<readonly Paper[]> {
    const feed = await this.sources.feeds.find({ date: null, period, orderBy: FeedOrder[order], asOf: null, now });
    return (await this.sources.feeds.page(feed, { order, page: FIRST, viewerId: null })).rows;
  }

  async withTag({ rowId, paperCount }: Tag): Promise<readonly Paper[]> {
    const pages = await this.sources.papers.pagesByTag([rowId], wayOf(PaperOrder.NEWEST, paperCount), FIRST);
    return pages.get(rowId)?.rows ?? [];
  }

  async by({ rowId, paperCount }: Author): Promise<readonly Paper[]> {
    const pages = await this.sources.authors.papersByAuthor([rowId], wayOf(PaperOrder.NEWEST, paperCount), FIRST);
    return pages.get(rowId)?.rows ?? [];
  }

  /** Of all its words, and not of those that the last one may begin, as where it is still being typed. */
  async found(text: string): Promise<readonly Paper[]> {
    return (await this.sources.search.list(await this.sources.search.find(`${text} `.slice(0, MAX_SEARCH_CHARACTERS), {}), PaperOrder.NEWEST, FIRST)).rows;
  }
}
