import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { PageArgs, connectionOf, toPage, type Connection } from '../graphql/connection.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { AnswersSecret } from '../graphql/keyedMutations.js';
import { MOST_FEED_TOKENS, toFeedToken, type FeedTokenService } from './feedToken.service.js';
import type { FeedToken} from './feedToken.type.js';
import { CreateFeedTokenInput, CreateFeedTokenPayload, FeedTokenConnection, RevokeFeedTokenInput, RevokeFeedTokenPayload } from './feedToken.type.js';
import type { FeedUrls } from './feedUrls.js';

@Resolver()
export class FeedTokenResolver {
  constructor(
    private readonly tokens: FeedTokenService,
    private readonly urls: FeedUrls,
  ) {}

  @Query(() => FeedTokenConnection, { description: "The private addresses of the viewer's recommendations, the latest first. Errors: UNAUTHENTICATED, BAD_USER_INPUT." })
  async feedTokens(@Ctx() context: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<FeedToken>> {
    const { id } = requireViewer(context);
    const page = await this.tokens.list(id, toPage(args));
    return connectionOf(page, toFeedToken, () => this.tokens.count(id));
  }

  @AnswersSecret()
  @Mutation(() => CreateFeedTokenPayload, {
    description: `Makes a private address of the viewer's recommendations, for feed readers, which cannot sign in; at most ${MOST_FEED_TOKENS} a reader. CONFLICT: the name is taken, or there are that many. FORBIDDEN: the token of this request is an API token that expires. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, CONFLICT.`,
  })
  async createFeedToken(@Ctx() context: Context, @Arg('input', () => CreateFeedTokenInput) input: CreateFeedTokenInput): Promise<CreateFeedTokenPayload> {
    const { token, feedToken } = await this.tokens.create({ viewer: requireViewer(context), token: context.token }, input.name);
    forgetReads(context);
    return { feedToken, syndication: this.urls.of({ kind: 'reader', token }) };
  }

  @Mutation(() => RevokeFeedTokenPayload, {
    description: "Ends a private address of the viewer's at once, on every server; repeating it changes nothing, nor does another reader's. Errors: BAD_USER_INPUT, UNAUTHENTICATED.",
  })
  async revokeFeedToken(@Ctx() context: Context, @Arg('input', () => RevokeFeedTokenInput) input: RevokeFeedTokenInput): Promise<RevokeFeedTokenPayload> {
    await this.tokens.revoke(requireViewer(context).id, rowIdOf('FeedToken', input.feedTokenId, 'feedTokenId'));
    forgetReads(context);
    return { feedTokenId: input.feedTokenId };
  }
}
