import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { connectionType } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime, LocalDate } from '../graphql/scalars.js';

@ObjectType({ implements: Node, description: 'Who the viewer is at an OpenID Connect provider: its tokens of this subject sign in. Nobody else sees that there is one.' })
export class ExternalIdentity extends Node {
  readonly nodeType = 'ExternalIdentity';
  rowId!: number;

  @Field(() => String, { description: 'The provider, by the address that its tokens name (`iss`).' })
  issuer!: string;

  @Field(() => String, { description: 'The reader, as the provider numbers or names them (`sub`).' })
  subject!: string;

  @Field(() => DateTime, { description: 'When it was linked, or the account was made by it.' })
  createdAt!: Date;

  @Field(() => LocalDate, { description: 'The last day in UTC on which a token came that the server had not seen.' })
  lastSeenOn!: string;
}

export const ExternalIdentityConnection = connectionType(() => ExternalIdentity, { name: 'ExternalIdentity', plural: "the viewer's external identities" });

@InputType({ description: 'An identity to link.' })
export class LinkExternalIdentityInput {
  @Field(() => String, { description: "A token of the provider, as one would send it as a bearer token: it proves that the viewer is its subject." })
  token!: string;

  @Field(() => String, { nullable: true, description: "The viewer's password; needed where the account has one." })
  currentPassword?: string | null;
}

@ObjectType({ description: 'The identity that signs in from now on.' })
export class LinkExternalIdentityPayload {
  @Field(() => ExternalIdentity)
  externalIdentity!: ExternalIdentity;
}

@InputType({ description: 'An identity to unlink.' })
export class UnlinkExternalIdentityInput {
  @Field(() => ID)
  externalIdentityId!: string;
}

@ObjectType({ description: 'The identity that signs in no longer.' })
export class UnlinkExternalIdentityPayload {
  @Field(() => ID)
  externalIdentityId!: string;
}
