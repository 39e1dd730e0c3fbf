import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionType, edgeBase } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';

@ObjectType({ implements: Node, description: 'A list of papers that a reader made, in an order of their own. Who may not see it gets null, as though it were not there.' })
export class Collection extends Node {
  readonly nodeType = 'Collection';
  rowId!: number;
  ownerId!: number;

  @Field(() => String, { description: 'One of a kind among those of its owner; 1 to 100 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: 'At most 2000 characters.' })
  description!: string | null;

  @Field(() => Boolean, { description: 'Whether others than its owner see it.' })
  isPublic!: boolean;

  @Field(() => Int, { description: 'At most 1000.' })
  paperCount!: number;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { description: 'When its own fields last changed; its papers apart.' })
  updatedAt!: Date;
}

export const CollectionConnection = connectionType(() => Collection, { name: 'Collection', plural: 'collections' });

@ObjectType({ description: 'A paper in a collection.' })
export class CollectionPaperEdge extends edgeBase(() => Paper) {
  @Field(() => DateTime, { description: 'When the paper was put into the collection.' })
  addedAt!: Date;

  @Field(() => String, { nullable: true, description: 'What the owner of the collection says of the paper; whoever sees the collection sees it.' })
  note!: string | null;
}

export const CollectionPaperConnection = connectionType(() => Paper, { name: 'CollectionPaper', plural: 'the papers of a collection' }, CollectionPaperEdge);

@ObjectType({ description: 'A collection that holds a paper.' })
export class PaperCollectionEdge extends edgeBase(() => Collection) {
  @Field(() => DateTime, { description: 'When the paper was put into the collection.' })
  addedAt!: Date;
}

export const PaperCollectionConnection = connectionType(() => Collection, { name: 'PaperCollection', plural: 'the collections that hold a paper' }, PaperCollectionEdge);

@InputType({ description: 'A new collection.' })
export class CreateCollectionInput {
  @Field(() => String, { description: '1 to 100 characters.' })
  name!: string;

  @Field(() => String, { nullable: true, description: '1 to 2000 characters.' })
  description?: string | null;

  @Field(() => Boolean, { defaultValue: false, description: 'Whether others see it.' })
  isPublic!: boolean;
}

@InputType({ description: 'What of a collection to change; what is left out stays.' })
export class UpdateCollectionInput {
  @Field(() => ID)
  collectionId!: string;

  @Field(() => String, { nullable: true, description: '1 to 100 characters.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: '1 to 2000 characters; null removes it.' })
  description?: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether others see it.' })
  isPublic?: boolean | null;
}

@InputType({ description: 'A collection to delete.' })
export class DeleteCollectionInput {
  @Field(() => ID)
  collectionId!: string;
}

@InputType({ description: 'A paper to put into a collection.' })
export class AddToCollectionInput {
  @Field(() => ID)
  collectionId!: string;

  @Field(() => ID)
  paperId!: string;

  @Field(() => String, { nullable: true, description: '1 to 1000 characters; null removes it, and left out it stays.' })
  note?: string | null;

  @Field(() => Int, { nullable: true, description: 'The place that the paper then has, from 0; the end where the list is shorter. Left out, a new paper comes to the end and one that is there stays where it is.' })
  position?: number | null;
}

@InputType({ description: 'A paper to take out of a collection.' })
export class RemoveFromCollectionInput {
  @Field(() => ID)
  collectionId!: string;

  @Field(() => ID)
  paperId!: string;
}

@InputType({ description: 'A paper of a collection, and where it is to stand.' })
export class MoveInCollectionInput {
  @Field(() => ID)
  collectionId!: string;

  @Field(() => ID)
  paperId!: string;

  @Field(() => Int, { description: 'The place that the paper then has, from 0; the end where the list is shorter.' })
  position!: number;
}

@ObjectType({ description: 'The collection that was made.' })
export class CreateCollectionPayload {
  @Field(() => Collection)
  collection!: Collection;
}

@ObjectType({ description: 'The collection as it now is.' })
export class UpdateCollectionPayload {
  @Field(() => Collection)
  collection!: Collection;
}

@ObjectType({ description: 'What is left of the collection.' })
export class DeleteCollectionPayload {
  @Field(() => ID, { description: 'The id that was given, which finds nothing any more.' })
  deletedCollectionId!: string;
}

@ObjectType({ description: 'The collection and the paper as they now are.' })
export class AddToCollectionPayload {
  @Field(() => Collection)
  collection!: Collection;

  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The collection and the paper as they now are.' })
export class RemoveFromCollectionPayload {
  @Field(() => Collection)
  collection!: Collection;

  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The collection in its new order.' })
export class MoveInCollectionPayload {
  @Field(() => Collection)
  collection!: Collection;
}
