import { Args, Ctx, FieldResolver, Float, Int, Resolver, Root } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import { connectionOf, connectionOfEdges, toPage, type Connection } from '../graphql/connection.js';
import { requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { Paper } from '../papers/paper.type.js';
import { DEFAULTS } from '../recommender/parameters.js';
import { Tag } from '../tags/tag.type.js';
import { toRange, type ReasonLoaders } from './recommendation.resolver.js';
import { RankingArgs } from './recommendation.type.js';
import type { TasteLoaders } from './taste.loaders.js';
import { toTasteSignal } from './taste.resolver.js';
import type { TasteService } from './taste.service.js';
import { TasteProfile, TasteSignal, TasteSignalConnection, TasteSignalKind, TasteSignalsArgs, TasteTagConnection, type TasteTagEdge } from './taste.type.js';

type Load = ReasonLoaders & { readonly taste: TasteLoaders };

/** TasteProfile.signals, TasteProfile.topTags, TasteProfile.votesUsed */
@Resolver(() => TasteProfile)
export class TasteProfileFields {
  constructor(
    private readonly taste: TasteService,
    private readonly load: Load,
  ) {}

  @FieldResolver(() => TasteSignalConnection, { description: 'What the viewer upvoted, followed, dismissed and muted, the latest first. Errors: BAD_USER_INPUT.' })
  async signals(@Root() { readerId }: TasteProfile, @Args(() => TasteSignalsArgs) args: TasteSignalsArgs): Promise<Connection<TasteSignal>> {
    const kind = args.kind ?? null;
    const page = await this.taste.signals(readerId, kind, toPage(args));
    return connectionOf(page, toTasteSignal, () => this.taste.countSignals(readerId, kind));
  }

  @Costs({ points: 20 })
  @FieldResolver(() => TasteTagConnection, { description: 'The tags that recommendations go out from, the largest share first. Errors: BAD_USER_INPUT.' })
  async topTags(@Root() { readerId }: TasteProfile, @Ctx() context: Context, @Args(() => RankingArgs) args: RankingArgs): Promise<Connection<Tag, TasteTagEdge>> {
    const range = toRange(args);
    const { profile } = await this.load.taste(context).profileByReaderId.load(readerId);
    const page = this.taste.topTags(profile, range);
    const edges = await Promise.all(
      page.items.map(async ({ cursor, item }) => {
        const node = await this.load.tags(context).byId.load(item.tagId);
        return node === null ? null : { cursor, node, share: item.share, upvotedPaperCount: item.support };
      }),
    );
    return connectionOfEdges(edges.filter((edge) => edge !== null), page, () => page.total);
  }

  @FieldResolver(() => Int, { description: `How many upvotes recommendations read: those that count, at most ${DEFAULTS.mostHistory}, of papers that fewest readers upvoted.` })
  async votesUsed(@Root() { readerId }: TasteProfile, @Ctx() context: Context): Promise<number> {
    return (await this.load.taste(context).profileByReaderId.load(readerId)).upvoted.size;
  }
}

/** TasteSignal.paper, TasteSignal.tag, TasteSignal.author, TasteSignal.isUsed, TasteSignal.weight */
@Resolver(() => TasteSignal)
export class TasteSignalFields {
  constructor(private readonly load: Load) {}

  @FieldResolver(() => Paper, { nullable: true, description: 'Of UPVOTE and DISMISSAL; null for a hidden paper too, from which nothing is learned while it is hidden.' })
  paper(@Root() { kind, objectId }: TasteSignal, @Ctx() context: Context): Promise<Paper | null> | null {
    const isOfPaper = kind === TasteSignalKind.UPVOTE || kind === TasteSignalKind.DISMISSAL;
    return isOfPaper ? this.load.papers(context).byId.load(objectId) : null;
  }

  @FieldResolver(() => Tag, { nullable: true, description: 'Of FOLLOWED_TAG and MUTED_TAG.' })
  tag(@Root() { kind, objectId }: TasteSignal, @Ctx() context: Context): Promise<Tag | null> | null {
    const isOfTag = kind === TasteSignalKind.FOLLOWED_TAG || kind === TasteSignalKind.MUTED_TAG;
    return isOfTag ? this.load.tags(context).byId.load(objectId) : null;
  }

  @FieldResolver(() => Author, { nullable: true, description: 'Of FOLLOWED_AUTHOR and MUTED_AUTHOR.' })
  author(@Root() { kind, objectId }: TasteSignal, @Ctx() context: Context): Promise<Author | null> | null {
    const isOfAuthor = kind === TasteSignalKind.FOLLOWED_AUTHOR || kind === TasteSignalKind.MUTED_AUTHOR;
    return isOfAuthor ? this.load.authors(context).byId.load(objectId) : null;
  }

  @FieldResolver(() => Boolean, {
    description: `Whether recommendations read it: it was not removed, and is within what a ranking reads (${DEFAULTS.mostHistory} upvotes, ${DEFAULTS.mostDismissals} dismissals, ${DEFAULTS.mostFollows} followed tags and as many authors). A follow of what has no papers is not read. Mutes always are.`,
  })
  async isUsed(@Root() signal: TasteSignal, @Ctx() context: Context): Promise<boolean> {
    return (await this.weightIn(signal, context)) !== 0;
  }

  @FieldResolver(() => Float, {
    nullable: true,
    description: `How much it counts: 1 for an upvote and for a follow, which counts as an upvoted paper that has the tag or author alone; −${DEFAULTS.dismissal} for a dismissal, which takes so much of the best score from a paper that equals the dismissed one; 0 where it is not used. Null for mutes, which leave papers out and take no part in scores.`,
  })
  weight(@Root() signal: TasteSignal, @Ctx() context: Context): Promise<number | null> {
    return this.weightIn(signal, context);
  }

  private async weightIn({ kind, objectId }: TasteSignal, context: Context): Promise<number | null> {
    if (kind === TasteSignalKind.MUTED_TAG || kind === TasteSignalKind.MUTED_AUTHOR) return null;
    const { profile, upvoted, dismissed, tags, authors } = await this.load.taste(context).profileByReaderId.load(requireViewer(context).id);
    const { upvote, follow, dismissal } = profile.weights;
    const [read, weight] = {
      UPVOTE: [upvoted, upvote] as const,
      FOLLOWED_TAG: [tags, follow] as const,
      FOLLOWED_AUTHOR: [authors, follow] as const,
      DISMISSAL: [dismissed, dismissal] as const,
    }[kind];
    return read.has(objectId) ? weight : 0;
  }
}
