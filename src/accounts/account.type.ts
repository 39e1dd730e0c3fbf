// TypeGraphQL's decorators need it when a class is declared; every type imports this module or its sibling.
import 'reflect-metadata';
import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';

export const FATES_OF_COMMENTS = { REMOVE: 'REMOVE', ANONYMISE: 'ANONYMISE' } as const;
export type FateOfComments = keyof typeof FATES_OF_COMMENTS;

registerEnumType(FATES_OF_COMMENTS, {
  name: 'FateOfComments',
  description: 'What becomes of the comments of an account that is deleted.',
  valuesConfig: {
    REMOVE: { description: 'Their texts and whom they mention are deleted; tombstones stay where there are replies.' },
    ANONYMISE: { description: 'Their texts stay as they are, without an author. What they say of their author they still say.' },
  },
});

@InputType({ description: 'Proof that it is the reader who asks, and what to leave.' })
export class DeleteAccountInput {
  @Field(() => String, {
    nullable: true,
    description: "The password of the viewer's account. Left out, the bearer token of the request must be of the viewer's external identity, who proved to its provider who they are within the last ten minutes.",
  })
  password?: string | null;

  @Field(() => FATES_OF_COMMENTS, { defaultValue: FATES_OF_COMMENTS.REMOVE })
  comments!: FateOfComments;
}

@ObjectType({ description: 'What is left of the account.' })
export class DeleteAccountPayload {
  @Field(() => ID, { description: 'The id that the account had, which finds nothing any more.' })
  deletedUserId!: string;
}

@ObjectType({ description: 'Where all that the server holds of the viewer can be fetched.' })
export class ExportMyDataPayload {
  @Field(() => String, {
    description: 'Answers one GET, without a token, with a JSON document of any size. Whoever has the address can fetch it: it is shown once, and the server keeps only its hash.',
  })
  downloadUrl!: string;

  @Field(() => DateTime, { description: 'When the address stops working: ten minutes after it was made.' })
  expiresAt!: Date;
}
