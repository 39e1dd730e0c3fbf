import type { Features } from './features.js';
import { DEFAULTS, type Parameters } from './parameters.js';
import { tasteOf } from './taste.js';
import type { TasteMatrix } from './tasteMatrix.js';
import { clearWalk, FOLLOW_WEIGHT, spreadHistory } from './walk.js';
import { workspaceOf } from './workspace.js';

/** What a ranking reads of a reader, by id. */
export interface TasteProfile {
  readonly upvoted: readonly number[];
  readonly dismissed: readonly number[];
  readonly tags: readonly number[];
  readonly authors: readonly number[];
  /** How much each of these counts: an upvoted paper 1. */
  readonly weights: { readonly upvote: number; readonly dismissal: number; readonly follow: number };
  /** The tags that the walk goes out by, the largest share first; shares add up to 1. */
  readonly tagShares: readonly TagShare[];
}

export interface TagShare {
  readonly tagId: number;
  readonly share: number;
  /** Upvoted papers that have the tag. */
  readonly support: number;
}

/**
 * What the engine sees of a reader, by the very steps of a ranking: the papers, tags and authors that it goes out from, and
 * each tag's part of the mass that the walk gives to tags next to them, h_t = Σ t_i^(−α) over the upvoted papers i, t_i their
 * number of tags, and 1 for a follow.
 */
export function profileOf(matrix: TasteMatrix, readerId: number, parameters: Parameters = DEFAULTS): TasteProfile {
  const workspace = workspaceOf(matrix, parameters);
  const taste = tasteOf(matrix, { readerId }, parameters);
  const idsOf = (features: Features, indices: Int32Array): number[] => Array.from(indices, (index) => features.ids.ids[index] as number);
  const paperIds = (papers: Int32Array): number[] => Array.from(papers, (paper) => matrix.paperIdOf(paper));
  try {
    spreadHistory(workspace, taste);
    const rows = workspace.spaces.find(({ kind }) => kind === 'TAG')?.rows;
    return {
      upvoted: paperIds(taste.history),
      dismissed: paperIds(taste.dismissed),
      tags: idsOf(matrix.tags, taste.followed.TAG),
      authors: idsOf(matrix.authors, taste.followed.AUTHOR),
      weights: { upvote: 1, dismissal: -parameters.dismissal, follow: FOLLOW_WEIGHT },
      tagShares: rows === undefined ? [] : sharesOf(matrix.tags, rows),
    };
  } finally {
    clearWalk(workspace, taste);
  }
}

interface Rows {
  readonly ids: Int32Array;
  readonly mass: Float64Array;
  readonly support: Int32Array;
  readonly count: number;
}

function sharesOf({ ids }: Features, { ids: rows, mass, support, count }: Rows): TagShare[] {
  const reached = Array.from(rows.subarray(0, count), (row) => ({ tagId: ids.ids[row] as number, mass: mass[row] as number, support: support[row] as number }));
  const whole = reached.reduce((sum, tag) => sum + tag.mass, 0);
  return reached
    .map((tag) => ({ tagId: tag.tagId, share: tag.mass / whole, support: tag.support }))
    .sort((one, other) => other.share - one.share || one.tagId - other.tagId);
}
