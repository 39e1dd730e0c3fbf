import { Arg, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import { badInput } from '../errors.js';
import { enter, forgetReads, requireScope, requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { rowIdOf } from '../graphql/globalId.js';
import { PASSWORD_POINTS } from './password.js';
import type { NewSession, SessionService } from './session.service.js';
import type { UserLoaders } from './user.loaders.js';
import type { UserService } from './user.service.js';
import {
  SessionPayload,
  SetUserRoleInput,
  SetUserRolePayload,
  SignInInput,
  SignOutInput,
  SignOutPayload,
  SignUpInput,
  User,
} from './user.type.js';

@Resolver(() => User)
export class UserResolver {
  constructor(
    private readonly users: UserService,
    private readonly sessions: SessionService,
    private readonly load: UserLoaders,
  ) {}

  @Query(() => User, { nullable: true, description: 'The signed-in reader; null for an anonymous request.' })
  viewer(@Ctx() context: Context): Promise<User | null> | null {
    return context.viewer === null ? null : this.load(context).byId.load(context.viewer.id);
  }

  @Query(() => User, { nullable: true, description: 'A reader, by `id` or by `username`; give one of the two.' })
  user(
    @Ctx() context: Context,
    @Arg('id', () => ID, { nullable: true }) id?: string | null,
    @Arg('username', () => String, { nullable: true }) username?: string | null,
  ): Promise<User | null> {
    if ((id == null) === (username == null)) throw badInput('id', 'or username must be given, one of the two', { id, username });
    if (id != null) return this.load(context).byId.load(rowIdOf('User', id, 'id'));
    return this.load(context).byUsername.load(username ?? '');
  }

  @Costs({ points: PASSWORD_POINTS })
  @Mutation(() => SessionPayload, { description: "Makes an account and signs it in. CONFLICT: the username is taken, or one of the server's own (`admin`, `demo`). RATE_LIMITED: from an address only so many accounts may be made in an hour. Errors: BAD_USER_INPUT, CONFLICT, RATE_LIMITED." })
  async signUp(@Ctx() context: Context, @Arg('input', () => SignUpInput) input: SignUpInput): Promise<SessionPayload> {
    const { username, password, displayName = null } = input;
    const user = await this.users.signUp({ username, password, displayName, address: context.address() });
    const session = await this.sessions.open({ id: user.rowId, username: user.username, role: user.role });
    return this.enter(context, session);
  }

  @Costs({ points: PASSWORD_POINTS })
  @Mutation(() => SessionPayload, {
    description:
      'Opens a session. After some wrong passwords the next attempt has to wait, twice as long each time: RATE_LIMITED, whose `retryAfter` says for how many seconds. Errors: UNAUTHENTICATED, RATE_LIMITED.',
  })
  async signIn(@Ctx() context: Context, @Arg('input', () => SignInInput) input: SignInInput): Promise<SessionPayload> {
    return this.enter(context, await this.sessions.signIn({ username: input.username, password: input.password, address: context.address() }));
  }

  @Mutation(() => SignOutPayload, { description: 'Ends the session of the token sent; signing out again ends nothing and is no error. FORBIDDEN: ending others needs a token with the scope ADMIN. Errors: FORBIDDEN.' })
  async signOut(
    @Ctx() context: Context,
    @Arg('input', () => SignOutInput, { defaultValue: { everywhere: false } }) input: SignOutInput,
  ): Promise<SignOutPayload> {
    if (context.viewer === null || context.token === null) return { endedSessions: 0 };
    const { everywhere, apiTokens = false } = input;
    if (everywhere || apiTokens) requireScope(context.viewer, 'ADMIN');
    const endedSessions = await this.sessions.close(context.viewer, context.token, { everywhere, apiTokens });
    enter(context, null);
    return { endedSessions };
  }

  @Mutation(() => SetUserRolePayload, { description: 'Gives a role. Needs the role ADMIN. Errors: UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.' })
  async setUserRole(
    @Ctx() context: Context,
    @Arg('input', () => SetUserRoleInput) input: SetUserRoleInput,
  ): Promise<SetUserRolePayload> {
    const admin = requireViewer(context);
    const user = await this.users.setRole(input.username, input.role, admin);
    forgetReads(context);
    return { user };
  }

  // The rest of the request is the new viewer's.
  private async enter(context: Context, session: NewSession): Promise<SessionPayload> {
    enter(context, session);
    const viewer = await this.load(context).byId.load(session.viewer.id);
    if (viewer === null) throw new Error(`user ${session.viewer.id} vanished`);
    return { token: session.token, expiresAt: session.expiresAt, viewer };
  }
}
