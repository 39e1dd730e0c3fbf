import { ArgsType, Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PageArgs, connectionType, edgeBase } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { DEFAULTS } from '../recommender/parameters.js';
import { Tag } from '../tags/tag.type.js';

export enum TasteSignalKind {
  UPVOTE = 'UPVOTE',
  FOLLOWED_TAG = 'FOLLOWED_TAG',
  FOLLOWED_AUTHOR = 'FOLLOWED_AUTHOR',
  DISMISSAL = 'DISMISSAL',
  MUTED_TAG = 'MUTED_TAG',
  MUTED_AUTHOR = 'MUTED_AUTHOR',
}

registerEnumType(TasteSignalKind, {
  name: 'TasteSignalKind',
  description: 'What a reader did that recommendations learn from.',
  valuesConfig: {
    UPVOTE: { description: 'Upvoted `paper`.' },
    FOLLOWED_TAG: { description: 'Followed `tag`.' },
    FOLLOWED_AUTHOR: { description: 'Followed `author`.' },
    DISMISSAL: { description: 'Dismissed `paper`, which also hides it.' },
    MUTED_TAG: { description: 'Muted `tag`, which hides its papers and says nothing of others.' },
    MUTED_AUTHOR: { description: 'Muted `author`, which hides their papers and says nothing of others.' },
  },
});

export enum TasteSignalRemoval {
  REMOVE_TASTE_SIGNAL = 'REMOVE_TASTE_SIGNAL',
  UNDO_DISMISS_PAPER = 'UNDO_DISMISS_PAPER',
  UNMUTE_TAG = 'UNMUTE_TAG',
  UNMUTE_AUTHOR = 'UNMUTE_AUTHOR',
}

registerEnumType(TasteSignalRemoval, {
  name: 'TasteSignalRemoval',
  description: 'The mutation that has a signal count no longer.',
  valuesConfig: {
    REMOVE_TASTE_SIGNAL: { description: '`removeTasteSignal`: the upvote or the follow itself stays.' },
    UNDO_DISMISS_PAPER: { description: '`undoDismissPaper`: the paper may be shown again.' },
    UNMUTE_TAG: { description: '`unmuteTag`: its papers may be shown again.' },
    UNMUTE_AUTHOR: { description: '`unmuteAuthor`: their papers may be shown again.' },
  },
});

@ObjectType({ description: 'Something that the viewer did and that recommendations learn from, or would if it were not removed. Nobody else sees it as such.' })
export class TasteSignal {
  /** The row of the paper, the tag or the author. */
  objectId!: number;

  @Field(() => ID, { description: "Opaque, and unique among the viewer's signals." })
  id!: string;

  @Field(() => TasteSignalKind)
  kind!: TasteSignalKind;

  @Field(() => DateTime, { description: 'When the upvote, the follow, the dismissal or the mute was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'Since when it is not to count: by `removeTasteSignal`, by `resetTaste`, or because it was made while the taste was paused. Null where it counts.' })
  removedAt!: Date | null;

  @Field(() => TasteSignalRemoval, { description: 'How to have it count no longer.' })
  removal!: TasteSignalRemoval;
}

export const TasteSignalConnection = connectionType(() => TasteSignal, { name: 'TasteSignal', plural: 'what the viewer did that recommendations learn from' });

@ArgsType()
export class TasteSignalsArgs extends PageArgs {
  @Field(() => TasteSignalKind, { nullable: true, description: 'Only signals of this kind.' })
  kind?: TasteSignalKind | null;
}

@ObjectType({ description: "A tag of the viewer's taste." })
export class TasteTagEdge extends edgeBase(() => Tag) {
  @Field(() => Float, {
    description: `The tag's part of what recommendations go out by tags: an upvoted paper with n tags gives each n^−${DEFAULTS.degreeExponent} and a followed tag counts 1, over the sum of all. A tag that no second paper has leads nowhere and is left out, unless it is followed.`,
  })
  share!: number;

  @Field(() => Int, { description: 'How many of the upvoted papers that count have the tag.' })
  upvotedPaperCount!: number;
}

export const TasteTagConnection = connectionType(() => Tag, { name: 'TasteTag', plural: "the tags of the viewer's taste" }, TasteTagEdge);

@ObjectType({ description: 'What recommendations learn from the viewer. Nobody else sees it.' })
export class TasteProfile {
  readerId!: number;

  @Field(() => Boolean, { description: 'Whether new upvotes and follows are kept from counting.' })
  isPaused!: boolean;

  @Field(() => DateTime, { nullable: true, description: 'Since when; null where the taste is not paused.' })
  pausedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the taste was last reset; null where it never was, or the reset was undone.' })
  resetAt!: Date | null;
}

@InputType({ description: 'A signal that is to count no longer.' })
export class RemoveTasteSignalInput {
  @Field(() => ID, { description: 'Of an upvote or a follow.' })
  signalId!: string;
}

@InputType({ description: 'A signal that is to count again.' })
export class RestoreTasteSignalInput {
  @Field(() => ID, { description: 'Of an upvote or a follow.' })
  signalId!: string;
}

@ObjectType({ description: 'The signal as it now is.' })
export class RemoveTasteSignalPayload {
  @Field(() => TasteSignal)
  signal!: TasteSignal;
}

@ObjectType({ description: 'The signal as it now is.' })
export class RestoreTasteSignalPayload {
  @Field(() => TasteSignal)
  signal!: TasteSignal;
}

@ObjectType({ description: 'The taste as it now is.' })
export class PauseTastePayload {
  @Field(() => TasteProfile)
  tasteProfile!: TasteProfile;
}

@ObjectType({ description: 'The taste as it now is.' })
export class ResumeTastePayload {
  @Field(() => TasteProfile)
  tasteProfile!: TasteProfile;
}

@ObjectType({ description: 'The taste as it now is.' })
export class ResetTastePayload {
  @Field(() => TasteProfile)
  tasteProfile!: TasteProfile;
}

@ObjectType({ description: 'The taste as it now is.' })
export class UndoResetTastePayload {
  @Field(() => TasteProfile)
  tasteProfile!: TasteProfile;
}
