import { Arg, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import { Feed, FeedOrder } from '../feeds/feed.type.js';
import { PaperOrder } from '../papers/paper.type.js';
import { Tag } from '../tags/tag.type.js';
import { MAX_SEARCH_CHARACTERS, checkedSearch } from './feedAddress.js';
import type { FeedUrls } from './feedUrls.js';
import { Syndication } from './syndication.type.js';

@Resolver()
export class SyndicationResolver {
  constructor(private readonly urls: FeedUrls) {}

  @Query(() => Syndication, { description: 'Where feed readers find the papers that were listed last.' })
  latestSyndication(): Syndication {
    return this.urls.of({ kind: 'latest' });
  }

  @Query(() => Syndication, { description: 'Where feed readers find the papers that a search finds, the latest first. Errors: BAD_USER_INPUT.' })
  searchSyndication(
    @Arg('text', () => String, { description: `As \`search\` takes it: 1 to ${MAX_SEARCH_CHARACTERS} characters.` }) text: string,
  ): Syndication {
    return this.urls.of({ kind: 'search', text: checkedSearch('text', text) });
  }
}

/** Feed.syndication */
@Resolver(() => Feed)
export class FeedSyndicationFields {
  constructor(private readonly urls: FeedUrls) {}

  @FieldResolver(() => Syndication, { description: "Where feed readers find the latest period's papers in this order: today's feed of tomorrow is tomorrow's. Of FOR_YOU it is the trending one; `createFeedToken` makes an address of one's own." })
  syndication(@Root() { period, orderBy }: Feed): Syndication {
    return this.urls.of({ kind: 'period', period, order: orderBy === FeedOrder.FOR_YOU ? PaperOrder.TRENDING : PaperOrder[orderBy] });
  }
}

/** Tag.syndication */
@Resolver(() => Tag)
export class TagSyndicationFields {
  constructor(private readonly urls: FeedUrls) {}

  @FieldResolver(() => Syndication, { description: 'Where feed readers find the papers with the tag, the latest first.' })
  syndication(@Root() { slug }: Tag): Syndication {
    return this.urls.of({ kind: 'tag', slug });
  }
}

/** Author.syndication */
@Resolver(() => Author)
export class AuthorSyndicationFields {
  constructor(private readonly urls: FeedUrls) {}

  @FieldResolver(() => Syndication, { description: 'Where feed readers find the papers by the author, the latest first.' })
  syndication(@Root() author: Author): Syndication {
    return this.urls.of({ kind: 'author', id: author.id() });
  }
}
