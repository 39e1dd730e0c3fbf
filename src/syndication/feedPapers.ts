import type { AuthorService } from '../authors/author.service.js';
import type { Page } from '../database/lists.js';
import type { FeedService } from '../papers/feed.service.js';
import type { FeedPeriod } from '../papers/feed.type.js';
import { wayOf, type PaperService } from '../papers/paper.service.js';
import { PaperOrder, type Paper } from '../papers/paper.type.js';
import type { Author } from '../authors/author.type.js';
import type { Tag } from '../tags/tag.type.js';

/** Of a feed; older ones were in it before. */
export const MOST_ENTRIES = 50;
const NEWEST: Page = { limit: MOST_ENTRIES, fromEnd: false, after: null, before: null };

export interface FeedSources {
  readonly papers: PaperService;
  readonly feeds: FeedService;
  readonly authors: AuthorService;
}

/** The first papers of lists that are for all. */
export class FeedPapers {
  constructor(private readonly sources: FeedSources) {}

  async latest(): Promise<readonly Paper[]> {
    return (await this.sources.papers.list({}, PaperOrder.NEWEST, NEWEST)).rows;
  }

  async ofPeriod(period: FeedPeriod, order: PaperOrder): Promise<readonly Paper[]> {
    const feed = await this.sources.feeds.find(null, period, order);
    return (await this.sources.feeds.papersOf(feed, NEWEST)).rows;
  }

  async withTag({ rowId, paperCount }: Tag): Promise<readonly Paper[]> {
    const pages = await this.sources.papers.pagesByTag([rowId], wayOf(PaperOrder.NEWEST, paperCount), NEWEST);
    return pages.get(rowId)?.rows ?? [];
  }

  async by({ rowId, paperCount }: Author): Promise<readonly Paper[]> {
    const pages = await this.sources.authors.papersByAuthor([rowId], wayOf(PaperOrder.NEWEST, paperCount), NEWEST);
    return pages.get(rowId)?.rows ?? [];
  }

  async found(text: string): Promise<readonly Paper[]> {
    return (await this.sources.papers.list({ text }, PaperOrder.NEWEST, NEWEST)).rows;
  }
}
