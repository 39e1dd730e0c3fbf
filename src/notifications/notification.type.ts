import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { NotificationKind } from '../generated/prisma/enums.js';
import { PageArgs, connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';

registerEnumType(NotificationKind, {
  name: 'NotificationKind',
  description: 'What a notification tells of. Of several that hold at once, the first of these.',
  valuesConfig: {
    REPLY: { description: "Somebody replied to the viewer's comment." },
    MENTION: { description: 'Somebody mentioned the viewer in a comment.' },
    COMMENT: { description: 'Somebody commented on a paper that the viewer submitted.' },
    NEW_FOLLOWER: { description: 'Somebody follows the viewer.' },
    CLAIM_CONFIRMED: { description: 'A curator confirmed that the viewer is an author.' },
    CLAIM_REJECTED: { description: 'A curator rejected that the viewer is an author.' },
  },
});

/** The most that `unreadNotificationCount` says. */
export const MOST_COUNTED = 1000;
export const MOST_MARKED = 100;
/** How long a notification is kept. */
export const KEPT_DAYS = 90;

@ObjectType({ implements: Node, description: `Something that another reader did and that concerns the viewer; nobody else sees it. Kept for ${KEPT_DAYS} days, or until its cause is gone.` })
export class Notification extends Node {
  readonly nodeType = 'Notification';
  rowId!: number;
  actorId!: number | null;
  paperId!: number | null;
  commentId!: number | null;
  authorId!: number | null;

  @Field(() => NotificationKind)
  kind!: NotificationKind;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => Boolean, { description: 'Whether the viewer marked it as read.' })
  isRead!: boolean;
}

export const NotificationConnection = connectionType(() => Notification, { name: 'Notification', plural: "the viewer's notifications" });

@InputType({ description: 'Which notifications; all conditions that are given must hold.' })
export class NotificationFilter {
  @Field(() => Boolean, { nullable: true, description: 'Only those that are not read yet, or only those that are.' })
  isUnread?: boolean | null;

  @Field(() => NotificationKind, { nullable: true })
  kind?: NotificationKind | null;
}

@ArgsType()
export class NotificationsArgs extends PageArgs {
  @Field(() => NotificationFilter, { nullable: true })
  filter?: NotificationFilter | null;
}

@InputType({ description: 'Which notifications to mark as read: by their ids, or all up to one.' })
export class MarkNotificationsReadInput {
  @Field(() => [ID], { nullable: true, description: `These, at most ${MOST_MARKED}; those that are gone are passed over.` })
  ids?: string[] | null;

  @Field(() => ID, { nullable: true, description: 'This one and all that are older; not together with `ids`.' })
  upTo?: string | null;
}

@ObjectType({ description: 'What is left unread.' })
export class MarkNotificationsReadPayload {
  @Field(() => Int, { description: 'As `Query.unreadNotificationCount`.' })
  unreadNotificationCount!: number;
}
