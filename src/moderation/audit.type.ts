import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { AuditAction } from '../generated/prisma/enums.js';
import { PageArgs, connectionType } from '../graphql/connection.js';
import { DateTime, JsonObject } from '../graphql/scalars.js';

export { AuditAction };

registerEnumType(AuditAction, {
  name: 'AuditAction',
  description: 'What a moderator did.',
  valuesConfig: {
    HIDE: { description: 'Hid a paper or a comment.' },
    RESTORE: { description: 'Showed it again.' },
    MERGE: { description: 'Merged two papers, authors or tags; the object is the one that was kept.' },
    RESOLVE_REPORT: { description: 'Ended a report.' },
    SET_ROLE: { description: 'Gave a role to an account.' },
    CREATE_TAG: { description: 'Made a tag.' },
    ADD_TAG_ALIAS: { description: 'Gave a tag another slug.' },
    REMOVE_TAG_ALIAS: { description: 'Took one from it.' },
    EDIT: { description: "Changed somebody else's paper: its fields, tags or repos." },
    DELETE: { description: 'Deleted what somebody else wrote.' },
    RESOLVE_CLAIM: { description: 'Confirmed or rejected a claim of authorship.' },
    UNLINK_AUTHOR: { description: 'Undid the link of an author to a reader.' },
    CLEAR_VOTES: { description: 'Found flagged votes for a paper sound; `votes` says how many.' },
    CONFIRM_VOTES: { description: 'Removed flagged votes for a paper for good; `votes` says how many.' },
  },
});

@ObjectType({ description: 'A deed of a moderator, as it was noted when it was done.' })
export class AuditEntry {
  actorId!: number | null;

  @Field(() => DateTime)
  at!: Date;

  @Field(() => AuditAction)
  action!: AuditAction;

  @Field(() => String, { description: 'The type of the object, such as `Paper`.' })
  objectType!: string;

  @Field(() => ID, { description: 'Its id, for `node`; it may be gone since.' })
  objectId!: string;

  @Field(() => JsonObject, { description: 'What else was noted, by action: such as the `reason`, the `duplicateId` or the `role`.' })
  details!: Record<string, unknown>;
}

export const AuditEntryConnection = connectionType(() => AuditEntry, { name: 'AuditEntry', plural: 'deeds of moderators' });

@InputType({ description: 'Which entries; all conditions must hold.' })
export class AuditLogFilter {
  @Field(() => AuditAction, { nullable: true })
  action?: AuditAction | null;

  @Field(() => ID, { nullable: true, description: 'Only what this user did.' })
  actor?: string | null;

  @Field(() => DateTime, { nullable: true, description: 'Only what was done then or later, from 1900 to 2999.' })
  since?: Date | null;
}

@ArgsType()
export class AuditLogArgs extends PageArgs {
  @Field(() => AuditLogFilter, { nullable: true })
  filter?: AuditLogFilter | null;
}
