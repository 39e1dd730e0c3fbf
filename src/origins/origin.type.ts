import { Field, ObjectType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { DateTime, JsonObject } from '../graphql/scalars.js';

@ObjectType({ description: 'What a source says of a paper.' })
export class PaperOrigin {
  @Field(() => String, { description: 'The name of the source, such as `arxiv`: lower-case letters and digits in groups joined by hyphens.' })
  source!: string;

  @Field(() => String, { description: "The paper's name at the source, or that of something more that it tells of it, such as a link to code." })
  externalId!: string;

  @Field(() => [String], { description: 'The fields of the paper whose value is from this source, by their names; at most 20.' })
  fields!: string[];

  @Field(() => JsonObject, { nullable: true, description: 'What else the source says, in its own words; null for nothing.' })
  facts!: Readonly<Record<string, unknown>> | null;

  @Field(() => DateTime, { description: 'When the source was first read with this paper.' })
  firstSeenAt!: Date;

  @Field(() => DateTime, { description: 'When the source was last read with something new of it.' })
  changedAt!: Date;
}

export const PaperOriginConnection = connectionType(() => PaperOrigin, { name: 'PaperOrigin', plural: 'what sources say of a paper' });
