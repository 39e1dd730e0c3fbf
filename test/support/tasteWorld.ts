import type { Adjacency } from '../../src/recommender/adjacency.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { chance } from './random.js';

/** One change of a matrix, as the change log has it; null where something went away. */
export type TasteChange =
  | { readonly kind: 'PAPER'; readonly paper: number; readonly listed: number | null }
  | { readonly kind: 'TAG'; readonly paper: number; readonly tag: number; readonly weight: number | null }
  | { readonly kind: 'UPVOTE'; readonly reader: number; readonly paper: number; readonly isPresent: boolean };

export function applyChanges(matrix: TasteMatrix, changes: readonly TasteChange[]): TasteMatrix {
  for (const change of changes) {
    if (change.kind === 'PAPER') matrix.setPaper(change.paper, change.listed);
    else if (change.kind === 'TAG') matrix.setTag(change.paper, change.tag, change.weight);
    else matrix.setUpvote(change.reader, change.paper, change.isPresent);
  }
  return matrix;
}

export const matrixOf = (changes: readonly TasteChange[]): TasteMatrix => applyChanges(new TasteMatrix(), changes);

export const DAY = 86_400;

/** Random changes that a database could have logged: a paper that goes takes its tags and votes with it. */
export function randomChanges(seed: number, count: number): TasteChange[] {
  const random = chance(seed);
  const changes: TasteChange[] = [];
  const live = new Set<number>();
  const links = new Map<string, TasteChange>();
  const add = (key: string, change: TasteChange, isPresent: boolean): void => {
    changes.push(change);
    if (isPresent) links.set(key, change);
    else links.delete(key);
  };
  const list = (paper: number): void => {
    live.add(paper);
    changes.push({ kind: 'PAPER', paper, listed: DAY * random.below(60) });
  };
  for (let paper = 1; paper <= 12; paper += 1) list(paper);
  while (changes.length < count) {
    const paper = random.pick([...live]);
    const turn = random.number();
    if (turn < 0.06) list(1 + random.below(40));
    else if (turn < 0.09 && live.size > 5) {
      for (const [key, link] of links) {
        if (link.paper !== paper) continue;
        if (link.kind === 'TAG') add(key, { ...link, weight: null }, false);
        else if (link.kind === 'UPVOTE') add(key, { ...link, isPresent: false }, false);
      }
      live.delete(paper);
      changes.push({ kind: 'PAPER', paper, listed: null });
    } else if (turn < 0.4) {
      const tag = 1 + random.below(10);
      const weight = random.number() < 0.3 ? null : (1 + random.below(10)) / 10;
      add(`tag ${paper} ${tag}`, { kind: 'TAG', paper, tag, weight }, weight !== null);
    } else {
      const reader = 1 + random.below(15);
      const isPresent = random.number() < 0.7;
      add(`vote ${paper} ${reader}`, { kind: 'UPVOTE', paper, reader, isPresent }, isPresent);
    }
  }
  return changes;
}

/** What is left after all changes, in the order in which a server that starts reads its tables. */
export function finalState(changes: readonly TasteChange[]): TasteChange[] {
  const last = new Map<string, TasteChange>();
  for (const change of changes) {
    const other = change.kind === 'TAG' ? change.tag : change.kind === 'UPVOTE' ? change.reader : 0;
    last.set(`${change.kind} ${change.paper} ${other}`, change);
  }
  const kinds = ['PAPER', 'TAG', 'UPVOTE'];
  const orderOf = (change: TasteChange): number[] =>
    change.kind === 'UPVOTE' ? [2, change.reader, change.paper] : [kinds.indexOf(change.kind), change.paper, change.kind === 'TAG' ? change.tag : 0];
  return [...last.values()].filter(isLeft).sort((one, other) => {
    const [left, right] = [orderOf(one), orderOf(other)];
    const place = left.findIndex((value, index) => value !== right[index]);
    return (left[place] ?? 0) - (right[place] ?? 0);
  });
}

function isLeft(change: TasteChange): boolean {
  if (change.kind === 'PAPER') return change.listed !== null;
  return change.kind === 'TAG' ? change.weight !== null : change.isPresent;
}

/** Everything that a matrix says, in an order of its own: equal for matrices that mean the same. */
export function contentOf(matrix: TasteMatrix): object {
  const { paperIds, readerIds, tagIds } = matrix;
  const papers = paperIds.flatMap((id, paper) => (matrix.isLive(paper) ? [[id, matrix.listedSeconds[paper]]] : []));
  const pairs = (lists: Adjacency, ofList: readonly number[], ofValue: readonly number[]): unknown[][] =>
    ofList.flatMap((id, list) => Array.from(lists.values(list), (value) => [id, ofValue[value], lists.weightOf(list, value)]));
  const sorted = (rows: readonly unknown[][]): string[] => rows.map((row) => row.join(' ')).sort();
  return {
    paperCount: matrix.paperCount,
    voteCount: matrix.voteCount,
    mostReaders: matrix.mostReaders(),
    latest: matrix.latestListedSeconds(),
    papers: sorted(papers),
    tags: sorted(pairs(matrix.tagsOfPaper, paperIds, tagIds)),
    papersOfTag: sorted(pairs(matrix.papersOfTag, tagIds, paperIds)),
    votes: sorted(pairs(matrix.papersOfReader, readerIds, paperIds)),
    readersOfPaper: sorted(pairs(matrix.readersOfPaper, paperIds, readerIds)),
  };
}

/** The papers that a reader has upvoted, by id. */
export function historyIdsOf(matrix: TasteMatrix, readerId: number): number[] {
  return matrix.historyOf(readerId).map((paper) => matrix.paperIds[paper]!);
}
