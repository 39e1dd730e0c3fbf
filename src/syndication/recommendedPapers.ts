import type { AuthorService } from '../authors/author.service.js';
import type { PaperService } from '../papers/paper.service.js';
import type { Paper } from '../papers/paper.type.js';
import { sourcesFrom, summaryOf } from '../recommendations/reasons.js';
import type { RecommendationService } from '../recommendations/recommendation.service.js';
import type { TagService } from '../tags/tag.service.js';
import { MOST_ENTRIES } from './feedPapers.js';

export interface RecommendedSources {
  readonly recommendations: RecommendationService;
  readonly papers: PaperService;
  readonly tags: TagService;
  readonly authors: AuthorService;
}

/** What is recommended to a reader now, and why, in one sentence each. */
export async function recommendedPapers({ recommendations, ...named }: RecommendedSources, readerId: number): Promise<{ paper: Paper; why: string }[]> {
  const { items } = await recommendations.forReader({ readerId, first: MOST_ENTRIES, after: null });
  const sources = sourcesFrom(named);
  const papers = await Promise.all(
    items.map(async ({ item }) => {
      const [paper, why] = await Promise.all([sources.paper(item.paperId), summaryOf(item.contributions, sources, 'you')]);
      return paper === null ? null : { paper, why };
    }),
  );
  return papers.filter((each) => each !== null);
}
