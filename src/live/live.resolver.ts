/* eslint-disable @typescript-eslint/no-unused-vars -- arguments that `streams` takes, declared where the schema has them from */
import { Arg, Args, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import type { CommentLoaders } from '../comments/comment.loaders.js';
import { requireViewer, type Context } from '../graphql/context.js';
import { rowIdOf } from '../graphql/globalId.js';
import { openedByStreams, type Streams } from '../graphql/streams.js';
import type { NotificationLoaders } from '../notifications/notification.loaders.js';
import type { NotificationService } from '../notifications/notification.service.js';
import type { PaperLoaders } from '../papers/paper.loaders.js';
import type { PaperService } from '../papers/paper.service.js';
import type { LiveService } from './live.service.js';
import { CommentAddedPayload, NotificationAddedPayload, PaperListedArgs, PaperListedPayload, PaperVotesPayload } from './live.type.js';
import type { LiveEvent } from './topics.js';

interface OfPaper {
  readonly paperId: string;
}

@Resolver()
export class LiveResolver {
  /** What opens the stream of each field below. */
  readonly streams: Streams = {
    paperVotes: async ({ paperId }: OfPaper) => this.services.live.subscribe('VOTE', await this.paperOf(paperId)),
    commentAdded: async ({ paperId }: OfPaper) => this.services.live.subscribe('COMMENT', await this.paperOf(paperId)),
    paperListed: ({ period, tags = null }: PaperListedArgs) => this.services.live.subscribeToPapers({ period, tags }),
    notificationAdded: async (_, context) => this.services.live.subscribe('NOTIFICATION', requireViewer(context).id),
  };

  constructor(
    private readonly services: { readonly live: LiveService; readonly papers: PaperService; readonly notifications: NotificationService },
    private readonly load: { readonly papers: PaperLoaders; readonly comments: CommentLoaders; readonly notifications: NotificationLoaders },
  ) {}

  @Subscription(() => PaperVotesPayload, {
    subscribe: openedByStreams,
    description: 'Tells of votes on a paper: at once, and four times a second at most, the last state. Errors: BAD_USER_INPUT, NOT_FOUND.',
  })
  async paperVotes(@Root() { rowId }: LiveEvent, @Ctx() context: Context, @Arg('paperId', () => ID) _paperId: string): Promise<PaperVotesPayload> {
    return { paper: await this.load.papers(context).byId.load(rowId) };
  }

  @Subscription(() => CommentAddedPayload, {
    subscribe: openedByStreams,
    description: 'Tells of each comment on a paper, and of each reply below it. Errors: BAD_USER_INPUT, NOT_FOUND.',
  })
  async commentAdded(@Root() { rowId }: LiveEvent, @Ctx() context: Context, @Arg('paperId', () => ID) _paperId: string): Promise<CommentAddedPayload> {
    return { comment: await this.load.comments(context).byId.load(rowId) };
  }

  @Subscription(() => PaperListedPayload, {
    subscribe: openedByStreams,
    description: 'Tells of each new paper of the current feed, with the tags that it came with. Errors: BAD_USER_INPUT.',
  })
  async paperListed(@Root() { rowId }: LiveEvent, @Ctx() context: Context, @Args(() => PaperListedArgs) _args: PaperListedArgs): Promise<PaperListedPayload> {
    return { paper: await this.load.papers(context).byId.load(rowId) };
  }

  @Subscription(() => NotificationAddedPayload, {
    subscribe: openedByStreams,
    description: "Tells the viewer of each new notification; nobody else is told. Errors: UNAUTHENTICATED.",
  })
  async notificationAdded(@Root() { rowId }: LiveEvent, @Ctx() context: Context): Promise<NotificationAddedPayload> {
    const viewer = requireViewer(context);
    const [notification, unreadNotificationCount] = await Promise.all([
      this.load.notifications(context).byId.load(rowId),
      this.services.notifications.countUnread(viewer.id),
    ]);
    return { notification, unreadNotificationCount };
  }

  private async paperOf(globalId: string): Promise<number> {
    return (await this.services.papers.get(rowIdOf('Paper', globalId, 'paperId'))).rowId;
  }
}
