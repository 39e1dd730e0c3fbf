import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime, LocalDate } from '../graphql/scalars.js';
import { Syndication } from './syndication.type.js';

@ObjectType({ implements: Node, description: "A private address of the viewer's recommendations, for feed readers. Nobody else sees that there is one." })
export class FeedToken extends Node {
  readonly nodeType = 'FeedToken';
  rowId!: number;

  @Field(() => String, { description: 'By which its owner tells it from others.' })
  name!: string;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => LocalDate, { nullable: true, description: 'The last day in UTC on which the feed was read; null for never.' })
  lastUsedOn!: string | null;
}

export const FeedTokenConnection = connectionType(() => FeedToken, { name: 'FeedToken', plural: "the viewer's feed tokens" });

@InputType({ description: 'A private address to make.' })
export class CreateFeedTokenInput {
  @Field(() => String, { description: 'Such as the feed reader that it is for: 1 to 80 characters, unlike those of the other tokens.' })
  name!: string;
}

@ObjectType({ description: 'The token, and the addresses that hold as long as it does.' })
export class CreateFeedTokenPayload {
  @Field(() => FeedToken)
  feedToken!: FeedToken;

  @Field(() => Syndication, { description: 'Told this once: whoever has one of the addresses can read what is recommended to the viewer.' })
  syndication!: Syndication;
}

@InputType({ description: 'A private address to end.' })
export class RevokeFeedTokenInput {
  @Field(() => ID)
  feedTokenId!: string;
}

@ObjectType({ description: 'The token that is gone.' })
export class RevokeFeedTokenPayload {
  @Field(() => ID)
  feedTokenId!: string;
}
