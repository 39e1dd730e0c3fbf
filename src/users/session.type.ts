// TypeGraphQL's decorators need it when a class is declared.
import 'reflect-metadata';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Scope, SessionKind } from '../generated/prisma/enums.js';
import { connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';

export const MOST_API_TOKENS = 50;

registerEnumType(SessionKind, {
  name: 'SessionKind',
  description: 'How a session was opened.',
  valuesConfig: {
    SIGN_IN: { description: 'By a password.' },
    API_TOKEN: { description: 'By its reader, for a program.' },
    EXTERNAL: { description: 'By a provider of identities that the server trusts.' },
  },
});

registerEnumType(Scope, {
  name: 'Scope',
  description: 'What a token is for. None has another in it: a program that reads and votes needs both.',
  valuesConfig: {
    READ: { description: "Reads what its reader may read: all queries and subscriptions but curators' and admins'." },
    VOTE: { description: 'Gives upvotes and takes them back.' },
    WRITE: { description: 'Does what readers do but voting: comments, follows, lists, submissions, the digest.' },
    ADMIN: {
      description: "Does what opens the account to others or ends it (tokens, sessions, the password, the export, the deletion), and what its reader's role allows: without it, a curator's token is a reader's.",
    },
  },
});

@ObjectType({ implements: Node, description: 'Where the viewer is signed in, or what a program signs in with. Nobody else sees that there is one.' })
export class Session extends Node {
  readonly nodeType = 'Session';
  rowId!: number;

  @Field(() => SessionKind)
  kind!: SessionKind;

  @Field(() => String, { nullable: true, description: 'By which its owner tells an API token from others; null for other kinds.' })
  name!: string | null;

  @Field(() => [Scope], { description: 'What it is for, in the order of the enum: at most 4.' })
  scopes!: Scope[];

  @Field(() => DateTime)
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When its token stops working; null for never.' })
  expiresAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'The beginning of the hour in UTC in which it was used last; null for never.' })
  lastUsedAt!: Date | null;

  @Field(() => Boolean, { description: 'Whether it is the one of this request.' })
  isCurrent!: boolean;
}

export const SessionConnection = connectionType(() => Session, { name: 'Session', plural: "the viewer's sessions" });

@InputType({ description: 'A token for a program.' })
export class CreateApiTokenInput {
  @Field(() => String, { description: 'Such as the program that it is for: 1 to 80 characters, unlike those of the other API tokens.' })
  name!: string;

  @Field(() => [Scope], { description: 'What it is for: at least one and at most 4, and none that the token of this request has not.' })
  scopes!: Scope[];

  @Field(() => DateTime, { nullable: true, description: 'When it stops working; null for never. One that is made by an API token ends no later than that.' })
  expiresAt?: Date | null;
}

@ObjectType({ description: 'The token with its session.' })
export class CreateApiTokenPayload {
  @Field(() => String, { description: 'Send it as `Authorization: Bearer <token>`. It is shown once: the server keeps only its hash.' })
  token!: string;

  @Field(() => Session)
  session!: Session;
}

@InputType({ description: 'A session to end.' })
export class RevokeSessionInput {
  @Field(() => ID)
  sessionId!: string;
}

@ObjectType({ description: 'The session that is gone.' })
export class RevokeSessionPayload {
  @Field(() => ID)
  sessionId!: string;
}

@InputType({ description: 'A password in place of another.' })
export class ChangePasswordInput {
  @Field(() => String, { description: 'Proof that it is the reader who asks.' })
  currentPassword!: string;

  @Field(() => String, { description: '8 to 256 characters, unlike the one before.' })
  newPassword!: string;
}

@ObjectType({ description: 'What the new password ended.' })
export class ChangePasswordPayload {
  @Field(() => Int, { description: 'Sessions that were opened by the old password and ended: all but the one of this request.' })
  endedSessions!: number;
}
