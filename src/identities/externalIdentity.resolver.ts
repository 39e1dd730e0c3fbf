import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { rowIdOf } from '../graphql/globalId.js';
import { PASSWORD_POINTS } from '../users/password.js';
import type { SessionService } from '../users/session.service.js';
import { MOST_IDENTITIES, toExternalIdentity, type ExternalIdentityService } from './externalIdentity.service.js';
import type { ExternalIdentity } from './externalIdentity.type.js';
import {
  ExternalIdentityConnection,
  LinkExternalIdentityInput,
  LinkExternalIdentityPayload,
  UnlinkExternalIdentityInput,
  UnlinkExternalIdentityPayload,
} from './externalIdentity.type.js';

@Resolver()
export class ExternalIdentityResolver {
  constructor(
    private readonly identities: ExternalIdentityService,
    private readonly sessions: Pick<SessionService, 'findViewer'>,
  ) {}

  @Query(() => ExternalIdentityConnection, {
    description: 'Who the viewer is at OpenID Connect providers, so that their tokens sign in; the latest first. Errors: UNAUTHENTICATED, BAD_USER_INPUT.',
  })
  async externalIdentities(@Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<ExternalIdentity>> {
    const { id } = requireViewer(context);
    const page = await this.identities.list(id, toPage(args));
    return connectionOf(page, toExternalIdentity, () => this.identities.count(id));
  }

  @Costs({ points: PASSWORD_POINTS })
  @Mutation(() => LinkExternalIdentityPayload, {
    description: `Has the subject of a provider's token sign in as the viewer; at most ${MOST_IDENTITIES} a reader, and repeating it changes nothing. CONFLICT: the subject signs in as another reader, there are that many, or the server has no provider. FORBIDDEN: the token of this request is an API token. Wrong passwords are counted as those of \`signIn\`. Errors: BAD_USER_INPUT, UNAUTHENTICATED (also for a wrong password), FORBIDDEN, CONFLICT, RATE_LIMITED, UNAVAILABLE.`,
  })
  async linkExternalIdentity(@Ctx() context: Context, @Arg('input', () => LinkExternalIdentityInput) input: LinkExternalIdentityInput): Promise<LinkExternalIdentityPayload> {
    const externalIdentity = await this.identities.link(
      { viewer: requireViewer(context), token: context.token },
      { token: input.token, currentPassword: input.currentPassword ?? null, address: context.address() },
    );
    forgetReads(context);
    return { externalIdentity };
  }

  @Mutation(() => UnlinkExternalIdentityPayload, {
    description:
      "Ends an identity of the viewer's with its sessions, at once and on every server; repeating it changes nothing, nor does another reader's. A later token of its subject makes a new account. CONFLICT: the account has no password and no other identity. Errors: BAD_USER_INPUT, UNAUTHENTICATED, CONFLICT.",
  })
  async unlinkExternalIdentity(@Ctx() context: Context, @Arg('input', () => UnlinkExternalIdentityInput) input: UnlinkExternalIdentityInput): Promise<UnlinkExternalIdentityPayload> {
    await this.identities.unlink(requireViewer(context).id, rowIdOf('ExternalIdentity', input.externalIdentityId, 'externalIdentityId'));
    // The token of this request may have been the identity's.
    context.viewer = context.token === null ? null : await this.sessions.findViewer(context.token);
    forgetReads(context);
    return { externalIdentityId: input.externalIdentityId };
  }
}
