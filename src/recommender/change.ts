/** What a change is about, and what its subject and object are. */
export const CHANGE_KINDS = ['PAPER', 'TAG', 'AUTHOR', 'UPVOTE', 'DISMISSAL', 'TAG_FOLLOW', 'AUTHOR_FOLLOW', 'TAG_MUTE', 'AUTHOR_MUTE'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A fact that came, changed or went. Applying one twice changes nothing. */
export interface TasteChange {
  readonly kind: ChangeKind;
  /** PAPER, TAG, AUTHOR: a paper's id. The others: a reader's. */
  readonly subject: number;
  /** TAG, TAG_FOLLOW, TAG_MUTE: a tag's id. AUTHOR, AUTHOR_FOLLOW, AUTHOR_MUTE: an author's. UPVOTE, DISMISSAL: a paper's. PAPER: 0. */
  readonly object: number;
  /**
   * PAPER: when it was listed, in seconds since 1970. TAG: its weight. Others: 1, or, of an upvote and a follow, 0 where it
   * is there and nothing is to be learned from it. Null: it went away.
   */
  readonly value: number | null;
}

const WIDTH = 4;

/** Changes as numbers in a row, four a change: they go to another thread without being copied one by one. */
export function packChanges(changes: readonly TasteChange[]): Float64Array<ArrayBuffer> {
  const packed = new Float64Array(changes.length * WIDTH);
  changes.forEach(({ kind, subject, object, value }, index) => {
    packed.set([CHANGE_KINDS.indexOf(kind), subject, object, value ?? NaN], index * WIDTH);
  });
  return packed;
}

export function* unpackChanges(packed: Float64Array): Generator<TasteChange> {
  for (let at = 0; at < packed.length; at += WIDTH) {
    const value = packed[at + 3] as number;
    yield {
      kind: CHANGE_KINDS[packed[at] as number] as ChangeKind,
      subject: packed[at + 1] as number,
      object: packed[at + 2] as number,
      value: Number.isNaN(value) ? null : value,
    };
  }
}
