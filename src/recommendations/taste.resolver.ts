import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import type { Signal, TasteService } from './taste.service.js';
import { parseSignalId, toSignalId, type SignalKind } from './tasteSignals.js';
import {
  PauseTastePayload,
  RemoveTasteSignalInput,
  RemoveTasteSignalPayload,
  ResetTastePayload,
  RestoreTasteSignalInput,
  RestoreTasteSignalPayload,
  ResumeTastePayload,
  TasteProfile,
  TasteSignalKind,
  TasteSignalRemoval,
  UndoResetTastePayload,
  type TasteSignal,
} from './taste.type.js';

@Resolver()
export class TasteResolver {
  constructor(private readonly taste: TasteService) {}

  @Query(() => TasteProfile, { description: "What recommendations learn from the viewer: each signal, and what it makes of their taste. Nobody else sees it. Errors: UNAUTHENTICATED." })
  tasteProfile(@Ctx() context: Context): Promise<TasteProfile> {
    return this.profileOf(requireViewer(context).id);
  }

  @Mutation(() => RemoveTasteSignalPayload, {
    description:
      "Has an upvote or a follow count for recommendations no longer, the viewer's and others': as though it had never been, but that an upvoted paper is still not recommended. The upvote or the follow itself stays, is shown and is counted; giving it again after taking it back counts. Repeating it changes nothing. Errors: BAD_USER_INPUT (for a dismissal and a mute, whose `removal` names another mutation), UNAUTHENTICATED, NOT_FOUND.",
  })
  async removeTasteSignal(@Ctx() context: Context, @Arg('input', () => RemoveTasteSignalInput) input: RemoveTasteSignalInput): Promise<RemoveTasteSignalPayload> {
    return { signal: await this.setRemoved(context, input.signalId, true) };
  }

  @Mutation(() => RestoreTasteSignalPayload, {
    description: 'Has an upvote or a follow count again that was removed, reset or made in a pause, also during one; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.',
  })
  async restoreTasteSignal(@Ctx() context: Context, @Arg('input', () => RestoreTasteSignalInput) input: RestoreTasteSignalInput): Promise<RestoreTasteSignalPayload> {
    return { signal: await this.setRemoved(context, input.signalId, false) };
  }

  @Mutation(() => PauseTastePayload, {
    description:
      'Has what the viewer upvotes and follows from now on not count, while recommendations go on from what counts already; it does not count after the pause either, unless it is restored. Dismissals and mutes count, as they say what not to show. Repeating it changes nothing. Errors: UNAUTHENTICATED.',
  })
  async pauseTaste(@Ctx() context: Context): Promise<PauseTastePayload> {
    return { tasteProfile: await this.change(context, (userId) => this.taste.pause(userId)) };
  }

  @Mutation(() => ResumeTastePayload, { description: 'Ends a pause; repeating it changes nothing. Errors: UNAUTHENTICATED.' })
  async resumeTaste(@Ctx() context: Context): Promise<ResumeTastePayload> {
    return { tasteProfile: await this.change(context, (userId) => this.taste.resume(userId)) };
  }

  @Mutation(() => ResetTastePayload, {
    description:
      'Has all that the viewer upvoted and followed so far count no longer, as `removeTasteSignal` does for one: recommendations start anew, without the papers that the viewer upvoted. Dismissals and mutes stay, as they say what not to show. Repeating it changes nothing. Errors: UNAUTHENTICATED.',
  })
  async resetTaste(@Ctx() context: Context): Promise<ResetTastePayload> {
    return { tasteProfile: await this.change(context, (userId) => this.taste.reset(userId)) };
  }

  @Mutation(() => UndoResetTastePayload, {
    description: 'Has what the last reset took count again, within 24 hours of it; without a reset, and repeated, it changes nothing. Errors: UNAUTHENTICATED, CONFLICT.',
  })
  async undoResetTaste(@Ctx() context: Context): Promise<UndoResetTastePayload> {
    return { tasteProfile: await this.change(context, (userId) => this.taste.undoReset(userId)) };
  }

  private async profileOf(readerId: number): Promise<TasteProfile> {
    const { pausedAt, resetAt } = await this.taste.state(readerId);
    return { readerId, isPaused: pausedAt !== null, pausedAt, resetAt };
  }

  private async change(context: Context, write: (userId: number) => Promise<void>): Promise<TasteProfile> {
    const { id } = requireViewer(context);
    await write(id);
    forgetReads(context);
    return this.profileOf(id);
  }

  private async setRemoved(context: Context, signalId: string, isRemoved: boolean): Promise<TasteSignal> {
    const { id } = requireViewer(context);
    const key = parseSignalId(signalId, 'signalId');
    await this.taste.setRemoved(id, key, isRemoved);
    forgetReads(context);
    return toTasteSignal(await this.taste.getSignal(id, key));
  }
}

const REMOVALS: Readonly<Record<SignalKind, TasteSignalRemoval>> = {
  UPVOTE: TasteSignalRemoval.REMOVE_TASTE_SIGNAL,
  FOLLOWED_TAG: TasteSignalRemoval.REMOVE_TASTE_SIGNAL,
  FOLLOWED_AUTHOR: TasteSignalRemoval.REMOVE_TASTE_SIGNAL,
  DISMISSAL: TasteSignalRemoval.UNDO_DISMISS_PAPER,
  MUTED_TAG: TasteSignalRemoval.UNMUTE_TAG,
  MUTED_AUTHOR: TasteSignalRemoval.UNMUTE_AUTHOR,
};

export function toTasteSignal({ kind, objectId, createdAt, removedAt }: Signal): TasteSignal {
  return { id: toSignalId({ kind, objectId }), kind: TasteSignalKind[kind], objectId, createdAt, removedAt, removal: REMOVALS[kind] };
}
