import { Args, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import type { AuditRow, AuditService } from '../audit/audit.service.js';
import { connectionOf, toPage, type Connection } from '../graphql/connection.js';
import type { Context } from '../graphql/context.js';
import { rowIdOf, toGlobalId } from '../graphql/globalId.js';
import { checkedInstant } from '../inputRules.js';
import type { UserLoaders } from '../users/user.loaders.js';
import { User } from '../users/user.type.js';
import { AuditEntry, AuditEntryConnection, AuditLogArgs } from './audit.type.js';

@Resolver(() => AuditEntry)
export class AuditResolver {
  constructor(
    private readonly audit: AuditService,
    private readonly loadUsers: UserLoaders,
  ) {}

  @Query(() => AuditEntryConnection, { description: 'What moderators did, the latest first. Needs the role ADMIN. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.' })
  async auditLog(@Args(() => AuditLogArgs) args: AuditLogArgs): Promise<Connection<AuditEntry>> {
    const { action, actor, since } = args.filter ?? {};
    const filter = { action: action ?? null, actorId: actor == null ? null : rowIdOf('User', actor, 'filter.actor'), since: since == null ? null : checkedInstant('filter.since', since) };
    const page = await this.audit.list(filter, toPage(args));
    return connectionOf(page, toEntry, () => this.audit.count(filter));
  }

  @FieldResolver(() => User, { nullable: true, description: 'Who did it; null when the account is gone.' })
  actor(@Root() entry: AuditEntry, @Ctx() context: Context): Promise<User | null> | null {
    return entry.actorId === null ? null : this.loadUsers(context).byId.load(entry.actorId);
  }
}

function toEntry({ objectType, objectRowId, actorId, at, action, details }: AuditRow): AuditEntry {
  return Object.assign(new AuditEntry(), { actorId, at, action, objectType, objectId: toGlobalId(objectType, objectRowId), details });
}
