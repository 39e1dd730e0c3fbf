import type { Contribution } from './contributions.js';
import type { Marginal, PapersAbove } from './papersAbove.js';
import { freshnessOf } from './trend.js';
import type { Workspace } from './workspace.js';

/** A candidate in its place of the ranking. */
export interface RankedPaper {
  readonly paper: number;
  /** In the system of candidates; −1 for a paper that is none. */
  readonly place: number;
  /** Falls, or stays with falling ids, from paper to paper. */
  readonly score: number;
  /** What rules added to the score that taste gave. */
  readonly adjustments: readonly Contribution[];
}

/**
 * A rule of order: takes a ranking and gives one of the same papers, whose scores account for what it did. It reads no
 * further than it is read.
 */
export type Rule = (ranked: Iterable<RankedPaper>) => Iterable<RankedPaper>;

/** The rules of a request, in the order in which they apply. */
export function rulesOf(workspace: Workspace, best: number): Rule[] {
  const { parameters, weights } = workspace;
  return [
    freshFirst(workspace, freshGain(workspace, best)),
    diverse(workspace, { loss: weights.diversity * parameters.diversity * best, places: parameters.diversePlaces }),
    cappedByAuthor(workspace, { most: parameters.mostOfAuthor, window: parameters.authorWindow }),
  ];
}

/** What the latest listed paper gains. */
export function freshGain({ parameters, weights }: Pick<Workspace, 'parameters' | 'weights'>, best: number): number {
  return weights.freshness * parameters.freshness * best;
}

/** The order of a ranking: the highest score first, then the larger id. */
export function byScore({ matrix }: Pick<Workspace, 'matrix'>): (one: RankedPaper, other: RankedPaper) => number {
  return (one, other) => other.score - one.score || matrix.paperIdOf(other.paper) - matrix.paperIdOf(one.paper);
}

/** Adds `gain` · 2^(−age / half-life). */
export function freshFirst(workspace: Workspace, gain: number): Rule {
  if (gain === 0) return (ranked) => ranked;
  const isBefore = byScore(workspace);
  return function* (ranked) {
    const waiting: RankedPaper[] = [];
    for (const item of ranked) {
      // What is yet to come has at most this score and the whole gain.
      while (waiting.length > 0 && (waiting[0] as RankedPaper).score > item.score + gain) yield waiting.shift() as RankedPaper;
      const fresh = adjusted(item, { kind: 'FRESH', sourceId: null, contribution: gain * freshnessOf(workspace.matrix, item.paper) });
      let place = waiting.length;
      while (place > 0 && isBefore(fresh, waiting[place - 1] as RankedPaper) < 0) place -= 1;
      waiting.splice(place, 0, fresh);
    }
    yield* waiting;
  };
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): each place goes to the paper with the largest score −
 * `loss` · its largest likeness to a paper above it, for so many places; the rest keeps what it lost to those. What is
 * left to gain only falls with every place, so scores fall too, and a paper is looked at only while its score
 * without loss could still win.
 */
export function diverse(workspace: Workspace, { loss, places }: { readonly loss: number; readonly places: number }): Rule {
  if (loss === 0) return (ranked) => ranked;
  return function* (ranked) {
    const above = workspace.above.begin(workspace);
    const left = new Unplaced(ranked);
    while (above.count < places) {
      const next = largestMargin(left, { workspace, above, loss });
      if (next < 0) return;
      const marginal = left.take(next);
      above.add(marginal.item.paper);
      yield withLoss(workspace, marginal, loss);
    }
    const rest = left.takeAll();
    for (const marginal of rest) above.compare(marginal);
    yield* rest.map((marginal) => withLoss(workspace, marginal, loss)).sort(byScore(workspace));
  };
}

interface Margin extends Marginal {
  readonly item: RankedPaper;
}

/** The papers of a ranking that have no place yet, in its order, read as far as they are asked for. */
class Unplaced {
  private readonly read: Margin[] = [];
  private readonly source: Iterator<RankedPaper>;

  constructor(ranked: Iterable<RankedPaper>) {
    this.source = ranked[Symbol.iterator]();
  }

  /** The kth of them; null where there are not so many. */
  at(k: number): Margin | null {
    while (this.read.length <= k) {
      const next = this.source.next();
      if (next.done === true) return null;
      this.read.push({ item: next.value, paper: next.value.paper, likest: -1, likeness: 0, compared: 0, length: NaN });
    }
    return this.read[k] as Margin;
  }

  take(k: number): Margin {
    return this.read.splice(k, 1)[0] as Margin;
  }

  takeAll(): Margin[] {
    while (this.at(this.read.length) !== null);
    return this.read.splice(0);
  }
}

/** Place of the largest value; ties go to the larger id; −1 for nothing left. */
function largestMargin(left: Unplaced, { workspace, above, loss }: { readonly workspace: Workspace; readonly above: PapersAbove; readonly loss: number }): number {
  const idOf = ({ item }: Margin): number => workspace.matrix.paperIdOf(item.paper);
  let best: Margin | null = null;
  let place = -1;
  let largest = -Infinity;
  for (let k = 0, marginal = left.at(0); marginal !== null && marginal.item.score >= largest; k += 1, marginal = left.at(k)) {
    if (marginal.item.score - loss * marginal.likeness < largest) continue;
    above.compare(marginal);
    const value = marginal.item.score - loss * marginal.likeness;
    if (value < largest || (best !== null && value === largest && idOf(marginal) < idOf(best))) continue;
    best = marginal;
    place = k;
    largest = value;
  }
  return place;
}

function withLoss({ matrix }: Workspace, { item, likeness, likest }: Margin, loss: number): RankedPaper {
  if (likeness === 0) return item;
  return adjusted(item, { kind: 'REPETITION', sourceId: matrix.paperIdOf(likest), contribution: -loss * likeness });
}

/**
 * No author has more than `most` papers in any `window` places in a row, as long as there are papers by others: a paper that
 * would be one too many waits, and has a score just below that of the paper it then follows, or its own where that is lower.
 */
export function cappedByAuthor(workspace: Workspace, { most, window }: { readonly most: number; readonly window: number }): Rule {
  const authorsOf = (paper: number): Int32Array => workspace.matrix.authors.ofPaper.values(paper);
  return function* (ranked) {
    const recent = new RecentAuthors(authorsOf, { most, places: window - 1 });
    const waiting: RankedPaper[] = [];
    let last: RankedPaper | null = null;
    for (const item of ranked) {
      // A tie with the last one comes before any that waited.
      while (last !== null && item.score < below(last.score)) {
        const next = waiting.findIndex(({ paper }) => recent.hasRoomFor(paper));
        if (next < 0) break;
        last = lowered(waiting.splice(next, 1)[0] as RankedPaper, last.score);
        recent.add(last.paper);
        yield last;
      }
      if (!recent.hasRoomFor(item.paper)) {
        waiting.push(item);
        continue;
      }
      last = item;
      recent.add(item.paper);
      yield item;
    }
    while (waiting.length > 0) {
      const next = Math.max(0, waiting.findIndex(({ paper }) => recent.hasRoomFor(paper)));
      const item = waiting.splice(next, 1)[0] as RankedPaper;
      last = last === null ? item : lowered(item, last.score);
      recent.add(last.paper);
      yield last;
    }
  };
}

/** Counts the authors of the last places. */
class RecentAuthors {
  private readonly papers: number[] = [];
  private readonly counts = new Map<number, number>();

  constructor(
    private readonly authorsOf: (paper: number) => Int32Array,
    private readonly limits: { readonly most: number; readonly places: number },
  ) {}

  hasRoomFor(paper: number): boolean {
    return this.authorsOf(paper).every((author) => (this.counts.get(author) ?? 0) < this.limits.most);
  }

  add(paper: number): void {
    this.papers.push(paper);
    this.count(paper, 1);
    if (this.papers.length > this.limits.places) this.count(this.papers.shift() as number, -1);
  }

  private count(paper: number, step: 1 | -1): void {
    for (const author of this.authorsOf(paper)) this.counts.set(author, (this.counts.get(author) ?? 0) + step);
  }
}

/** The score is set rather than added up to: rounding would lift it above the last one where that is much smaller. */
function lowered(item: RankedPaper, last: number): RankedPaper {
  if (item.score < last) return item;
  const score = below(last);
  return { ...adjusted(item, { kind: 'AUTHOR_CAP', sourceId: null, contribution: score - item.score }), score };
}

/** A number just below another one. */
function below(value: number): number {
  return value - Math.max(Math.abs(value) * Number.EPSILON, Number.MIN_VALUE);
}

function adjusted(item: RankedPaper, { kind, sourceId, contribution }: Omit<Contribution, 'support'>): RankedPaper {
  return { ...item, score: item.score + contribution, adjustments: [...item.adjustments, { kind, sourceId, support: 0, contribution }] };
}

