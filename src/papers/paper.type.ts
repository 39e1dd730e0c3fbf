import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime, LocalDate, Url } from '../graphql/scalars.js';

@ObjectType({ implements: Node, description: 'A research paper.' })
export class Paper extends Node {
  readonly nodeType = 'Paper';
  rowId!: number;
  submittedById!: number | null;
  flaggedCount!: number;

  @Field(() => String, { nullable: true, description: 'The id at arXiv, without version; null for a paper that is not known to be there.' })
  arxivId!: string | null;

  @Field(() => Int, { nullable: true, description: 'The latest version at arXiv, from 1; null where it is not known.' })
  arxivVersion!: number | null;

  @Field(() => String, { nullable: true, description: 'Digital object identifier in lower case, without a resolver, such as 10.48550/arxiv.2412.01234; null where it is not known.' })
  doi!: string | null;

  @Field(() => String)
  title!: string;

  @Field(() => DateTime, { nullable: true, description: 'When the paper was first published; midnight UTC where only the day is known.' })
  publishedAt!: Date | null;

  @Field(() => DateTime, { description: 'When the paper entered the daily feed; midnight UTC where only the day is known.' })
  listedAt!: Date;

  @Field(() => LocalDate, { description: 'The day of the feed on which it stands: of `listedAt` in the time zone of the server, as it was configured when the paper came; the very day where only that is known.' })
  listedOn!: string;

  @Field(() => DateTime, { nullable: true, description: 'When its authors or its source withdrew it; null for a paper that stands.' })
  withdrawnAt!: Date | null;

  @Field(() => Boolean, { description: 'Whether a moderator hid it: then it is shown to its submitter and to curators alone, and in no list.' })
  isHidden!: boolean;

  @Field(() => Url, { nullable: true, description: "The paper's own site." })
  projectUrl!: string | null;

  @Field(() => Int, { nullable: true, description: 'Number of authors, also where their names are not known; null where nothing is.' })
  authorCount!: number | null;

  @Field(() => Int, { description: 'Upvotes by readers of this server.' })
  upvoteCount!: number;

  @Field(() => Int, { description: 'Comments and replies, but for those that were deleted or hidden.' })
  commentCount!: number;

  @Field(() => Int, { nullable: true, description: 'Upvotes that the source showed when the paper was imported; they never count as votes here.' })
  originUpvoteCount!: number | null;

  @Field(() => Float, {
    description:
      'log10(1 + upvotes that are not flagged) + (listedAt − 2020-01-01T00:00Z) / 3 days: ten times the votes weigh as much as being listed three days later. Changes only when a vote comes or goes, or is flagged or cleared.',
  })
  trendingScore!: number;

  @Field(() => DateTime, { description: 'When its own fields last changed; counters apart.' })
  updatedAt!: Date;
}

export const PaperConnection = connectionType(() => Paper, { name: 'Paper', plural: 'papers' });

export enum PaperOrder {
  TRENDING = 'TRENDING',
  TOP = 'TOP',
  NEWEST = 'NEWEST',
}

registerEnumType(PaperOrder, {
  name: 'PaperOrder',
  description: 'Orders of papers.',
  valuesConfig: {
    TRENDING: { description: 'The highest `trendingScore` first.' },
    TOP: { description: 'The most upvotes first.' },
    NEWEST: { description: 'The latest listed first.' },
  },
});

@InputType({ description: 'Which tags a paper must have, by slug, their own or an alias.' })
export class TagCondition {
  @Field(() => [String], { nullable: true, description: 'At least one of these; at most 20.' })
  any?: string[] | null;

  @Field(() => [String], { nullable: true, description: 'Each of these; at most 20.' })
  all?: string[] | null;
}

@InputType({ description: 'A range of days, both ends included.' })
export class DateRange {
  @Field(() => LocalDate, { nullable: true })
  from?: string | null;

  @Field(() => LocalDate, { nullable: true })
  to?: string | null;
}

@InputType({ description: 'Which papers; all conditions must hold.' })
export class PaperFilter {
  @Field(() => TagCondition, { nullable: true })
  tags?: TagCondition | null;

  @Field(() => ID, { nullable: true, description: 'Only papers by this author.' })
  author?: string | null;

  @Field(() => ID, { nullable: true, description: 'Only papers that link this repo.' })
  repo?: string | null;

  @Field(() => DateRange, { nullable: true, description: 'In the feed of these days: `Paper.listedOn`.' })
  listed?: DateRange | null;

  @Field(() => DateRange, { nullable: true, description: 'First published on these days in UTC.' })
  published?: DateRange | null;

  @Field(() => Boolean, { nullable: true, description: 'Only papers that link a repo, or only papers that link none.' })
  hasCode?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Only papers that were withdrawn, or only papers that stand.' })
  withdrawn?: boolean | null;

  @Field(() => String, {
    nullable: true,
    description: 'Words of title, authors, tags and abstract, as one types them into a search box: "a phrase", or, -without. At most 250 characters.',
  })
  text?: string | null;
}
