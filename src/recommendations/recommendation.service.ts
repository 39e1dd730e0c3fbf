import { decodeCursor, encodeCursor, type Order } from '../database/lists.js';
import { DomainError } from '../errors.js';
import type { TasteChange } from '../recommender/change.js';
import { MODEL_VERSION } from '../recommender/parameters.js';
import type { Recommendation, RecommendRequest } from '../recommender/recommend.js';
import type { RelatedTag } from '../recommender/relatedTags.js';
import type { SimilarReader } from '../recommender/similarReaders.js';
import type { Weights } from '../recommender/workspace.js';
import { encodeMoment, type Moment } from './asOf.js';
import type { MatrixState, RankingAnswer } from './engineJobs.js';
import type { TasteFollower } from './tasteFollower.js';

/** A page of a ranking: each item with its cursor. */
export interface RankingPage<Item> {
  readonly items: readonly { readonly item: Item; readonly cursor: string }[];
  /** Of the items. */
  readonly cursors: readonly string[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly total: number;
}

/** A page of recommendations, and what it knew. */
export interface RecommendationsPage extends RankingPage<Recommendation> {
  readonly asOf: string;
  /** The first papers of the ranking as it is and as supposed, by id; null where nothing is supposed. */
  readonly compared: { readonly actualIds: readonly number[]; readonly supposedIds: readonly number[] } | null;
}

export interface RankingRange {
  readonly first: number;
  readonly after: string | null;
}

/** A range of papers. */
export interface PaperRange extends RankingRange {
  /** Whether contributions are wanted; they are when left out. */
  readonly hasReasons?: boolean;
}

/** What a caller supposes about the reader. */
export interface Supposition {
  readonly changes: readonly TasteChange[];
  readonly weights: Weights | null;
}

export interface RecommendationQuery extends PaperRange {
  /** Null for an anonymous request. */
  readonly readerId: number | null;
  readonly supposition?: Supposition;
  /** Null for now. */
  readonly moment?: Moment | null;
  /** The only model that may answer; null for any. */
  readonly modelVersion?: string | null;
}

/** Given papers in the order of a reader; all at once, with `first` of as many. */
export interface AmongQuery extends PaperRange {
  readonly readerId: number | null;
  readonly paperIds: readonly number[];
  /** Null for now. */
  readonly moment?: Moment | null;
}

/** Stands for an anonymous reader in suppositions: no account has this id. */
export const NOBODY = 0;
/** Places that a supposed ranking is compared in. */
const COMPARED = 100;

export const BY_SCORE = (name: string): Order => ({
  name,
  descending: true,
  keys: [
    { column: 'score', type: 'float8' },
    { column: 'id', type: 'int4' },
  ],
});
const RECOMMENDATIONS = BY_SCORE('recommendations');
const AMONG = BY_SCORE('for-you');
const SIMILAR = BY_SCORE('similar');
const RELATED = BY_SCORE('related-tags');
const SIMILAR_READERS = BY_SCORE('similar-readers');

/** What the recommender says, over what is committed by the time of the call. */
export class RecommendationService {
  constructor(private readonly taste: TasteFollower) {}

  /**
   * Papers for a reader; for one who has said nothing, by trend. Throws BAD_USER_INPUT for a foreign cursor or a moment
   * out of reach, CONFLICT for a model that is not this server's.
   */
  async forReader({ readerId, supposition, moment = null, modelVersion = null, ...range }: RecommendationQuery): Promise<RecommendationsPage> {
    if (modelVersion !== null && modelVersion !== MODEL_VERSION) {
      throw new DomainError('CONFLICT', `modelVersion must be ${MODEL_VERSION}, which this server runs, received ${JSON.stringify(modelVersion)}`, 'modelVersion');
    }
    const weights = supposition?.weights ?? undefined;
    const request = toRequest({ readerId: readerId ?? (supposition === undefined ? null : NOBODY), ...(weights !== undefined && { weights }) }, RECOMMENDATIONS, range);
    const { answer, asOf } = await this.rank(request, { supposition, moment });
    const { page, ...compared } = answer;
    return { ...toPage(page, RECOMMENDATIONS, range), asOf, compared: supposition === undefined ? null : compared };
  }

  /**
   * Given papers in a reader's order, without those that they dismissed or muted; for one who has said nothing, by trend. Throws
   * BAD_USER_INPUT for a foreign cursor or a moment out of reach.
   */
  async forReaderAmong({ readerId, paperIds, moment = null, ...range }: AmongQuery): Promise<RankingPage<Recommendation>> {
    const request = { ...toRequest({ readerId }, AMONG, range), amongIds: Int32Array.from(paperIds) };
    const jobAt = (past: string | null) => ({ kind: 'recommendAmong' as const, request, past });
    const page = moment === null ? (await this.taste.ask(jobAt(null))).answer : await this.taste.askAt(moment, jobAt);
    return toPage(page, AMONG, range);
  }

  /** What `forReaderAmong` scores each of these papers with; dismissed and muted ones have no score. */
  async scoresOf(readerId: number | null, paperIds: readonly number[]): Promise<Map<number, number>> {
    if (paperIds.length === 0) return new Map();
    const { items } = await this.forReaderAmong({ readerId, paperIds, first: paperIds.length, after: null, hasReasons: false });
    return new Map(items.map(({ item }) => [item.paperId, item.score]));
  }

  /**
   * Papers like one: what would be recommended to a reader who upvoted it alone, without what the viewer dismissed or muted.
   * Throws BAD_USER_INPUT for a foreign cursor.
   */
  async similarTo(paperId: number, viewerId: number | null, range: PaperRange): Promise<RecommendationsPage> {
    const { answer, asOf } = await this.rank(toRequest({ historyIds: [paperId], unwantedBy: viewerId }, SIMILAR, range), { moment: null });
    return { ...toPage(answer.page, SIMILAR, range), asOf, compared: null };
  }

  /** Tags that stand on the same papers as one. Throws BAD_USER_INPUT for a foreign cursor. */
  async relatedTo(tagId: number, range: RankingRange): Promise<RankingPage<RelatedTag>> {
    const { answer } = await this.taste.ask({ kind: 'relatedTags', tagId });
    return pageOf(answer.map((item) => ({ item, score: item.similarity, id: item.tagId })), RELATED, range);
  }

  /** Readers who upvoted what one did. Throws BAD_USER_INPUT for a foreign cursor. */
  async readersLike(readerId: number, range: RankingRange): Promise<RankingPage<SimilarReader>> {
    const { answer } = await this.taste.ask({ kind: 'similarReaders', readerId });
    return pageOf(answer.map((item) => ({ item, score: item.similarity, id: item.readerId })), SIMILAR_READERS, range);
  }

  /** What this server's matrix holds, and when. */
  async state(): Promise<MatrixState & { readonly asOf: string }> {
    const { answer, snapshot } = await this.taste.ask({ kind: 'state' });
    return { ...answer, asOf: encodeMoment(snapshot) };
  }

  private async rank(request: RecommendRequest, { supposition, moment }: { readonly supposition?: Supposition | undefined; readonly moment: Moment | null }): Promise<{ answer: RankingAnswer; asOf: string }> {
    const jobAt = (past: string | null) => ({ kind: 'recommend' as const, request, past });
    const supposingAt = (past: string | null) => ({ kind: 'suppose' as const, request, changes: supposition?.changes ?? [], past, compared: COMPARED });
    if (moment === null) {
      const { answer, snapshot } = await (supposition === undefined ? this.taste.ask(jobAt(null)) : this.taste.ask(supposingAt(null)));
      return { answer, asOf: encodeMoment(snapshot) };
    }
    const answer = await (supposition === undefined ? this.taste.askAt(moment, jobAt) : this.taste.askAt(moment, supposingAt));
    return { answer, asOf: 'snapshot' in moment ? encodeMoment(moment.snapshot) : moment.instant.toISOString() };
  }
}

function toRequest(source: Pick<RecommendRequest, 'readerId' | 'historyIds' | 'unwantedBy' | 'weights'>, order: Order, { first, after, hasReasons = true }: PaperRange): RecommendRequest {
  const place = placeOf(order, after);
  return { ...source, limit: first, ...(!hasReasons && { reasons: 0 }), after: place === null ? null : { score: place.score, paperId: place.id } };
}

function toPage({ items, hasMore, total }: RankingAnswer['page'], order: Order, { after }: RankingRange): RankingPage<Recommendation> {
  return {
    ...withCursors(items.map((item) => ({ item, cursor: cursorOf(order, item.score, item.paperId) }))),
    hasNextPage: hasMore,
    hasPreviousPage: after !== null,
    total,
  };
}

/** A page of a ranking that is there as a whole, ties by the smaller id. */
export function pageOf<Item>(ranked: readonly { readonly item: Item; readonly score: number; readonly id: number }[], order: Order, { first, after }: RankingRange): RankingPage<Item> {
  const place = placeOf(order, after);
  const below = place === null ? ranked : ranked.filter(({ score, id }) => score < place.score || (score === place.score && id > place.id));
  return {
    ...withCursors(below.slice(0, first).map(({ item, score, id }) => ({ item, cursor: cursorOf(order, score, id) }))),
    hasNextPage: below.length > first,
    hasPreviousPage: after !== null,
    total: ranked.length,
  };
}

function withCursors<Item>(items: RankingPage<Item>['items']): Pick<RankingPage<Item>, 'items' | 'cursors'> {
  return { items, cursors: items.map(({ cursor }) => cursor) };
}

function placeOf(order: Order, cursor: string | null): { score: number; id: number } | null {
  if (cursor === null) return null;
  const [score, id] = decodeCursor(order, cursor, 'after');
  return { score: Number(score), id: Number(id) };
}

function cursorOf(order: Order, score: number, id: number): string {
  return encodeCursor(order, [String(score), String(id)]);
}
