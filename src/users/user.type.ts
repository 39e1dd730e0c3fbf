import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Role } from '../generated/prisma/enums.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';

registerEnumType(Role, {
  name: 'Role',
  description: 'What an account may do.',
  valuesConfig: {
    READER: { description: 'Votes, submits papers and edits what it submitted.' },
    CURATOR: { description: 'Also edits every paper and makes tags.' },
    ADMIN: { description: 'Also gives roles and runs imports.' },
  },
});

@ObjectType({ implements: Node, description: 'A reader.' })
export class User extends Node {
  readonly nodeType = 'User';
  rowId!: number;

  @Field(() => String, { description: 'Unique: 2 to 39 lower-case letters, digits, hyphens and underscores.' })
  username!: string;

  @Field(() => String, { nullable: true, description: 'A name for people; null where the reader gave none.' })
  displayName!: string | null;

  @Field(() => Role)
  role!: Role;

  @Field(() => Boolean, { description: 'True for the made-up readers of the demo, who cannot sign in.' })
  isSimulated!: boolean;

  @Field(() => DateTime, { description: 'When the account was made.' })
  createdAt!: Date;

  @Field(() => Int, { description: 'How many papers the reader has upvoted.' })
  upvoteCount!: number;

  @Field(() => Int, { description: 'How many readers follow the reader.' })
  followerCount!: number;
}

@InputType({ description: 'A new account.' })
export class SignUpInput {
  @Field(() => String, { description: '2 to 39 lower-case letters, digits, hyphens and underscores, starting with a letter or digit.' })
  username!: string;

  @Field(() => String, { description: '8 to 256 characters.' })
  password!: string;

  @Field(() => String, { nullable: true, description: 'At most 80 characters.' })
  displayName?: string | null;
}

@InputType({ description: 'An account and its password.' })
export class SignInInput {
  @Field(() => String)
  username!: string;

  @Field(() => String)
  password!: string;
}

@ObjectType({ description: 'A new session.' })
export class SessionPayload {
  @Field(() => String, { description: 'Send it as `Authorization: Bearer <token>`. It is shown once: the server keeps only its hash.' })
  token!: string;

  @Field(() => DateTime, { description: 'When the token stops working.' })
  expiresAt!: Date;

  @Field(() => User)
  viewer!: User;
}

@InputType({ description: 'Which session to end.' })
export class SignOutInput {
  @Field(() => Boolean, { defaultValue: false, description: 'End every session of the viewer and not this one alone; API tokens stay, unless `apiTokens` says otherwise.' })
  everywhere!: boolean;

  @Field(() => Boolean, { defaultValue: false, description: "End all API tokens of the viewer's as well." })
  apiTokens?: boolean;
}

@ObjectType({ description: 'What signing out ended.' })
export class SignOutPayload {
  @Field(() => Int, { description: 'Sessions and API tokens that ended; 0 when the request had no valid token.' })
  endedSessions!: number;
}

@InputType({ description: 'A role to give.' })
export class SetUserRoleInput {
  @Field(() => String, { description: 'The account.' })
  username!: string;

  @Field(() => Role)
  role!: Role;
}

@ObjectType({ description: 'The account with its new role.' })
export class SetUserRolePayload {
  @Field(() => User)
  user!: User;
}
