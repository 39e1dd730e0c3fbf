import { ArgsType, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { DigestContent, DigestFrequency, DigestState } from '../generated/prisma/enums.js';
import { Costs } from '../graphql/fieldCost.js';
import { DateTime } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';

export { DigestContent, DigestFrequency, DigestState };

registerEnumType(DigestFrequency, {
  name: 'DigestFrequency',
  description: 'How often a digest comes.',
  valuesConfig: {
    DAILY: { description: 'Once a day, with the papers of two days.' },
    WEEKLY: { description: 'Once a week, with the papers of eight days.' },
  },
});

registerEnumType(DigestContent, {
  name: 'DigestContent',
  description: 'What a digest holds. Neither shows what its reader dismissed, nor what an earlier digest showed.',
  valuesConfig: {
    TRENDING: { description: 'The papers that were listed lately, the highest `trendingScore` first.' },
    PERSONAL: { description: 'What `recommendations` gives its reader, with the leading reasons.' },
  },
});

registerEnumType(DigestState, {
  name: 'DigestState',
  description: 'Whether a digest is sent.',
  valuesConfig: {
    PENDING: { description: 'Not before its address is confirmed by the link that was sent there.' },
    ACTIVE: { description: 'It is.' },
    BOUNCING: { description: 'No longer: mails to the address were refused three times in a row. Subscribing again asks the address anew.' },
  },
});

export enum Weekday {
  MONDAY = 'MONDAY',
  TUESDAY = 'TUESDAY',
  WEDNESDAY = 'WEDNESDAY',
  THURSDAY = 'THURSDAY',
  FRIDAY = 'FRIDAY',
  SATURDAY = 'SATURDAY',
  SUNDAY = 'SUNDAY',
}

registerEnumType(Weekday, {
  name: 'Weekday',
  description: 'A day of the week.',
  valuesConfig: {
    MONDAY: { description: 'The first day of a week, by ISO 8601.' },
    TUESDAY: { description: 'The second.' },
    WEDNESDAY: { description: 'The third.' },
    THURSDAY: { description: 'The fourth.' },
    FRIDAY: { description: 'The fifth.' },
    SATURDAY: { description: 'The sixth.' },
    SUNDAY: { description: 'The last.' },
  },
});

@ObjectType({ description: 'A reader’s digest by mail; nobody else sees it.' })
export class DigestSubscription {
  @Field(() => String, { description: 'Where it is sent.' })
  email!: string;

  @Field(() => DigestFrequency)
  frequency!: DigestFrequency;

  @Field(() => DigestContent)
  content!: DigestContent;

  @Field(() => String, { description: 'The IANA time zone of `hour` and `weekday`, such as Europe/Berlin.' })
  timeZone!: string;

  @Field(() => Int, { description: 'The hour at which it is sent, 0 to 23. On a day without that hour it comes with the next one; on a day that has it twice, once.' })
  hour!: number;

  @Field(() => Weekday, { nullable: true, description: 'The day on which a weekly digest is sent; null for a daily one.' })
  weekday!: Weekday | null;

  @Field(() => Int, { description: 'How many papers it holds at most.' })
  maxPapers!: number;

  @Field(() => DigestState)
  state!: DigestState;

  @Field(() => DateTime, { nullable: true, description: 'When the address was confirmed; null before.' })
  confirmedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the next digest is due; null unless ACTIVE.' })
  nextDueAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'When the last digest was sent, in the last 90 days; null for never.' })
  lastSentAt!: Date | null;
}

@InputType({ description: 'A digest by mail.' })
export class SubscribeToDigestInput {
  @Field(() => String, { description: 'An address of at most 254 characters. It is sent a link to confirm it, and nothing else before that.' })
  email!: string;

  @Field(() => DigestFrequency, { defaultValue: DigestFrequency.DAILY })
  frequency!: DigestFrequency;

  @Field(() => DigestContent, { defaultValue: DigestContent.PERSONAL })
  content!: DigestContent;

  @Field(() => String, { description: 'An IANA time zone, such as Europe/Berlin.' })
  timeZone!: string;

  @Field(() => Int, { defaultValue: 8, description: 'The hour of the day in the time zone, 0 to 23.' })
  hour!: number;

  @Field(() => Weekday, { nullable: true, description: 'For a weekly digest alone; MONDAY when left out.' })
  weekday?: Weekday | null;

  @Field(() => Int, { defaultValue: 10, description: 'How many papers at most, 1 to 20.' })
  maxPapers!: number;
}

@InputType({ description: 'What to change of the viewer’s digest; what is left out stays. Another address is another subscription: see subscribeToDigest.' })
export class UpdateDigestInput {
  @Field(() => DigestFrequency, { nullable: true })
  frequency?: DigestFrequency | null;

  @Field(() => DigestContent, { nullable: true })
  content?: DigestContent | null;

  @Field(() => String, { nullable: true, description: 'An IANA time zone, such as Europe/Berlin.' })
  timeZone?: string | null;

  @Field(() => Int, { nullable: true, description: 'The hour of the day in the time zone, 0 to 23.' })
  hour?: number | null;

  @Field(() => Weekday, { nullable: true, description: 'For a weekly digest alone.' })
  weekday?: Weekday | null;

  @Field(() => Int, { nullable: true, description: 'How many papers at most, 1 to 20.' })
  maxPapers?: number | null;
}

@InputType({ description: 'The token of a link that confirms an address.' })
export class ConfirmDigestInput {
  @Field(() => String)
  token!: string;
}

@ObjectType({ description: 'The digest as it now is.' })
export class SubscribeToDigestPayload {
  @Field(() => DigestSubscription)
  subscription!: DigestSubscription;

  @Field(() => Boolean, { description: 'Whether a mail is on its way to the address, whose link confirms it within 48 hours.' })
  isConfirmationSent!: boolean;
}

@ObjectType({ description: 'The digest as it now is.' })
export class UpdateDigestPayload {
  @Field(() => DigestSubscription)
  subscription!: DigestSubscription;
}

@ObjectType({ description: 'An address that is confirmed.' })
export class ConfirmDigestPayload {
  @Field(() => DateTime)
  confirmedAt!: Date;

  @Field(() => DigestSubscription, { nullable: true, description: 'The digest; null unless it is the viewer’s own.' })
  subscription!: DigestSubscription | null;
}

@ObjectType({ description: 'What is no longer there.' })
export class UnsubscribeFromDigestPayload {
  @Field(() => Boolean, { description: 'Whether there was a digest, which is deleted with its address.' })
  wasSubscribed!: boolean;
}

@ArgsType()
export class DigestPreviewArgs {
  @Field(() => DigestFrequency, { nullable: true, description: 'As the viewer’s digest has it when left out, or else DAILY.' })
  frequency?: DigestFrequency | null;

  @Field(() => DigestContent, { nullable: true, description: 'As the viewer’s digest has it when left out, or else PERSONAL.' })
  content?: DigestContent | null;
}

@ObjectType({ description: 'A paper of a digest.' })
export class DigestPick {
  @Field(() => Paper)
  paper!: Paper;

  @Field(() => String, { description: 'Why it is there, in one English sentence.' })
  reason!: string;
}

@ObjectType({ description: 'A digest as it would be sent now.' })
export class DigestPreview {
  @Field(() => String)
  subject!: string;

  @Field(() => String, { description: 'The mail in plain text.' })
  text!: string;

  @Field(() => String, { description: 'The mail in HTML.' })
  html!: string;

  @Costs({ size: 20 })
  @Field(() => [DigestPick], { description: 'What it shows, in order; at most 20.' })
  picks!: DigestPick[];
}
