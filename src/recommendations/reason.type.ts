import { Field, Float, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { Author } from '../authors/author.type.js';
import { Paper } from '../papers/paper.type.js';
import { Tag } from '../tags/tag.type.js';

export enum ReasonKind {
  SHARED_TAG = 'SHARED_TAG',
  RELATED_TAG = 'RELATED_TAG',
  FOLLOWED_TAG = 'FOLLOWED_TAG',
  SHARED_AUTHOR = 'SHARED_AUTHOR',
  RELATED_AUTHOR = 'RELATED_AUTHOR',
  FOLLOWED_AUTHOR = 'FOLLOWED_AUTHOR',
  CO_UPVOTED = 'CO_UPVOTED',
  OTHER_READERS = 'OTHER_READERS',
  DISMISSED = 'DISMISSED',
  TRENDING = 'TRENDING',
  FRESH = 'FRESH',
  REPETITION = 'REPETITION',
  AUTHOR_CAP = 'AUTHOR_CAP',
  OTHER = 'OTHER',
}

registerEnumType(ReasonKind, {
  name: 'ReasonKind',
  description: 'What a term of a score speaks of.',
  valuesConfig: {
    SHARED_TAG: { description: 'It has a tag of papers that the reader upvoted: a TagReason.' },
    RELATED_TAG: { description: 'It has a tag of papers that are like the ones that the reader upvoted: a TagReason.' },
    FOLLOWED_TAG: { description: 'It has a tag that the reader follows: a TagReason.' },
    SHARED_AUTHOR: { description: 'An author of papers that the reader upvoted wrote it: an AuthorReason.' },
    RELATED_AUTHOR: { description: 'An author of papers that are like the ones that the reader upvoted wrote it: an AuthorReason.' },
    FOLLOWED_AUTHOR: { description: 'An author whom the reader follows wrote it: an AuthorReason.' },
    CO_UPVOTED: { description: 'Readers of a paper that the reader upvoted upvoted it too: a PaperReason.' },
    OTHER_READERS: { description: 'Readers of papers like the ones that the reader upvoted upvoted it: a ReadersReason.' },
    DISMISSED: { description: 'It is like a paper that the reader dismissed, which counts against it: a PaperReason.' },
    TRENDING: { description: 'Many readers upvoted it lately: a ReadersReason.' },
    FRESH: { description: 'It was listed lately: a PlainReason.' },
    REPETITION: { description: 'It is like a paper that ranks above it, which counts against it: a PaperReason.' },
    AUTHOR_CAP: { description: 'Enough papers of its authors stand just above it: a PlainReason.' },
    OTHER: { description: 'The reasons beyond the ones listed, summed up: an OtherReason.' },
  },
});

@InterfaceType({ description: "One term of a recommendation's score.", resolveType: (reason: Reason) => TYPE_OF_KIND[reason.kind] })
export abstract class Reason {
  @Field(() => ReasonKind)
  kind!: ReasonKind;

  @Field(() => Float, { description: 'What it adds to the score; below 0 where it speaks against the paper. The contributions of all reasons add up to the score.' })
  contribution!: number;

  @Field(() => String, { description: 'The reason in English, such as: shares Sparse autoencoders with 3 papers you upvoted.' })
  text!: string;
}

const TYPE_OF_KIND: Record<ReasonKind, string> = {
  SHARED_TAG: 'TagReason',
  RELATED_TAG: 'TagReason',
  FOLLOWED_TAG: 'TagReason',
  SHARED_AUTHOR: 'AuthorReason',
  RELATED_AUTHOR: 'AuthorReason',
  FOLLOWED_AUTHOR: 'AuthorReason',
  CO_UPVOTED: 'PaperReason',
  OTHER_READERS: 'ReadersReason',
  DISMISSED: 'PaperReason',
  TRENDING: 'ReadersReason',
  FRESH: 'PlainReason',
  REPETITION: 'PaperReason',
  AUTHOR_CAP: 'PlainReason',
  OTHER: 'OtherReason',
};

@ObjectType({ implements: Reason, description: 'A tag of the paper speaks for it.' })
export class TagReason extends Reason {
  @Field(() => Tag)
  tag!: Tag;

  @Field(() => Int, { description: 'How many of the papers that the reader upvoted have the tag.' })
  upvotedPaperCount!: number;
}

@ObjectType({ implements: Reason, description: 'An author of the paper speaks for it.' })
export class AuthorReason extends Reason {
  @Field(() => Author)
  author!: Author;

  @Field(() => Int, { description: 'How many of the papers that the reader upvoted name the author.' })
  upvotedPaperCount!: number;
}

@ObjectType({ implements: Reason, description: 'Another paper speaks for it, or against it.' })
export class PaperReason extends Reason {
  @Field(() => Paper, { description: 'CO_UPVOTED: upvoted by the reader. DISMISSED: dismissed by the reader. REPETITION: ranked above.' })
  paper!: Paper;

  @Field(() => Int, { description: 'CO_UPVOTED: how many readers upvoted both, who are never named. Otherwise 0.' })
  readerCount!: number;
}

@ObjectType({ implements: Reason, description: 'Readers speak for the paper.' })
export class ReadersReason extends Reason {
  @Field(() => Int, { description: 'How many readers; they are never named.' })
  readerCount!: number;
}

@ObjectType({ implements: Reason, description: 'A reason that its kind says in full.' })
export class PlainReason extends Reason {}

@ObjectType({ implements: Reason, description: 'The reasons beyond the ones listed.' })
export class OtherReason extends Reason {
  @Field(() => Int, { description: 'How many reasons it sums up.' })
  reasonCount!: number;
}
