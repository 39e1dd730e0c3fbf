import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import { ClaimState } from '../generated/prisma/enums.js';
import { PageArgs, connectionType, edgeBase } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime, Url } from '../graphql/scalars.js';

export { ClaimState };

/** The longest note, resolution note or reason. */
export const MAX_NOTE_CHARACTERS = 1000;
/** So many claims of a reader may wait for curators. */
export const MOST_PENDING = 10;
/** So many authors a reader may be: far more than a name has spellings, and few enough to look at for each vote that is shown. */
export const MOST_AUTHORS = 100;
/** So many a reader may make in 24 hours. */
export const CLAIMS_A_DAY = 20;

registerEnumType(ClaimState, {
  name: 'ClaimState',
  description: 'What became of a claim.',
  valuesConfig: {
    PENDING: { description: 'No curator has decided.' },
    CONFIRMED: { description: 'The author is linked to the reader.' },
    REJECTED: { description: 'A curator did not believe it, or confirmed that of another reader.' },
    WITHDRAWN: { description: 'The reader took it back.' },
    ENDED: { description: 'It was confirmed, and the link was undone since.' },
  },
});

export enum ClaimResolution {
  CONFIRMED = 'CONFIRMED',
  REJECTED = 'REJECTED',
}

registerEnumType(ClaimResolution, {
  name: 'ClaimResolution',
  description: 'How a claim is decided.',
  valuesConfig: { CONFIRMED: { description: 'The reader is the author.' }, REJECTED: { description: 'It is not to be believed.' } },
});

@ObjectType({ implements: Node, description: 'That a reader says to be an author; curators see it, and who made it.' })
export class AuthorshipClaim extends Node {
  readonly nodeType = 'AuthorshipClaim';
  rowId!: number;
  userId!: number;
  authorId!: number;
  resolverId!: number | null;

  @Field(() => ClaimState)
  state!: ClaimState;

  @Field(() => String, { description: 'How one can check it, as the reader says.' })
  note!: string;

  @Field(() => Url, { nullable: true, description: 'A page that shows it, as the reader says.' })
  evidenceUrl!: string | null;

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When it was confirmed, rejected or withdrawn; null while it is pending.' })
  resolvedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'What the curator who decided says.' })
  resolutionNote!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When the link was undone; null but for ENDED.' })
  endedAt!: Date | null;

  @Field(() => String, { nullable: true, description: 'Why; null but for ENDED.' })
  endReason!: string | null;
}

export const AuthorshipClaimConnection = connectionType(() => AuthorshipClaim, { name: 'AuthorshipClaim', plural: 'claims of authorship' });

@ObjectType({ description: 'An author who is linked to a reader.' })
export class UserAuthorEdge extends edgeBase(() => Author) {
  @Field(() => DateTime, { description: 'When a curator confirmed it.' })
  confirmedAt!: Date;
}

export const UserAuthorConnection = connectionType(() => Author, { name: 'UserAuthor', plural: 'the authors that a reader is' }, UserAuthorEdge);

@ArgsType()
export class AuthorshipClaimsArgs extends PageArgs {
  @Field(() => ClaimState, { nullable: true, description: 'Only claims in this state.' })
  state?: ClaimState | null;
}

@InputType({ description: 'An author whom the viewer says to be.' })
export class ClaimAuthorshipInput {
  @Field(() => ID)
  authorId!: string;

  @Field(() => String, { description: `How one can check it: 1 to ${MAX_NOTE_CHARACTERS.toLocaleString('en')} characters.` })
  note!: string;

  @Field(() => Url, { nullable: true, description: 'A page that shows it: http or https, at most 2,000 characters.' })
  evidenceUrl?: URL | null;
}

@ObjectType({ description: 'What the viewer claims.' })
export class ClaimAuthorshipPayload {
  @Field(() => AuthorshipClaim)
  claim!: AuthorshipClaim;

  @Field(() => Boolean, { description: 'False where the viewer has a pending claim on the author, or a confirmed one: it stays as it is.' })
  isNew!: boolean;
}

@InputType({ description: 'A claim to take back.' })
export class WithdrawClaimInput {
  @Field(() => ID)
  claimId!: string;
}

@ObjectType({ description: 'The claim as it now is.' })
export class WithdrawClaimPayload {
  @Field(() => AuthorshipClaim)
  claim!: AuthorshipClaim;
}

@InputType({ description: 'How a claim is decided.' })
export class ResolveClaimInput {
  @Field(() => ID)
  claimId!: string;

  @Field(() => ClaimResolution)
  resolution!: ClaimResolution;

  @Field(() => String, { nullable: true, description: `Why, for the claimant too: 1 to ${MAX_NOTE_CHARACTERS.toLocaleString('en')} characters.` })
  note?: string | null;
}

@ObjectType({ description: 'The claim as it now is.' })
export class ResolveClaimPayload {
  @Field(() => AuthorshipClaim)
  claim!: AuthorshipClaim;
}

@InputType({ description: 'An author whose link to a reader is to be undone.' })
export class UnlinkAuthorInput {
  @Field(() => ID)
  authorId!: string;

  @Field(() => String, { description: `Why, for the reader and for the audit log: 1 to ${MAX_NOTE_CHARACTERS.toLocaleString('en')} characters.` })
  reason!: string;
}

@ObjectType({ description: 'The author, linked to nobody.' })
export class UnlinkAuthorPayload {
  @Field(() => Author)
  author!: Author;
}
