import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';

@ObjectType({ description: 'A dismissal, and the paper that the viewer does not want to be shown.' })
export class DismissedPaperEdge extends edgeBase(() => Paper) {
  @Field(() => DateTime, { description: 'When the paper was dismissed.' })
  dismissedAt!: Date;
}

export const DismissedPaperConnection = connectionType(
  () => Paper,
  { name: 'DismissedPaper', plural: 'the papers that the viewer dismissed' },
  DismissedPaperEdge,
);

@InputType({ description: 'A paper not to be shown.' })
export class DismissPaperInput {
  @Field(() => ID)
  paperId!: string;
}

@InputType({ description: 'A paper whose dismissal to take back.' })
export class UndoDismissPaperInput {
  @Field(() => ID)
  paperId!: string;
}

@ObjectType({ description: 'The paper as it now is to the viewer.' })
export class DismissPaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The paper as it now is to the viewer.' })
export class UndoDismissPaperPayload {
  @Field(() => Paper)
  paper!: Paper;
}
