import { Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Costs } from '../../graphql/fieldCost.js';

export enum LibraryFormat {
  BIBTEX = 'BIBTEX',
  CSL_JSON = 'CSL_JSON',
  IDS = 'IDS',
}

registerEnumType(LibraryFormat, {
  name: 'LibraryFormat',
  description: 'How a library is written.',
  valuesConfig: {
    BIBTEX: { description: 'BibTeX or BibLaTeX, as reference managers export it.' },
    CSL_JSON: { description: 'CSL-JSON, as Zotero and Pandoc write it.' },
    IDS: { description: 'arXiv ids and DOIs, one a line or with commas between them: 2412.01234, ARXIV:2106.15928, https://doi.org/10.1000/182.' },
  },
});

@InputType({ description: "A reader's own library." })
export class ImportLibraryInput {
  @Field(() => String, { description: 'The text of the file: 1 to 250,000 characters, at most 1,000 entries.' })
  content!: string;

  @Field(() => LibraryFormat, { nullable: true, description: 'Told by the content when left out.' })
  format?: LibraryFormat | null;
}

@ObjectType({ description: 'An entry of a library that became no upvote.' })
export class LibraryReject {
  @Field(() => String, { description: 'Where it stands: `entry smith2020`, or `line 12`.' })
  place!: string;

  @Field(() => String, { nullable: true, description: 'Null where it has none that can be read.' })
  title!: string | null;

  @Field(() => String, { description: 'What breaks the rule; `paper` where the paper is not here: it can be submitted.' })
  field!: string;

  @Field(() => String)
  rule!: string;

  @Field(() => String, { description: 'The value as JSON, cut.' })
  received!: string;
}

@ObjectType({ description: 'What became of the entries of a library.' })
export class ImportLibraryPayload {
  @Field(() => Int, { description: 'Papers that the viewer upvoted by this.' })
  upvotedCount!: number;

  @Field(() => Int, { description: 'Papers that the viewer had upvoted before, or that stand in the library twice.' })
  unchangedCount!: number;

  @Costs({ size: 20 })
  @Field(() => [LibraryReject], { description: 'The other entries, in their order; at most 1,000.' })
  rejects!: LibraryReject[];
}
