import type { Scale } from './blend.js';
import { inverseFrequency, rowAt, throughRows } from './system.js';
import type { Workspace } from './workspace.js';

/** One term of a score. Terms of one kind differ in `sourceId`; all terms of a score add up to it. Terms may be negative. */
export interface Contribution {
  /**
   * SHARED_TAG: a tag that an upvoted paper has too. RELATED_TAG: a tag that papers share which are like the upvoted
   * ones. CO_UPVOTED: an upvoted paper whose readers upvoted this one too. OTHER_READERS: readers who upvoted none of
   * the upvoted papers, but ones like them. TRENDING: many readers upvoted it lately.
   */
  readonly kind: 'SHARED_TAG' | 'RELATED_TAG' | 'CO_UPVOTED' | 'OTHER_READERS' | 'TRENDING';
  /** The tag, or the upvoted paper; null for OTHER_READERS and TRENDING. */
  readonly sourceId: number | null;
  /**
   * SHARED_TAG, RELATED_TAG: how many upvoted papers have the tag. CO_UPVOTED: how many readers upvoted both.
   * OTHER_READERS: how many they are. TRENDING: readers of the paper.
   */
  readonly support: number;
  readonly contribution: number;
}

/** The largest first, by absolute value. */
export function byContribution(one: Contribution, other: Contribution): number {
  return (
    Math.abs(other.contribution) - Math.abs(one.contribution) ||
    (one.kind < other.kind ? -1 : Number(one.kind > other.kind)) ||
    (one.sourceId ?? 0) - (other.sourceId ?? 0)
  );
}

/** The trend's term of a paper. */
export function trendContribution({ matrix, trend }: Workspace, paper: number): Contribution {
  return { kind: 'TRENDING', sourceId: null, support: matrix.readersOfPaper.sizeOf(paper), contribution: trend.scoreOf(paper) };
}

/** Makes the terms of scored candidates, by their place in the system. */
export function contributionsIn(workspace: Workspace, history: Int32Array, scale: Scale): (place: number) => Contribution[] {
  const { system, reached } = workspace;
  history.forEach((paper, k) => {
    reached.placeInHistory[paper] = k;
  });
  if (scale.ridge !== 0) throughRows(system, system.vectors.pi, system.rowSum);
  return (place) => [
    ...readerContributions({ workspace, history, scale }, place),
    ...tagContributions({ workspace, history, scale }, place),
    trendContribution(workspace, system.papers[place] as number),
  ].filter((term) => term.contribution !== 0).sort(byContribution);
}

interface Explained {
  readonly workspace: Workspace;
  readonly history: Int32Array;
  readonly scale: Scale;
}

/** A row's part of the ridge, scale · φ · R_ri (Σ_l R_rl π_l − R_ri π_i), of a candidate with this entry in it. */
function ridgePart({ workspace: { system }, scale }: Explained, place: number, { row, entry }: { readonly row: number; readonly entry: number }): number {
  if (scale.ridge === 0 || row < 0) return 0;
  const { phi, pi } = system.vectors;
  return scale.ridge * (phi[place] as number) * entry * ((system.rowSum[row] as number) - entry * (pi[place] as number));
}

/** Each tag of the paper has its part of the walk, of the ridge and of the new paper's boost. */
function tagContributions(explained: Explained, place: number): Contribution[] {
  const { matrix, tables, rows, system } = explained.workspace;
  const paper = system.papers[place] as number;
  const popularity = tables.popularity[matrix.readersOfPaper.sizeOf(paper)] as number;
  const ofWalk = (explained.scale.walk + (system.vectors.taper[place] as number)) * Math.sqrt(popularity);
  const unit = system.vectors.tagUnit[place] as number;
  return Array.from(matrix.tagsOfPaper.values(paper), (tag) => {
    const frequency = inverseFrequency(tables.logPapers, tables.log[matrix.papersOfTag.sizeOf(tag)] as number);
    const entry = explained.scale.ridge === 0 ? 0 : unit * (matrix.tagsOfPaper.weightOf(paper, tag) ?? 0) * frequency;
    const part = ridgePart(explained, place, { row: rowAt(system.tagRow, tag), entry });
    const support = rows.tagSupport[tag] as number;
    const contribution = ofWalk * (rows.tagMass[tag] as number) + part;
    return { kind: support > 0 ? 'SHARED_TAG' : 'RELATED_TAG', sourceId: matrix.tagIds[tag] as number, support, contribution };
  });
}

/**
 * Each reader of the paper has a part of the walk and of the ridge. It is shared among the upvoted papers that the
 * reader upvoted too, in proportion to what they gave the reader in the walk, d_h^(−α).
 */
function readerContributions(explained: Explained, place: number): Contribution[] {
  const { workspace, history } = explained;
  const { matrix, rows } = workspace;
  const byPaper = new Float64Array(history.length);
  const support = new Int32Array(history.length);
  let ofOthers = 0;
  let others = 0;
  for (const reader of matrix.readersOfPaper.values(workspace.system.papers[place] as number)) {
    const part = readerPart(explained, place, reader);
    if ((rows.readerMass[reader] as number) > 0) shareAmong(explained, { reader, part }, { byPaper, support });
    else if (part !== 0) {
      ofOthers += part;
      others += 1;
    }
  }
  const terms: Contribution[] = [{ kind: 'OTHER_READERS', sourceId: null, support: others, contribution: ofOthers }];
  byPaper.forEach((contribution, k) => {
    const sourceId = matrix.paperIds[history[k] as number] as number;
    terms.push({ kind: 'CO_UPVOTED', sourceId, support: support[k] as number, contribution });
  });
  return terms;
}

function readerPart(explained: Explained, place: number, reader: number): number {
  const { matrix, tables, rows, system } = explained.workspace;
  const votes = matrix.readersOfPaper.sizeOf(system.papers[place] as number);
  const ofWalk = explained.scale.walk * (tables.popularity[votes] as number) * (rows.readerMass[reader] as number);
  const entry = tables.readerEntry[matrix.papersOfReader.sizeOf(reader)] as number;
  return ofWalk + ridgePart(explained, place, { row: rowAt(system.readerRow, reader), entry });
}

function shareAmong(
  { workspace: { matrix, tables, reached }, history }: Explained,
  { reader, part }: { readonly reader: number; readonly part: number },
  { byPaper, support }: { readonly byPaper: Float64Array; readonly support: Int32Array },
): void {
  const { placeInHistory } = reached;
  const votes = matrix.readersOfPaper.size;
  const linked: number[] = [];
  let whole = 0;
  for (const paper of matrix.papersOfReader.values(reader)) {
    const k = placeInHistory[paper] as number;
    if (history[k] !== paper) continue;
    linked.push(k);
    whole += tables.degree[votes[paper] as number] as number;
  }
  for (const k of linked) {
    const degree = tables.degree[votes[history[k] as number] as number] as number;
    byPaper[k] = (byPaper[k] as number) + (part * degree) / whole;
    support[k] = (support[k] as number) + 1;
  }
}
