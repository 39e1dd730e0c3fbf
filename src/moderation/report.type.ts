import { ArgsType, Field, ID, InputType, ObjectType, createUnionType, registerEnumType } from 'type-graphql';
import { ReportReason, ReportState } from '../generated/prisma/enums.js';
import { PageArgs, connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';
import { Comment } from '../comments/comment.type.js';
import { Paper } from '../papers/paper.type.js';
import { User } from '../users/user.type.js';

export { ReportReason, ReportState };

registerEnumType(ReportReason, {
  name: 'ReportReason',
  description: 'What is wrong with what is reported.',
  valuesConfig: {
    SPAM: { description: 'It advertises, or is no paper.' },
    ABUSE: { description: 'It insults, threatens or harms.' },
    WRONG_METADATA: { description: 'Its fields are wrong.' },
    DUPLICATE: { description: 'It is here already; the note says where.' },
    OTHER: { description: 'What the note says.' },
  },
});

registerEnumType(ReportState, {
  name: 'ReportState',
  description: 'What became of a report.',
  valuesConfig: {
    OPEN: { description: 'Nobody has looked at it.' },
    DISMISSED: { description: 'Nothing was to be done.' },
    ACTED: { description: 'Something was done.' },
  },
});

export enum ReportResolution {
  DISMISSED = 'DISMISSED',
  ACTED = 'ACTED',
}

registerEnumType(ReportResolution, {
  name: 'ReportResolution',
  description: 'How a report ends.',
  valuesConfig: { DISMISSED: { description: 'Nothing is to be done.' }, ACTED: { description: 'Something was done.' } },
});

export const ReportedObject = createUnionType({
  name: 'ReportedObject',
  description: 'What can be reported.',
  types: () => [Paper, Comment, User] as const,
});

@ObjectType({ implements: Node, description: 'What a reader finds wrong; curators see it, and its reporter.' })
export class Report extends Node {
  readonly nodeType = 'Report';
  rowId!: number;
  reporterId!: number;
  resolverId!: number | null;
  paperId!: number | null;
  commentId!: number | null;
  userId!: number | null;

  @Field(() => ReportReason)
  reason!: ReportReason;

  @Field(() => String, { nullable: true, description: 'What the reporter says.' })
  note!: string | null;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => ReportState)
  state!: ReportState;

  @Field(() => DateTime, { nullable: true, description: 'When it ended; null while it is open.' })
  resolvedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'What the curator who ended it says.' })
  resolutionNote!: string | null;
}

export const ReportConnection = connectionType(() => Report, { name: 'Report', plural: 'reports' });

@ArgsType()
export class ReportsArgs extends PageArgs {
  @Field(() => ReportState, { nullable: true, description: 'Only reports in this state.' })
  state?: ReportState | null;
}

@InputType({ description: 'What is wrong with a paper, a comment or a reader; give one of the three.' })
export class ReportInput {
  @Field(() => ID, { nullable: true })
  paperId?: string | null;

  @Field(() => ID, { nullable: true })
  commentId?: string | null;

  @Field(() => ID, { nullable: true })
  userId?: string | null;

  @Field(() => ReportReason)
  reason!: ReportReason;

  @Field(() => String, { nullable: true, description: 'More to it, at most 1,000 characters.' })
  note?: string | null;
}

@ObjectType({ description: 'What was reported, by the viewer.' })
export class ReportPayload {
  @Field(() => Report)
  report!: Report;

  @Field(() => Boolean, { description: 'False where the viewer has an open report of the same object: it stays as it is.' })
  isNew!: boolean;
}

@InputType({ description: 'How a report ends.' })
export class ResolveReportInput {
  @Field(() => ID)
  reportId!: string;

  @Field(() => ReportResolution)
  resolution!: ReportResolution;

  @Field(() => String, { nullable: true, description: 'Why, at most 1,000 characters.' })
  note?: string | null;
}

@ObjectType({ description: 'The report as it now is.' })
export class ResolveReportPayload {
  @Field(() => Report)
  report!: Report;
}
