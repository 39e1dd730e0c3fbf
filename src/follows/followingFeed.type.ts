import { ArgsType, Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';

export enum FollowingReasonKind {
  FOLLOWED_TAG = 'FOLLOWED_TAG',
  FOLLOWED_AUTHOR = 'FOLLOWED_AUTHOR',
  UPVOTED = 'UPVOTED',
  SUBMITTED = 'SUBMITTED',
}

registerEnumType(FollowingReasonKind, {
  name: 'FollowingReasonKind',
  description: 'What brings a paper into the following feed.',
  valuesConfig: {
    FOLLOWED_TAG: { description: 'It has a tag that the viewer follows: `tag`.' },
    FOLLOWED_AUTHOR: { description: 'An author whom the viewer follows wrote it: `author`.' },
    UPVOTED: { description: 'A reader whom the viewer follows upvoted it: `user`.' },
    SUBMITTED: { description: 'A reader whom the viewer follows submitted it: `user`.' },
  },
});

@ObjectType({ description: 'Why a paper is in the following feed.' })
export class FollowingReason {
  /** The row of the tag, the author or the reader. */
  subjectId!: number;

  @Field(() => FollowingReasonKind)
  kind!: FollowingReasonKind;

  @Field(() => DateTime, { description: 'When the upvote was given, else when the paper was listed.' })
  at!: Date;
}

@ObjectType({ description: 'A paper of the following feed, and why it is there.' })
export class FollowingFeedEdge extends edgeBase(() => Paper) {
  @Field(() => DateTime, { description: 'The latest time of its reasons, by which the feed is ordered.' })
  appearedAt!: Date;
}

export const FollowingFeedConnection = connectionType(() => Paper, { name: 'FollowingFeed', plural: 'papers from what the viewer follows' }, FollowingFeedEdge);

/** Forward paging alone: a feed is merged from its newest end. */
@ArgsType()
export class FollowingFeedArgs {
  @Field(() => Int, { defaultValue: 20, description: 'How many to return, 1 to 100.' })
  first!: number;

  @Field(() => String, { nullable: true, description: 'Return only what comes after this cursor, as the feed was when its first page was read: what came since is on a new first page.' })
  after?: string | null;
}
