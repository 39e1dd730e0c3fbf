import type { Features } from './features.js';
import type { Parameters } from './parameters.js';
import type { TasteMatrix } from './tasteMatrix.js';

/** What a ranking goes out from, by index. */
export interface Taste {
  /** Whose taste it is: their own votes are no co-reader's; −1 for nobody's. */
  readonly reader: number;
  /** Upvoted papers that are read, at most `mostHistory`, in the order of their ids. */
  readonly history: Int32Array;
  /** Papers that are never recommended: upvoted and dismissed ones. */
  readonly known: Int32Array;
  /** Papers that must not be shown: those with a muted tag or author, which may come twice, and, of `unwantedBy`, dismissed ones. */
  readonly unwanted: Int32Array;
  readonly dismissed: Int32Array;
  /** Papers whose upvote teaches nothing: they rank as though unknown, and are left out of what is recommended. */
  readonly unlearned: Int32Array;
  readonly followed: { readonly TAG: Int32Array; readonly AUTHOR: Int32Array };
}

export interface TasteSource {
  /** The reader; null for an anonymous request. */
  readonly readerId?: number | null;
  /** Papers that stand for the reader's upvotes, by id; without them those of the matrix do. */
  readonly historyIds?: readonly number[];
  /** A reader whose taste is not asked for, and who is to be shown nothing that they dismissed or muted. */
  readonly unwantedBy?: number | null;
}

const NONE = new Int32Array(0);

export function tasteOf(matrix: TasteMatrix, { readerId = null, historyIds, unwantedBy = null }: TasteSource, parameters: Parameters): Taste {
  const reader = readerId === null ? -1 : matrix.readerAt(readerId);
  const own = reader < 0 ? NONE : matrix.papersOfReader.values(reader);
  const upvoted = livePapers(matrix, historyIds === undefined ? own : historyIds.map((id) => matrix.papers.at(id)));
  const dismissed = livePapers(matrix, reader < 0 ? NONE : matrix.dismissedBy.values(reader));
  const known = new Int32Array(upvoted.length + dismissed.length);
  known.set(upvoted);
  known.set(dismissed, upvoted.length);
  return {
    reader,
    history: leastUpvoted(matrix, upvoted, parameters.mostHistory),
    known,
    unwanted: unwantedBy === null ? mutedPapers(matrix, reader) : unwantedPapers(matrix, matrix.readerAt(unwantedBy)),
    // The latest papers: what bores a reader changes.
    dismissed: dismissed.slice(-parameters.mostDismissals),
    unlearned: livePapers(matrix, reader < 0 ? NONE : matrix.unlearnedBy.values(reader)),
    followed: { TAG: followedIn(matrix.tags, reader, parameters), AUTHOR: followedIn(matrix.authors, reader, parameters) },
  };
}

export function isEmpty({ history, dismissed, followed }: Taste): boolean {
  return history.length + dismissed.length + followed.TAG.length + followed.AUTHOR.length === 0;
}

/** Papers with a muted tag or author; a paper with two of them comes twice. */
function mutedPapers(matrix: TasteMatrix, reader: number): Int32Array {
  const lists = [matrix.tags, matrix.authors].flatMap(({ mutedBy, papersOf }) => Array.from(mutedBy.values(reader), (feature) => papersOf.values(feature)));
  return lists.length === 0 ? NONE : joined(lists).filter((paper) => matrix.isLive(paper));
}

function unwantedPapers(matrix: TasteMatrix, reader: number): Int32Array {
  return reader < 0 ? NONE : joined([livePapers(matrix, matrix.dismissedBy.values(reader)), mutedPapers(matrix, reader)]);
}

function joined(lists: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  return all;
}

/** The papers that are there, once each, in the order of their ids. */
function livePapers(matrix: TasteMatrix, papers: Int32Array | readonly number[]): Int32Array {
  const live = [...new Set(papers)].filter((paper) => paper >= 0 && matrix.isLive(paper));
  return matrix.sortById(Int32Array.from(live));
}

/** At most so many papers: of a library of thousands, those that fewest upvoted, which tell readers apart. */
function leastUpvoted(matrix: TasteMatrix, papers: Int32Array, most: number): Int32Array {
  if (papers.length <= most) return papers;
  const votes = matrix.readersOfPaper;
  const rarest = papers.slice().sort((one, other) => votes.sizeOf(one) - votes.sizeOf(other) || matrix.paperIdOf(one) - matrix.paperIdOf(other));
  return matrix.sortById(rarest.slice(0, most));
}

/** The followed features of fewest papers, which say most; one without papers says nothing. */
function followedIn({ followedBy, papersOf, ids }: Features, reader: number, { mostFollows }: Parameters): Int32Array {
  const followed = followedBy.values(reader).filter((feature) => papersOf.sizeOf(feature) > 0);
  if (followed.length <= mostFollows) return followed;
  const byPapers = (one: number, other: number): number => papersOf.sizeOf(one) - papersOf.sizeOf(other) || (ids.ids[one] as number) - (ids.ids[other] as number);
  return followed.sort(byPapers).slice(0, mostFollows);
}
