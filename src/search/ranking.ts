import { decodeCursor, encodeCursor, type Order, type Page, type PageOf } from '../database/lists.js';
import { BLENDED } from './limits.js';

/** A paper that was found, and how well the words fit it (ts_rank). */
export interface Hit {
  readonly id: number;
  readonly rank: number;
}

/** A hit in its place. */
export interface RankedHit {
  readonly id: number;
  /** Its rank as a share of the best one's. */
  readonly relevance: number;
  /** What the viewer's own ranking says of it, as a share of the most that it says of one; null where it was not asked. */
  readonly personal: number | null;
  readonly score: number;
  /** Hits of a higher band come first, in it those with a higher value. */
  readonly place: { readonly band: number; readonly value: number };
}

/** Hits in their order: the best rank first, of equals the latest paper. */
export function byRelevance(hits: readonly Hit[]): RankedHit[] {
  const best = hits.reduce((most, { rank }) => Math.max(most, rank), 0);
  const ranked = hits.map(({ id, rank }): RankedHit => {
    const relevance = best === 0 ? 0 : rank / best;
    return { id, relevance, personal: null, score: relevance, place: { band: 0, value: rank } };
  });
  return ranked.sort(inOrder);
}

/** The best hits by (1 − weight) · relevance + weight · personal, before the others. */
export function blended(ranked: readonly RankedHit[], weight: number, scores: ReadonlyMap<number, number>): RankedHit[] {
  const most = [...scores.values()].reduce((max, score) => Math.max(max, Math.abs(score)), 0);
  const best = ranked.slice(0, BLENDED).map((hit): RankedHit => {
    const personal = most === 0 ? 0 : (scores.get(hit.id) ?? 0) / most;
    const score = (1 - weight) * hit.relevance + weight * personal;
    return { ...hit, personal, score, place: { band: 1, value: score } };
  });
  return [...best.sort(inOrder), ...ranked.slice(BLENDED)];
}

/** Blends with different weights are different orders. */
export function orderOf(weight: number): Order {
  return {
    name: weight === 0 ? 'search.relevance' : `search.blended.${weight}`,
    descending: true,
    keys: [
      { column: 'band', type: 'int4' },
      { column: 'value', type: 'float8' },
      { column: 'id', type: 'int4' },
    ],
  };
}

/** A page of hits that are there as a whole; throws BAD_USER_INPUT for a cursor of another order. */
export function pageOf(ranked: readonly RankedHit[], order: Order, page: Page): PageOf<RankedHit> {
  const [after, before] = [placeOf(order, 'after', page.after), placeOf(order, 'before', page.before)];
  const range = ranked.filter((hit) => (after === null || inOrder(after, hit) < 0) && (before === null || inOrder(hit, before) < 0));
  const rows = page.fromEnd ? range.slice(-page.limit) : range.slice(0, page.limit);
  const isCut = range.length > page.limit;
  return {
    rows,
    cursors: rows.map(({ id, place }) => encodeCursor(order, [String(place.band), String(place.value), String(id)])),
    hasNextPage: page.fromEnd ? page.before !== null : isCut,
    hasPreviousPage: page.fromEnd ? isCut : page.after !== null,
  };
}

type Placed = Pick<RankedHit, 'id' | 'place'>;

function inOrder(one: Placed, other: Placed): number {
  return other.place.band - one.place.band || other.place.value - one.place.value || other.id - one.id;
}

function placeOf(order: Order, field: 'after' | 'before', cursor: string | null): Placed | null {
  if (cursor === null) return null;
  const [band, value, id] = decodeCursor(order, cursor, field).map(Number) as [number, number, number];
  return { id, place: { band, value } };
}
