import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { Costs } from '../graphql/fieldCost.js';
import { DateTime, Url } from '../graphql/scalars.js';
import { IngestRun } from './ingestRun.type.js';

export enum IngestOptionType {
  STRING = 'STRING',
  NUMBER = 'NUMBER',
  BOOLEAN = 'BOOLEAN',
}

registerEnumType(IngestOptionType, {
  name: 'IngestOptionType',
  description: 'What the text of an option must say.',
  valuesConfig: {
    STRING: { description: 'Anything but nothing.' },
    NUMBER: { description: 'A number, such as `500`.' },
    BOOLEAN: { description: '`true` or `false`.' },
  },
});

@ObjectType({ description: 'What a source can be asked.' })
export class IngestSourceOption {
  @Field(() => String)
  name!: string;

  @Field(() => String)
  description!: string;

  @Field(() => IngestOptionType)
  type!: IngestOptionType;

  @Field(() => String, { nullable: true, description: 'Its value when it is left out, as text; null where there is none.' })
  default!: string | null;
}

@ObjectType({ description: 'Where papers, votes or facts can be imported from. For admins.' })
export class IngestSource {
  @Field(() => String, { description: 'Unique: lower-case letters, digits and hyphens.' })
  name!: string;

  @Field(() => String)
  description!: string;

  @Field(() => Url, { nullable: true, description: 'The service that is asked; null for a source that reads files, which the command line alone can run.' })
  url!: string | null;

  @Field(() => Boolean, { description: 'Whether it can be asked for what is new since an instant, hence be scheduled.' })
  hasSince!: boolean;

  @Costs({ size: 10 })
  @Field(() => [IngestSourceOption], { description: 'What it can be asked; at most 100.' })
  options!: IngestSourceOption[];
}

@InputType({ description: 'An option and its value.' })
export class IngestOptionInput {
  @Field(() => String)
  name!: string;

  @Field(() => String, { description: 'As text, also where it is a number, true or false.' })
  value!: string;
}

@InputType({ description: 'What to import.' })
export class RunIngestInput {
  @Field(() => String, { description: 'The name of a source that has a `url`.' })
  source!: string;

  @Field(() => [IngestOptionInput], { defaultValue: [], description: 'What to ask the source; at most 100, each once.' })
  options!: IngestOptionInput[];

  @Field(() => DateTime, { nullable: true, description: 'Only what is new or changed since then; not in the future. Left out, all that the options ask for.' })
  since?: Date | null;
}

@ObjectType({ description: 'The run that was asked for.' })
export class RunIngestPayload {
  @Field(() => IngestRun)
  run!: IngestRun;

  @Field(() => Boolean, { description: 'False when such a run waits or is under way already: it is that one.' })
  isNew!: boolean;
}

@InputType({ description: 'A run to stop.' })
export class StopIngestInput {
  @Field(() => ID)
  runId!: string;
}

@ObjectType({ description: 'The run as it now is.' })
export class StopIngestPayload {
  @Field(() => IngestRun)
  run!: IngestRun;
}
