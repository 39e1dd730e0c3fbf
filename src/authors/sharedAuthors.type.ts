import { Field, Int, ObjectType } from 'type-graphql';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { Costs } from '../graphql/fieldCost.js';
import { LazyField, type Lazy } from '../graphql/lazy.js';
import { Paper } from '../papers/paper.type.js';
import { Author } from './author.type.js';

@ObjectType({ description: 'A paper that shares authors with another one.' })
export class SharedAuthorsEdge extends edgeBase(() => Paper) {
  @Field(() => Int, { description: 'How many authors both have.' })
  sharedAuthorCount!: number;

  @LazyField()
  @Costs({ size: 5 })
  @Field(() => [Author], { description: 'The authors that both have, in the order of the first byline; at most 10.' })
  sharedAuthors!: Lazy<Author[]>;
}

export const SharedAuthorsConnection = connectionType(() => Paper, { name: 'SharedAuthors', plural: 'papers by the same authors' }, SharedAuthorsEdge);
