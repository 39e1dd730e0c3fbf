import { Arg, Args, Ctx, Int, Mutation, Query, Resolver } from 'type-graphql';
import { badInput } from '../errors.js';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedList } from '../inputRules.js';
import { toNotification, type NotificationService } from './notification.service.js';
import {
  MOST_COUNTED,
  MOST_MARKED,
  MarkNotificationsReadInput,
  MarkNotificationsReadPayload,
  NotificationConnection,
  NotificationsArgs,
  type Notification,
} from './notification.type.js';

@Resolver()
export class NotificationResolver {
  constructor(private readonly service: NotificationService) {}

  @Query(() => NotificationConnection, { description: "The viewer's notifications, the latest first; nobody else sees them. Errors: BAD_USER_INPUT, UNAUTHENTICATED." })
  async notifications(@Ctx() context: Context, @Args(() => NotificationsArgs) args: NotificationsArgs): Promise<Connection<Notification>> {
    const { id } = requireViewer(context);
    const filter = args.filter ?? {};
    const page = await this.service.list(id, filter, toPage(args));
    return connectionOf(page, toNotification, () => this.service.count(id, filter));
  }

  @Query(() => Int, { description: `How many of the viewer's notifications are not read, ${MOST_COUNTED.toLocaleString('en')} at most. Errors: UNAUTHENTICATED.` })
  unreadNotificationCount(@Ctx() context: Context): Promise<number> {
    return this.service.countUnread(requireViewer(context).id);
  }

  @Mutation(() => MarkNotificationsReadPayload, {
    description: "Marks the viewer's notifications as read; repeating it changes nothing. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND for `upTo`.",
  })
  async markNotificationsRead(@Ctx() context: Context, @Arg('input', () => MarkNotificationsReadInput) { ids, upTo }: MarkNotificationsReadInput): Promise<MarkNotificationsReadPayload> {
    const { id } = requireViewer(context);
    if ((ids == null) === (upTo == null)) throw badInput('input', 'must have either ids or upTo', { ids, upTo });
    if (upTo != null) await this.service.markReadUpTo(id, rowIdOf('Notification', upTo, 'upTo'));
    else await this.service.markRead(id, checkedList('ids', ids ?? [], MOST_MARKED).map((one) => rowIdOf('Notification', one, 'ids')));
    forgetReads(context);
    return { unreadNotificationCount: await this.service.countUnread(id) };
  }
}
