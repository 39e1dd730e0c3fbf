import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { LocalDate, Url } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';

@InputType({ description: 'A paper to put on the feed.' })
export class SubmitPaperInput {
  @Field(() => String, { nullable: true, description: '1 to 500 characters. May be left out where arXiv tells it.' })
  title?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Such as 2412.01234 or hep-th/9901001, or the address of its page or PDF; a version is dropped. A paper with this id is submitted only once. What else is left out is filled in from arXiv, where it answers in time.',
  })
  arxivId?: string | null;

  @Field(() => String, { nullable: true, description: '1 to 20,000 characters.' })
  abstract?: string | null;

  @Field(() => LocalDate, { nullable: true, description: 'The day of its first publication, not in the future.' })
  publishedOn?: string | null;

  @Field(() => Url, { nullable: true, description: "The paper's own site." })
  projectUrl?: URL | null;

  @Field(() => [String], { defaultValue: [], description: 'Names in the order of the byline; at most 1,000.' })
  authors!: string[];

  @Field(() => [String], { defaultValue: [], description: 'Slugs of tags that exist; at most 20.' })
  tags!: string[];

  @Field(() => [Url], { defaultValue: [], description: 'Addresses of repositories; at most 20.' })
  repos!: URL[];
}

@ObjectType({ description: 'The submitted paper.' })
export class SubmitPaperPayload {
  @Field(() => Paper)
  paper!: Paper;

  @Field(() => [String], { description: 'Names of the fields that were left out and filled in from arXiv; at most 20.' })
  filledIn!: string[];

  @Field(() => Boolean, { description: 'False when a paper with this arXiv id, or with the DOI that arXiv tells, existed; it is left as it was, and has the upvote of the viewer.' })
  isNew!: boolean;
}

@InputType({ description: 'What to change of a paper: what is left out stays; null empties what may be empty.' })
export class UpdatePaperInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => String, { nullable: true, description: '1 to 500 characters; may not be emptied.' })
  title?: string | null;

  @Field(() => String, { nullable: true, description: '1 to 20,000 characters.' })
  abstract?: string | null;

  @Field(() => LocalDate, { nullable: true, description: 'The day of its first publication, not in the future.' })
  publishedOn?: string | null;

  @Field(() => Url, { nullable: true })
  projectUrl?: URL | null;

  @Field(() => [String], { nullable: true, description: 'The whole byline in its order; at most 1,000. Null or left out keeps it.' })
  authors?: string[] | null;
}

@ObjectType({ description: 'The paper as it now is.' })
export class UpdatePaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}
