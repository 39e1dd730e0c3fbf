import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { ReadingState } from '../generated/prisma/enums.js';
import { PageArgs, connectionType, edgeBase } from '../graphql/connection.js';
import { DateTime } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';

registerEnumType(ReadingState, {
  name: 'ReadingState',
  description: 'How far a reader is with a paper of their library.',
  valuesConfig: {
    UNREAD: { description: 'Saved for later.' },
    READING: { description: 'Begun.' },
    READ: { description: 'Done with.' },
  },
});

export enum LibraryOrder {
  LATEST_ADDED = 'LATEST_ADDED',
  LATEST_CHANGED = 'LATEST_CHANGED',
}

registerEnumType(LibraryOrder, {
  name: 'LibraryOrder',
  description: 'Orders of a library.',
  valuesConfig: {
    LATEST_ADDED: { description: 'What was put in last comes first.' },
    LATEST_CHANGED: { description: 'What was put in, moved on or noted last comes first.' },
  },
});

@ObjectType({ description: 'What a reader keeps of a paper; nobody else sees it.' })
export class LibraryEntry {
  paperId!: number;

  @Field(() => ReadingState)
  state!: ReadingState;

  @Field(() => String, { nullable: true, description: 'Markdown, as it was given; at most 10,000 characters.' })
  note!: string | null;

  @Field(() => DateTime, { description: 'When the paper was put into the library.' })
  addedAt!: Date;

  @Field(() => DateTime, { description: 'When the state or the note last changed.' })
  changedAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'When the paper became READ; null in every other state.' })
  readAt!: Date | null;
}

@ObjectType({ description: "A paper of the viewer's library." })
export class LibraryPaperEdge extends edgeBase(() => Paper) {
  @Field(() => LibraryEntry)
  entry!: LibraryEntry;
}

export const LibraryPaperConnection = connectionType(() => Paper, { name: 'LibraryPaper', plural: "the papers of the viewer's library" }, LibraryPaperEdge);

@ArgsType()
export class LibraryArgs extends PageArgs {
  @Field(() => ReadingState, { nullable: true, description: 'Only papers in this state.' })
  state?: ReadingState | null;

  @Field(() => LibraryOrder, { defaultValue: LibraryOrder.LATEST_ADDED })
  orderBy!: LibraryOrder;
}

@InputType({ description: 'A paper, and how far the viewer is with it.' })
export class SetReadingStateInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => ReadingState)
  state!: ReadingState;
}

@InputType({ description: "A paper to take out of the viewer's library." })
export class RemoveFromLibraryInput {
  @Field(() => ID)
  paperId!: string;
}

@InputType({ description: 'A paper, and what the viewer notes of it.' })
export class SetPaperNoteInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => String, { nullable: true, description: 'Markdown, 1 to 10,000 characters; null or left out removes it.' })
  note?: string | null;
}

@ObjectType({ description: 'The paper as it now is to the viewer.' })
export class SetReadingStatePayload {
  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The paper as it now is to the viewer.' })
export class RemoveFromLibraryPayload {
  @Field(() => Paper)
  paper!: Paper;
}

@ObjectType({ description: 'The paper as it now is to the viewer.' })
export class SetPaperNotePayload {
  @Field(() => Paper)
  paper!: Paper;
}
