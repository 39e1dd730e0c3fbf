import type { Scale } from './blend.js';
import { sampledReaders } from './sample.js';
import { throughRows } from './system.js';
import { inverseFrequency } from './tables.js';
import type { Taste } from './taste.js';
import { isLinking } from './walk.js';
import type { FeatureSpace, Workspace } from './workspace.js';

/** One term of a score. Terms of one kind differ in `sourceId`; all terms of a score add up to it. Terms may be negative. */
export interface Contribution {
  readonly kind: ContributionKind;
  /** The tag, the author or the paper that the kind speaks of; null for OTHER_READERS, TRENDING and FRESH. */
  readonly sourceId: number | null;
  /**
   * SHARED_…, RELATED_…, FOLLOWED_…: how many upvoted papers have the tag or author. CO_UPVOTED: how many readers upvoted
   * both. OTHER_READERS: how many they are. TRENDING: readers of the paper. Others: 0.
   */
  readonly support: number;
  readonly contribution: number;
}

/**
 * SHARED_TAG, SHARED_AUTHOR: an upvoted paper has it too. RELATED_…: papers share it which are like the upvoted ones.
 * FOLLOWED_…: the reader follows it. CO_UPVOTED: readers of an upvoted paper upvoted this one too. OTHER_READERS:
 * readers who upvoted none of the upvoted papers, but ones like them. DISMISSED: it is like a dismissed paper. TRENDING:
 * many readers upvoted it lately. FRESH: it was listed lately. REPETITION: it is like a paper that ranks above it.
 * AUTHOR_CAP: its author has enough papers just above it.
 */
export type ContributionKind =
  | `${'SHARED' | 'RELATED' | 'FOLLOWED'}_${'TAG' | 'AUTHOR'}`
  | 'CO_UPVOTED'
  | 'OTHER_READERS'
  | 'DISMISSED'
  | 'TRENDING'
  | 'FRESH'
  | 'REPETITION'
  | 'AUTHOR_CAP';

/** The largest first, by absolute value. */
export function byContribution(one: Contribution, other: Contribution): number {
  return (
    Math.abs(other.contribution) - Math.abs(one.contribution) ||
    (one.kind < other.kind ? -1 : Number(one.kind > other.kind)) ||
    (one.sourceId ?? 0) - (other.sourceId ?? 0)
  );
}

/** The trend's term of a paper. */
export function trendContribution({ matrix }: Workspace, paper: number, contribution: number): Contribution {
  return { kind: 'TRENDING', sourceId: null, support: matrix.readersOfPaper.sizeOf(paper), contribution };
}

/** Makes the terms of scored candidates, by their place in the system. */
export function contributionsIn(workspace: Workspace, taste: Taste, scale: Scale): (place: number) => Contribution[] {
  const { system, spaces } = workspace;
  if (scale.ridge !== 0) throughRows(system, system.vectors.pi, system.rowSum);
  const explained = { workspace, taste, scale, shares: Float64Array.from(taste.history, (paper) => sampledReaders(workspace, paper).share) };
  return (place) => [
    ...readerContributions(explained, place),
    ...spaces.flatMap((space) => featureContributions(explained, space, place)),
    ...dismissalContributions(explained, place),
    trendContribution(workspace, system.papers[place] as number, system.vectors.trend[place] as number),
  ];
}

interface Explained {
  readonly workspace: Workspace;
  readonly taste: Taste;
  readonly scale: Scale;
  /** Readers that each of a sample stands for, by place of the paper in the history. */
  readonly shares: Float64Array;
}

/** A row's part of the ridge, scale · φ · R_ri (Σ_l R_rl π_l − R_ri π_i), of a candidate with this entry in it. */
function ridgePart({ workspace: { system }, scale }: Explained, place: number, { row, entry }: { readonly row: number; readonly entry: number }): number {
  if (scale.ridge === 0 || row < 0) return 0;
  const { phi, pi } = system.vectors;
  return scale.ridge * (phi[place] as number) * entry * ((system.rowSum[row] as number) - entry * (pi[place] as number));
}

/** Each tag and author of the paper has its part of the walk, of the ridge and of the new paper's boost. */
function featureContributions(explained: Explained, space: FeatureSpace, place: number): Contribution[] {
  const { matrix, tables, system } = explained.workspace;
  const { features, rows, followed, kind } = space;
  const paper = system.papers[place] as number;
  const popularity = tables.rootPopularity[matrix.readersOfPaper.sizeOf(paper)] as number;
  const ofWalk = (explained.scale.walk + (system.vectors.taper[place] as number)) * popularity;
  const unit = explained.scale.ridge === 0 ? 0 : (space.unit[place] as number);
  const { pool, start } = features.ofPaper;
  const terms: Contribution[] = [];
  const from = start[paper] as number;
  const end = from + features.ofPaper.sizeOf(paper);
  for (let at = from; at < end; at += 1) {
    const feature = pool[at] as number;
    const frequency = inverseFrequency(tables.logPapers, features.logPapers[feature] as number);
    const entry = isLinking(space, feature) ? unit * features.ofPaper.weightAt(at) * frequency * (rows.rootWeight[feature] as number) : 0;
    const contribution = ofWalk * (rows.mass[feature] as number) + ridgePart(explained, place, { row: space.touched.rowAt(feature), entry });
    if (contribution === 0) continue;
    const support = rows.support[feature] as number;
    const relation = followed[feature] === 1 ? 'FOLLOWED' : support > 0 ? 'SHARED' : 'RELATED';
    terms.push({ kind: `${relation}_${kind}`, sourceId: features.ids.ids[feature] as number, support, contribution });
  }
  return terms;
}

/**
 * Each reader of the paper has a part of the walk and of the ridge. It is shared among the upvoted papers that the
 * reader upvoted too, in proportion to what they gave the reader in the walk, s_h d_h^(−α).
 */
function readerContributions(explained: Explained, place: number): Contribution[] {
  const { workspace, taste, shares } = explained;
  const { matrix, readers, system } = workspace;
  const paper = system.papers[place] as number;
  const byPaper = new Float64Array(taste.history.length);
  const support = new Int32Array(taste.history.length);
  let ofOthers = 0;
  let others = 0;
  const { from, end, share } = sampledReaders(workspace, paper);
  for (let at = from; at < end; at += 1) {
    const reader = matrix.readersOfPaper.pool[at] as number;
    const part = readerPart(explained, place, { reader, share });
    if ((readers.support[reader] as number) > 0) shareAmong(explained, { reader, part }, { byPaper, support });
    else if (part !== 0) {
      ofOthers += part;
      others += 1;
    }
  }
  const terms: Contribution[] = [{ kind: 'OTHER_READERS', sourceId: null, support: Math.round(share * others), contribution: ofOthers }];
  byPaper.forEach((contribution, k) => {
    if (contribution === 0) return;
    const sourceId = matrix.paperIdOf(taste.history[k] as number);
    terms.push({ kind: 'CO_UPVOTED', sourceId, support: Math.round(Math.max(share, shares[k] as number) * (support[k] as number)), contribution });
  });
  return terms;
}

function readerPart(explained: Explained, place: number, { reader, share }: { readonly reader: number; readonly share: number }): number {
  const { matrix, tables, readers, system, weights } = explained.workspace;
  const votes = matrix.readersOfPaper.sizeOf(system.papers[place] as number);
  const ofWalk = explained.scale.walk * (tables.popularity[votes] as number) * readers.partOf(reader, share);
  const entry = Math.sqrt(share * weights.votes) * (tables.readerEntry[matrix.papersOfReader.sizeOf(reader)] as number) * (readers.rootWeight[reader] as number);
  return ofWalk + ridgePart(explained, place, { row: system.touchedReaders.rowAt(reader), entry });
}

function shareAmong(
  { workspace: { links } }: Explained,
  { reader, part }: { readonly reader: number; readonly part: number },
  { byPaper, support }: { readonly byPaper: Float64Array; readonly support: Int32Array },
): void {
  const { head, next, place, given } = links;
  let whole = 0;
  for (let e = (head[reader] as number) - 1; e >= 0; e = next[e] as number) whole += given[e] as number;
  for (let e = (head[reader] as number) - 1; e >= 0; e = next[e] as number) {
    const k = place[e] as number;
    byPaper[k] = (byPaper[k] as number) + (part * (given[e] as number)) / whole;
    support[k] = (support[k] as number) + 1;
  }
}

/** Each dismissed paper takes in proportion to its likeness. */
function dismissalContributions({ workspace, taste, scale }: Explained, place: number): Contribution[] {
  const { matrix, system, parameters } = workspace;
  const each = scale.likeness?.eachFor(system.papers[place] as number) ?? [];
  return each.map((likeness, k): Contribution => ({
    kind: 'DISMISSED',
    sourceId: matrix.paperIdOf(taste.dismissed[k] as number),
    support: 0,
    contribution: -parameters.dismissal * scale.best * likeness,
  }));
}
