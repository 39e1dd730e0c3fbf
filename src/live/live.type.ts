import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { Comment } from '../comments/comment.type.js';
import { FeedPeriod } from '../feeds/feed.type.js';
import { Notification } from '../notifications/notification.type.js';
import { Paper, TagCondition } from '../papers/paper.type.js';

@ArgsType()
export class PaperListedArgs {
  @Field(() => FeedPeriod, { defaultValue: FeedPeriod.DAY, description: 'Only papers of the current period, whichever that is when they come.' })
  period!: FeedPeriod;

  @Field(() => TagCondition, { nullable: true, description: 'Only papers with these tags.' })
  tags?: TagCondition | null;
}

@ObjectType({ description: 'Votes on a paper came or went.' })
export class PaperVotesPayload {
  @Field(() => Paper, { nullable: true, description: 'The paper as it now is; null if it was deleted meanwhile.' })
  paper!: Paper | null;
}

@ObjectType({ description: 'A comment was added.' })
export class CommentAddedPayload {
  @Field(() => Comment, { nullable: true, description: 'The comment as it now is; null if it is gone.' })
  comment!: Comment | null;
}

@ObjectType({ description: 'A paper came into the feed.' })
export class PaperListedPayload {
  @Field(() => Paper, { nullable: true, description: 'The paper as it now is; null if it was deleted meanwhile.' })
  paper!: Paper | null;
}

@ObjectType({ description: 'The viewer is told of something.' })
export class NotificationAddedPayload {
  @Field(() => Notification, { nullable: true, description: 'The notification as it now is; null if its cause is gone.' })
  notification!: Notification | null;

  @Field(() => Int, { description: 'As `Query.unreadNotificationCount`.' })
  unreadNotificationCount!: number;
}
