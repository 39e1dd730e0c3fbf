import type { AuthorService } from '../authors/author.service.js';
import { sql, type Database } from '../database/database.js';
import { dayIn } from '../feeds/period.js';
import { notUnwantedBy } from '../mutes/unwanted.js';
import { isListedOn } from '../papers/paper.filter.js';
import { listingOf } from '../papers/paper.listing.js';
import type { PaperService } from '../papers/paper.service.js';
import { PaperOrder, type Paper } from '../papers/paper.type.js';
import { sourcesFrom, summaryOf } from '../recommendations/reasons.js';
import type { RecommendationService, RecommendationsPage } from '../recommendations/recommendation.service.js';
import type { TagService } from '../tags/tag.service.js';
import { DigestContent } from './digest.type.js';
import type { DigestSettings } from './digestRules.js';

/** A paper of a digest, and what is said of it. */
export interface DigestPaper {
  readonly paper: Paper;
  readonly reason: string;
  /** The first of its authors. */
  readonly authors: readonly string[];
}

/** Which digest. */
export interface DigestOrder extends DigestSettings {
  readonly userId: number;
  /** Null where the reader has none: nothing was shown yet. */
  readonly subscriptionId: number | null;
  /** What was listed by then. */
  readonly at: Date;
}

export interface PickSources {
  readonly papers: PaperService;
  readonly authors: AuthorService;
  readonly tags: TagService;
  /** Whose days the feed has. */
  readonly feedTimeZone: string;
  readonly recommendations: Pick<RecommendationService, 'forReader'>;
}

const DAY_MS = 86_400_000;
/** Papers of these days before the last one are in a digest: one more than lies between two, for what is listed late. */
const DAYS_BACK = { DAILY: 1, WEEKLY: 7 };
/** Digests whose papers do not come again: of two months, one a day. */
const REMEMBERED = 60;
/** As many recommendations at a time, and as often. */
const [RANKED, MOST_RANKINGS] = [100, 5];
const SHOWN_AUTHORS = 3;

/** Which papers a digest shows. */
export class DigestPicks {
  constructor(
    private readonly database: Database,
    private readonly sources: PickSources,
  ) {}

  async of(order: DigestOrder): Promise<DigestPaper[]> {
    const shown = await this.shownBefore(order.subscriptionId);
    const chosen = order.content === DigestContent.TRENDING ? await this.trending(order, shown) : await this.personal(order, shown);
    const bylines = await this.sources.authors.pagesByPaper(chosen.map(({ paper }) => paper.rowId), { limit: SHOWN_AUTHORS, fromEnd: false, after: null, before: null });
    return chosen.map((pick) => ({ ...pick, authors: bylines.get(pick.paper.rowId)?.rows.map(({ name }) => name) ?? [] }));
  }

  private async trending({ userId, frequency, at, maxPapers }: DigestOrder, shown: readonly number[]): Promise<Omit<DigestPaper, 'authors'>[]> {
    const { papers, feedTimeZone } = this.sources;
    const to = dayIn(feedTimeZone, at);
    const from = dayIn(feedTimeZone, new Date(at.getTime() - DAYS_BACK[frequency] * DAY_MS));
    const wanted = notUnwantedBy(sql`${userId}::int4`);
    const conditions = [
      // By papers_listed_on_trending_score_id_idx: the first of each day.
      isListedOn({ from, to }),
      { where: sql`p.withdrawn_at IS NULL` },
      { where: wanted, probe: wanted },
      { where: sql`p.id <> ALL (${[...shown]}::int4[])` },
    ];
    const { rows } = await papers.page(listingOf(conditions, PaperOrder.TRENDING), { limit: maxPapers, fromEnd: false, after: null, before: null });
    return rows.map((paper) => ({ paper, reason: trendOf(paper) }));
  }

  private async personal({ userId, maxPapers }: DigestOrder, shown: readonly number[]): Promise<Omit<DigestPaper, 'authors'>[]> {
    const known = new Set(shown);
    const items: RecommendationsPage['items'][number]['item'][] = [];
    let after: string | null = null;
    for (let turn = 0; turn < MOST_RANKINGS && items.length < maxPapers; turn += 1) {
      const page: RecommendationsPage = await this.sources.recommendations.forReader({ readerId: userId, first: RANKED, after });
      items.push(...page.items.map(({ item }) => item).filter(({ paperId }) => !known.has(paperId)));
      after = page.items.at(-1)?.cursor ?? null;
      if (!page.hasNextPage || after === null) break;
    }
    const papers = await this.sources.papers.byIds(items.map(({ paperId }) => paperId));
    const byId = new Map(papers.map((paper) => [paper.rowId, paper]));
    const named = sourcesFrom(this.sources);
    const standing = items.flatMap((item) => {
      const paper = byId.get(item.paperId);
      return paper?.withdrawnAt === null ? [{ paper, item }] : [];
    });
    return Promise.all(standing.slice(0, maxPapers).map(async ({ paper, item }) => ({ paper, reason: await summaryOf(item.contributions, named, 'you') })));
  }

  /** digest_mails_subscription_id_period_end_idx */
  private async shownBefore(subscriptionId: number | null): Promise<number[]> {
    if (subscriptionId === null) return [];
    const rows = await this.database.rows<{ id: number }>(sql`
      SELECT DISTINCT unnest(m.paper_ids) AS id FROM (
        SELECT paper_ids FROM digest_mails WHERE subscription_id = ${subscriptionId} ORDER BY period_end DESC LIMIT ${REMEMBERED}::int4) m`);
    return rows.map(({ id }) => id);
  }
}

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long' });

function trendOf({ upvoteCount, listedOn }: Paper): string {
  const day = DAY.format(new Date(`${listedOn}T00:00:00Z`));
  if (upvoteCount === 0) return `Listed on ${day}.`;
  return `Upvoted by ${upvoteCount} reader${upvoteCount === 1 ? '' : 's'}, listed on ${day}.`;
}
