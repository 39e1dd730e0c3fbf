// TypeGraphQL's decorators need it when a class is declared; every type imports this module or its sibling.
import 'reflect-metadata';
import { Field, ObjectType } from 'type-graphql';
import { Url } from '../graphql/scalars.js';

@ObjectType({ description: 'Where feed readers find a list of papers, as it is when they ask: 50 at most.' })
export class Syndication {
  @Field(() => Url, { description: 'In Atom (RFC 4287).' })
  atomUrl!: string;

  @Field(() => Url, { description: 'In JSON Feed 1.1.' })
  jsonFeedUrl!: string;
}
