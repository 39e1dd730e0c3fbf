import type { AuthorService } from '../authors/author.service.js';
import type { Page } from '../database/lists.js';
import { parseGlobalId } from '../graphql/globalId.js';
import type { FeedPeriod } from '../feeds/feed.type.js';
import type { PaperOrder} from '../papers/paper.type.js';
import { type Paper } from '../papers/paper.type.js';
import type { PaperTagService } from '../papers/paperTag.service.js';
import type { TagService } from '../tags/tag.service.js';
import type { FeedFormat, FeedName } from './feedAddress.js';
import type { FeedDocument } from './feedDocument.js';
import { entryOf } from './feedEntry.js';
import type { FeedIdService } from './feedIds.service.js';
import type { FeedPapers } from './feedPapers.js';
import type { FeedTokenService } from './feedToken.service.js';
import type { FeedUrls } from './feedUrls.js';
import { recommendedPapers, type RecommendedSources } from './recommendedPapers.js';

export interface SyndicationServices extends RecommendedSources {
  readonly authors: AuthorService;
  readonly tags: TagService;
  readonly paperTags: PaperTagService;
  readonly feedPapers: FeedPapers;
  readonly feedTokens: FeedTokenService;
  readonly feedIds: FeedIdService;
  readonly feedUrls: FeedUrls;
}

/** A feed's papers, the best or latest first, and what it is called. */
interface Content {
  readonly title: string;
  /** Names the feed within its ids, for good. */
  readonly place: string;
  readonly name: FeedName;
  readonly papers: readonly { readonly paper: Paper; readonly why: string | null }[];
}

const FIRST = (limit: number): Page => ({ limit, fromEnd: false, after: null, before: null });
/** Names and tags of an entry: what is read at a glance. */
const MOST_NAMES = 20;
const MOST_TAGS = 10;
/** Of a feed without entries: it never was another. */
const NEVER = new Date(0);

const PERIOD_NAMES: Readonly<Record<FeedPeriod, string>> = { DAY: "today's papers", WEEK: "this week's papers", MONTH: "this month's papers" };
const ORDER_NAMES: Readonly<Record<PaperOrder, string>> = { TRENDING: 'trending', TOP: 'most upvotes', NEWEST: 'newest' };

/** Lists of papers as feed readers take them. */
export class SyndicationService {
  constructor(private readonly services: SyndicationServices) {}

  /** The feed of that name; null where there is none, or no longer. */
  async find(name: FeedName, format: FeedFormat, now: Date): Promise<FeedDocument | null> {
    const content = await this.contentOf(name, now);
    if (content === null) return null;
    const { feedIds, feedUrls, authors, paperTags } = this.services;
    const ids = content.papers.map(({ paper }) => paper.rowId);
    const [beginning, bylines, tags] = await Promise.all([feedIds.find(), authors.pagesByPaper(ids, FIRST(MOST_NAMES)), paperTags.pagesByPaper(ids, FIRST(MOST_TAGS))]);
    const entries = content.papers.map(({ paper, why }) =>
      entryOf(`${beginning}paper/${paper.rowId}`, {
        paper,
        why,
        authors: (bylines.get(paper.rowId)?.rows ?? []).map((author) => author.name),
        tags: tags.get(paper.rowId)?.rows ?? [],
      }),
    );
    return {
      id: `${beginning}feed/${content.place}`,
      title: `Daily Papers: ${content.title}`,
      homeUrl: feedUrls.home(),
      selfUrl: feedUrls.one(content.name, format),
      updatedAt: entries.reduce((latest, { updatedAt }) => (updatedAt > latest ? updatedAt : latest), NEVER),
      entries,
    };
  }

  private async contentOf(name: FeedName, now: Date): Promise<Content | null> {
    const { feedPapers } = this.services;
    switch (name.kind) {
      case 'latest':
        return { title: 'the latest', place: 'latest', name, papers: forAll(await feedPapers.latest()) };
      case 'period': {
        const { period, order } = name;
        const papers = forAll(await feedPapers.ofPeriod(period, order, now));
        return { title: `${PERIOD_NAMES[period]}, ${ORDER_NAMES[order]}`, place: `${period.toLowerCase()}/${order.toLowerCase()}`, name, papers };
      }
      case 'search':
        return { title: name.text, place: `search/${encodeURIComponent(name.text)}`, name, papers: forAll(await feedPapers.found(name.text)) };
      case 'tag':
        return this.ofTag(name.slug);
      case 'author':
        return this.ofAuthor(name);
      case 'reader':
        return this.ofReader(name, now);
    }
  }

  /** By an alias it is the feed of the tag. */
  private async ofTag(slug: string): Promise<Content | null> {
    const tag = (await this.services.tags.bySlugs([slug])).get(slug);
    if (tag === undefined) return null;
    return { title: tag.name, place: `tag/${tag.rowId}`, name: { kind: 'tag', slug: tag.slug }, papers: forAll(await this.services.feedPapers.withTag(tag)) };
  }

  private async ofAuthor(name: FeedName & { readonly kind: 'author' }): Promise<Content | null> {
    const { type, id } = parseGlobalId(name.id, 'id');
    const [author] = type === 'Author' ? await this.services.authors.byIds([id]) : [];
    if (author === undefined) return null;
    return { title: author.name, place: `author/${id}`, name, papers: forAll(await this.services.feedPapers.by(author)) };
  }

  private async ofReader(name: FeedName & { readonly kind: 'reader' }, now: Date): Promise<Content | null> {
    const reader = await this.services.feedTokens.use(name.token, now);
    if (reader === null) return null;
    return { title: `for ${reader.username}`, place: `for/${reader.id}`, name, papers: await recommendedPapers(this.services, reader.userId) };
  }
}

function forAll(papers: readonly Paper[]): { readonly paper: Paper; readonly why: null }[] {
  return papers.map((paper) => ({ paper, why: null }));
}
