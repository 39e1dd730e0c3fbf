import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { enter, forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { ApiTokenService } from './apiToken.service.js';
import { PASSWORD_POINTS } from './password.js';
import { toSession, type SessionService } from './session.service.js';
import type { Session } from './session.type.js';
import {
  ChangePasswordInput,
  ChangePasswordPayload,
  CreateApiTokenInput,
  CreateApiTokenPayload,
  MOST_API_TOKENS,
  RevokeSessionInput,
  RevokeSessionPayload,
  SessionConnection,
} from './session.type.js';
import type { UserService } from './user.service.js';

export interface SessionServices {
  readonly sessions: SessionService;
  readonly apiTokens: ApiTokenService;
  readonly users: Pick<UserService, 'changePassword'>;
}

@Resolver()
export class SessionResolver {
  constructor(private readonly services: SessionServices) {}

  @Query(() => SessionConnection, { description: "Where the viewer is signed in, and the viewer's API tokens, the latest first; none that has expired. Errors: UNAUTHENTICATED, BAD_USER_INPUT." })
  async sessions(@Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Session>> {
    const { sessions } = this.services;
    const { id } = requireViewer(context);
    const page = await sessions.list(id, context.token, toPage(args));
    return connectionOf(page, toSession, () => sessions.count(id));
  }

  @Mutation(() => CreateApiTokenPayload, {
    description: `Makes a token for a program, which may do what its scopes say and no more; at most ${MOST_API_TOKENS} a reader. CONFLICT: the name is taken, or there are that many. FORBIDDEN: the token of this request has not all of the scopes. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, CONFLICT.`,
  })
  async createApiToken(@Ctx() context: Context, @Arg('input', () => CreateApiTokenInput) input: CreateApiTokenInput): Promise<CreateApiTokenPayload> {
    const { name, scopes, expiresAt = null } = input;
    const made = await this.services.apiTokens.create({ viewer: requireViewer(context), token: context.token }, { name, scopes, expiresAt }, new Date());
    forgetReads(context);
    return made;
  }

  @Mutation(() => RevokeSessionPayload, {
    description: "Ends a session or an API token of the viewer's at once, on every server; repeating it changes nothing, nor does another reader's. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN.",
  })
  async revokeSession(@Ctx() context: Context, @Arg('input', () => RevokeSessionInput) input: RevokeSessionInput): Promise<RevokeSessionPayload> {
    const { id } = requireViewer(context);
    const { isCurrent } = await this.services.sessions.revoke(id, context.token, rowIdOf('Session', input.sessionId, 'sessionId'));
    if (isCurrent) enter(context, null);
    else forgetReads(context);
    return { sessionId: input.sessionId };
  }

  @Costs({ points: PASSWORD_POINTS })
  @Mutation(() => ChangePasswordPayload, {
    description:
      'Gives the account another password, and ends all sessions that the old one opened but this one; API tokens stay. Wrong passwords are counted as those of `signIn`. Errors: BAD_USER_INPUT, UNAUTHENTICATED (also for a wrong password), FORBIDDEN, RATE_LIMITED.',
  })
  async changePassword(@Ctx() context: Context, @Arg('input', () => ChangePasswordInput) input: ChangePasswordInput): Promise<ChangePasswordPayload> {
    const { username } = requireViewer(context);
    const { currentPassword: password, newPassword } = input;
    const endedSessions = await this.services.users.changePassword({ username, password, address: context.address() }, { newPassword, token: context.token });
    forgetReads(context);
    return { endedSessions };
  }
}
