import { ArgsType, Field, Float, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PageArgs, PageInfo, edgeBase } from '../graphql/connection.js';
import { Costs } from '../graphql/fieldCost.js';
import { LazyField, type Lazy } from '../graphql/lazy.js';
import { Paper, PaperFilter } from '../papers/paper.type.js';
import { Tag } from '../tags/tag.type.js';
import { BLENDED, FEW_HITS, MOST_POOLED, MOST_WALKED, RANKED } from './limits.js';

export enum SearchOrder {
  RELEVANCE = 'RELEVANCE',
  NEWEST = 'NEWEST',
  TOP = 'TOP',
  TRENDING = 'TRENDING',
}

registerEnumType(SearchOrder, {
  name: 'SearchOrder',
  description: 'Orders of what a search finds.',
  valuesConfig: {
    RELEVANCE: {
      description: `The best fit first: words in the title count most, then names of authors, tags, the abstract. Ranked are the ${RANKED} best hits by trend where there are more; see \`isRankedFully\`.`,
    },
    NEWEST: { description: 'The latest listed first; all hits.' },
    TOP: { description: 'The most upvotes first; all hits.' },
    TRENDING: { description: 'The highest `trendingScore` first; all hits.' },
  },
});

@ArgsType()
export class SearchArgs extends PageArgs {
  @Field(() => String, {
    description:
      'As one types it into a search box, at most 250 characters and 20 words: all words must be there, in any form (models finds model); "a phrase"; -without; one or another. The last word may be the beginning of one, unless a space follows.',
  })
  query!: string;

  @Field(() => PaperFilter, { nullable: true })
  filter?: PaperFilter | null;

  @Field(() => SearchOrder, { defaultValue: SearchOrder.RELEVANCE })
  orderBy!: SearchOrder;

  @Field(() => Float, {
    defaultValue: 0,
    description: `From 0 to 1, with RELEVANCE: how much the viewer's own ranking counts. It puts the ${BLENDED} best hits in the order of (1 − personalWeight) · relevance + personalWeight · personal; the others follow by relevance.`,
  })
  personalWeight!: number;
}

@ObjectType({ description: 'A piece of a text.' })
export class TextPart {
  @Field(() => String, { description: 'Plain text, not HTML.' })
  text!: string;

  @Field(() => Boolean, { description: 'Whether it is one of the words that were searched for.' })
  isMatch!: boolean;
}

@ObjectType('SearchEdge', { description: 'A paper that was found.' })
export class SearchEdge extends edgeBase(() => Paper) {
  @Field(() => Float, { nullable: true, description: 'What orders it: relevance, or its blend with `personal`. Null in other orders than RELEVANCE.' })
  score!: number | null;

  @Field(() => Float, { nullable: true, description: 'How well the words fit it, 1 for the best hit (PostgreSQL’s ts_rank divided by its highest). Null in other orders than RELEVANCE.' })
  relevance!: number | null;

  @Field(() => Float, {
    nullable: true,
    description: `Its score in the viewer's own ranking, divided by the largest one among the ${BLENDED} best hits; 0 for a paper that they dismissed. For who has said nothing, and for an anonymous request, by trend. Null without \`personalWeight\`, and beyond these hits.`,
  })
  personal!: number | null;

  @LazyField()
  @Costs({ size: 1 })
  @Field(() => [TextPart], { description: 'The title, in at most 101 pieces.' })
  title!: Lazy<TextPart[]>;

  @LazyField()
  @Costs({ points: 1, size: 1 })
  @Field(() => [TextPart], { description: 'A few words of the abstract around those that were searched for, in at most 101 pieces; empty where it has no abstract.' })
  snippet!: Lazy<TextPart[]>;
}

@ObjectType({ description: 'How many hits have a tag.' })
export class TagFacet {
  @Field(() => Tag)
  tag!: Tag;

  @Field(() => Int)
  count!: number;
}

@ObjectType({ description: 'How many hits were published in a year.' })
export class YearFacet {
  @Field(() => Int, { description: 'In UTC.' })
  year!: number;

  @Field(() => Int)
  count!: number;
}

@ObjectType({ description: 'How many hits link code.' })
export class CodeFacet {
  @Field(() => Int)
  withCode!: number;

  @Field(() => Int)
  withoutCode!: number;
}

@ObjectType({
  description: `Numbers over all hits, not only the page; each is counted when it is asked for. Where more than ${MOST_POOLED} papers have the words and no condition of the filter passes few, over the ${RANKED} best hits by trend.`,
})
export class SearchFacets {
  @Field(() => Boolean, { description: 'Whether all hits were counted.' })
  isComplete!: boolean;

  @LazyField()
  @Costs({ points: 20, size: 20 })
  @Field(() => [TagFacet], { description: 'The tags that most hits have, at most 20, the most first.' })
  tags!: Lazy<TagFacet[]>;

  @LazyField()
  @Costs({ points: 20, size: 20 })
  @Field(() => [YearFacet], { description: 'The years in which hits were first published, the latest at most 100, the latest first.' })
  years!: Lazy<YearFacet[]>;

  @LazyField()
  @Costs({ points: 20 })
  @Field(() => CodeFacet)
  code!: Lazy<CodeFacet>;
}

@ObjectType({ description: 'A page of what a search finds.' })
export class SearchResults {
  @Field(() => [SearchEdge], { description: 'The page with its cursors, at most 100.' })
  edges!: readonly SearchEdge[];

  @Field(() => [Paper], { description: 'The page without its cursors, at most 100.' })
  nodes!: readonly Paper[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;

  @LazyField()
  @Costs({ points: 20 })
  @Field(() => Int, {
    nullable: true,
    description: `Number of all hits, also of those that are not ranked; null where more than ${MOST_POOLED} papers have the words and no condition of the filter passes few. Counted only when asked for.`,
  })
  totalCount!: Lazy<number | null>;

  @LazyField()
  @Field(() => Boolean, { description: `Whether RELEVANCE ranks all hits, rather than the ${RANKED} best by trend (of the ${MOST_WALKED} best papers by trend, where more than ${MOST_POOLED} have the words).` })
  isRankedFully!: Lazy<boolean>;

  @Field(() => String, { nullable: true, description: 'What was searched for in place of `query`, whose words no paper has: the nearest known words. Null where `query` itself was searched for.' })
  correctedQuery!: string | null;

  @LazyField()
  @Field(() => String, { nullable: true, description: `What may have been meant: a query with more usual words, where fewer than ${FEW_HITS} papers have those of \`query\` and it was not corrected.` })
  didYouMean!: Lazy<string | null>;

  @Field(() => SearchFacets)
  facets!: SearchFacets;
}
