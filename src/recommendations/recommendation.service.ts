import { decodeCursor, encodeCursor, type Order } from '../database/lists.js';
import { recommend, type Recommendation } from '../recommender/recommend.js';
import { relatedTags, type RelatedTag } from '../recommender/relatedTags.js';
import type { TasteMatrix } from '../recommender/tasteMatrix.js';
import type { TasteFollower } from './tasteFollower.js';

/** A page of a ranking: each item with its cursor. */
export interface RankingPage<Item> {
  readonly items: readonly { readonly item: Item; readonly cursor: string }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly total: number;
}

export interface RankingRange {
  readonly first: number;
  readonly after: string | null;
}

const BY_SCORE = (name: string): Order => ({
  name,
  descending: true,
  keys: [
    { column: 'score', type: 'float8' },
    { column: 'id', type: 'int4' },
  ],
});
const RECOMMENDATIONS = BY_SCORE('recommendations');
const SIMILAR = BY_SCORE('similar');
const RELATED = BY_SCORE('related-tags');

/** What the recommender says, over the votes and tags that are committed by the time of the call. */
export class RecommendationService {
  constructor(private readonly taste: TasteFollower) {}

  /** Papers for a reader; without a reader or without upvotes, by trend. Throws BAD_USER_INPUT for a foreign cursor. */
  async forReader(userId: number | null, range: RankingRange): Promise<RankingPage<Recommendation>> {
    const matrix = await this.taste.current();
    return rank(matrix, { order: RECOMMENDATIONS, readerId: userId }, range);
  }

  /** Papers like one: what would be recommended to a reader who upvoted it alone. Throws BAD_USER_INPUT for a foreign cursor. */
  async similarTo(paperId: number, range: RankingRange): Promise<RankingPage<Recommendation>> {
    return rank(await this.taste.current(), { order: SIMILAR, historyIds: [paperId], readerId: null }, range);
  }

  /** Tags that stand on the same papers as one. Throws BAD_USER_INPUT for a foreign cursor. */
  async relatedTo(tagId: number, { first, after }: RankingRange): Promise<RankingPage<RelatedTag>> {
    const place = placeOf(RELATED, after);
    const all = relatedTags(await this.taste.current(), tagId);
    const below = place === null ? all : all.filter((tag) => tag.similarity < place.score || (tag.similarity === place.score && tag.tagId > place.id));
    return {
      items: below.slice(0, first).map((item) => ({ item, cursor: cursorOf(RELATED, item.similarity, item.tagId) })),
      hasNextPage: below.length > first,
      hasPreviousPage: after !== null,
      total: all.length,
    };
  }
}

interface Ranking {
  readonly order: Order;
  readonly historyIds?: readonly number[];
  /** Whose history it is: their own votes are no other reader's. */
  readonly readerId: number | null;
}

function rank(matrix: TasteMatrix, { order, ...source }: Ranking, { first, after }: RankingRange): RankingPage<Recommendation> {
  const place = placeOf(order, after);
  const page = recommend(matrix, {
    ...source,
    limit: first,
    after: place === null ? null : { score: place.score, paperId: place.id },
  });
  return {
    items: page.items.map((item) => ({ item, cursor: cursorOf(order, item.score, item.paperId) })),
    hasNextPage: page.hasMore,
    hasPreviousPage: after !== null,
    total: page.total,
  };
}

function placeOf(order: Order, cursor: string | null): { score: number; id: number } | null {
  if (cursor === null) return null;
  const [score, id] = decodeCursor(order, cursor, 'after');
  return { score: Number(score), id: Number(id) };
}

function cursorOf(order: Order, score: number, id: number): string {
  return encodeCursor(order, [String(score), String(id)]);
}
