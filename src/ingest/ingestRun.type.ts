import { ArgsType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { IngestState, IngestTrigger } from '../generated/prisma/enums.js';
import { PageArgs, connectionType } from '../graphql/connection.js';
import { Costs } from '../graphql/fieldCost.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';

registerEnumType(IngestState, {
  name: 'IngestState',
  description: 'How far a run is.',
  valuesConfig: {
    QUEUED: { description: 'Waits for its turn: of a source, one run goes at a time.' },
    RUNNING: { description: 'Is under way, or was left by a server that ended and will be taken up by another one within about a minute.' },
    SUCCEEDED: { description: 'Has read its source to the end.' },
    FAILED: { description: 'Could not go on; what it wrote until then stays.' },
    STOPPED: { description: 'Was stopped by an admin or an interrupt; what it wrote until then stays.' },
  },
});

registerEnumType(IngestTrigger, {
  name: 'IngestTrigger',
  description: 'What made a run.',
  valuesConfig: {
    SCHEDULE: { description: 'The schedule of its source.' },
    ADMIN: { description: 'The mutation `runIngest`.' },
    COMMAND: { description: 'The command line.' },
  },
});

@ObjectType({ description: 'An option with its value.' })
export class IngestOption {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'As text, also where it is a number, true or false.' })
  value!: string;
}

@ObjectType({ description: 'How much of its source a run has read, in bytes or records as the source counts.' })
export class IngestProgress {
  @Field(() => Float)
  done!: number;

  @Field(() => Float, { nullable: true, description: 'How much there is; null where the source does not say.' })
  total!: number | null;

  @Field(() => Float, { nullable: true, description: 'How much was read a second since the run started; null before that shows.' })
  ratePerSecond!: number | null;

  @Field(() => Float, { nullable: true, description: 'How long it will take at this rate; null unless the run is under way and rate and total are known.' })
  secondsLeft!: number | null;
}

@ObjectType({ implements: Node, description: 'An import from one source, past, under way or waiting. For admins.' })
export class IngestRun extends Node {
  readonly nodeType = 'IngestRun';
  rowId!: number;
  requestedById!: number | null;

  @Field(() => String, { description: 'The name of the source, as in `Query.ingestSources`.' })
  source!: string;

  @Costs({ size: 5 })
  @Field(() => [IngestOption], { description: 'What the source was asked; at most 100.' })
  options!: IngestOption[];

  @Field(() => IngestTrigger)
  trigger!: IngestTrigger;

  @Field(() => IngestState)
  state!: IngestState;

  @Field(() => DateTime, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When its turn came.' })
  startedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When it ended, in whichever way.' })
  finishedAt!: Date | null;

  @Field(() => IngestProgress)
  progress!: IngestProgress;

  @Field(() => Int, { description: 'Records that brought something new here.' })
  addedCount!: number;

  @Field(() => Int, { description: 'Records that changed what was here.' })
  changedCount!: number;

  @Field(() => Int, { description: 'Records that said what was known.' })
  unchangedCount!: number;

  @Field(() => Int, { description: 'Records that were left out as a whole; `rejects` says why.' })
  rejectedCount!: number;

  @Field(() => String, { nullable: true, description: 'Why it failed; null unless it did.' })
  error!: string | null;
}

export const IngestRunConnection = connectionType(() => IngestRun, { name: 'IngestRun', plural: 'runs of imports' });

@ObjectType({ description: 'What a run could not take.' })
export class IngestReject {
  @Field(() => String, { description: "Where it stands: `line 12`, or the record's name at the source." })
  place!: string;

  @Field(() => String, { nullable: true, description: 'The title of the record; null where none can be read.' })
  title!: string | null;

  @Field(() => String, { description: 'The field that breaks the rule.' })
  field!: string;

  @Field(() => String, { description: 'Such as `must be a day in the form YYYY-MM-DD`.' })
  rule!: string;

  @Field(() => String, { description: 'The value as JSON, cut where it is long.' })
  received!: string;

  @Field(() => Boolean, { description: 'Whether the whole record was left out, rather than this field.' })
  isWhole!: boolean;
}

export const IngestRejectConnection = connectionType(() => IngestReject, { name: 'IngestReject', plural: 'what a run could not take' });

@ArgsType()
export class IngestRunsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Only runs of this source.' })
  source?: string | null;

  @Field(() => IngestState, { nullable: true, description: 'Only runs in this state.' })
  state?: IngestState | null;
}
