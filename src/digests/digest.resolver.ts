import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { DEFAULTS, toSubscription, type DigestService } from './digest.service.js';
import {
  ConfirmDigestInput,
  ConfirmDigestPayload,
  DigestPreview,
  DigestPreviewArgs,
  DigestSubscription,
  SubscribeToDigestInput,
  SubscribeToDigestPayload,
  UnsubscribeFromDigestPayload,
  UpdateDigestInput,
  UpdateDigestPayload,
} from './digest.type.js';
import type { DigestPress } from './digestPress.js';
import type { DigestSender } from './digestSender.js';

export interface DigestParts {
  readonly digests: DigestService;
  readonly press: DigestPress;
  readonly sender: Pick<DigestSender, 'wake'>;
}

@Resolver()
export class DigestResolver {
  constructor(private readonly parts: DigestParts) {}

  @Query(() => DigestSubscription, { nullable: true, description: 'The viewer’s digest by mail; null for none. Errors: UNAUTHENTICATED.' })
  async digestSubscription(@Ctx() context: Context): Promise<DigestSubscription | null> {
    const row = await this.parts.digests.find(requireViewer(context).id);
    return row === null ? null : toSubscription(row);
  }

  @Costs({ points: 50 })
  @Query(() => DigestPreview, {
    nullable: true,
    description: 'The digest that the viewer would be sent now, in their time zone; null where it would be empty, as such a one is not sent. Errors: UNAUTHENTICATED.',
  })
  async digestPreview(@Ctx() context: Context, @Args(() => DigestPreviewArgs) args: DigestPreviewArgs): Promise<DigestPreview | null> {
    const { id: userId } = requireViewer(context);
    const row = await this.parts.digests.find(userId);
    const settings = row ?? DEFAULTS;
    const order = { ...settings, frequency: args.frequency ?? settings.frequency, content: args.content ?? settings.content };
    const digest = await this.parts.press.digest({ ...order, userId, subscriptionId: row?.id ?? null, at: new Date() }, row?.unsubscribeToken ?? null);
    return digest === null ? null : { ...digest.letter, picks: [...digest.papers] };
  }

  @Mutation(() => SubscribeToDigestPayload, {
    description:
      'Subscribes the viewer to a digest by mail, or changes theirs. A new address, and one whose mails came back, is sent a link that confirms it, and nothing else before it is confirmed: once in ten minutes, five times a day. Repeating it for a confirmed address changes nothing else. Errors: BAD_USER_INPUT, UNAUTHENTICATED, RATE_LIMITED.',
  })
  async subscribeToDigest(@Ctx() context: Context, @Arg('input', () => SubscribeToDigestInput) input: SubscribeToDigestInput): Promise<SubscribeToDigestPayload> {
    const { email, ...wishes } = input;
    const { row, isAsked } = await this.parts.digests.subscribe(requireViewer(context).id, email, wishes);
    if (isAsked) this.parts.sender.wake();
    forgetReads(context);
    return { subscription: toSubscription(row), isConfirmationSent: isAsked };
  }

  @Mutation(() => ConfirmDigestPayload, {
    description: 'Confirms the address of a digest by the token of the link that was sent there, for 48 hours; needs no sign-in, and repeating it changes nothing. Errors: NOT_FOUND.',
  })
  async confirmDigest(@Ctx() context: Context, @Arg('input', () => ConfirmDigestInput) input: ConfirmDigestInput): Promise<ConfirmDigestPayload> {
    const { userId, confirmedAt } = await this.parts.digests.confirm(input.token);
    forgetReads(context);
    const row = context.viewer?.id === userId ? await this.parts.digests.find(userId) : null;
    return { confirmedAt, subscription: row === null ? null : toSubscription(row) };
  }

  @Mutation(() => UpdateDigestPayload, { description: 'Changes the viewer’s digest; what is left out stays. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND.' })
  async updateDigest(@Ctx() context: Context, @Arg('input', () => UpdateDigestInput) input: UpdateDigestInput): Promise<UpdateDigestPayload> {
    const row = await this.parts.digests.update(requireViewer(context).id, input);
    forgetReads(context);
    return { subscription: toSubscription(row) };
  }

  @Mutation(() => UnsubscribeFromDigestPayload, { description: 'Ends the viewer’s digest and deletes its address; repeating it changes nothing. Errors: UNAUTHENTICATED.' })
  async unsubscribeFromDigest(@Ctx() context: Context): Promise<UnsubscribeFromDigestPayload> {
    const wasSubscribed = await this.parts.digests.unsubscribe(requireViewer(context).id);
    forgetReads(context);
    return { wasSubscribed };
  }
}
