import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PageArgs, connectionType, edgeBase } from '../graphql/connection.js';
import { Node } from '../graphql/node.type.js';
import { DateTime, Url } from '../graphql/scalars.js';
import { Paper } from '../papers/paper.type.js';

@ObjectType({ implements: Node, description: 'A code repository.' })
export class Repo extends Node {
  readonly nodeType = 'Repo';
  rowId!: number;

  @Field(() => String, { description: 'Such as `github.com`.' })
  host!: string;

  @Field(() => String, { description: 'A user, an organisation, or a path of groups.' })
  owner!: string;

  @Field(() => String)
  name!: string;

  @Field(() => Url)
  url!: string;

  @Field(() => Int, { nullable: true, description: 'Stars at the host when last seen; null where not known.' })
  stars!: number | null;

  @Field(() => String, { nullable: true, description: 'The main programming language; null where not known.' })
  language!: string | null;

  @Field(() => String, { nullable: true, description: 'SPDX identifier of its licence, such as Apache-2.0; null where not known.' })
  license!: string | null;

  @Field(() => Boolean, { nullable: true, description: 'Whether its owner closed it to changes; null where not known.' })
  isArchived!: boolean | null;

  @Field(() => DateTime, { nullable: true, description: 'When its host was last asked about it; null for never.' })
  refreshedAt!: Date | null;

  @Field(() => Int, { description: 'How many papers link the repo.' })
  paperCount!: number;
}

export const RepoConnection = connectionType(() => Repo, { name: 'Repo', plural: 'repos' });

@ObjectType({ description: "A place in a list of a paper's repos." })
export class PaperRepoEdge extends edgeBase(() => Repo) {
  @Field(() => Boolean, { description: "Whether the paper's own authors published the code." })
  isOfficial!: boolean;
}

export const PaperRepoConnection = connectionType(() => Repo, { name: 'PaperRepo', plural: "a paper's repos" }, PaperRepoEdge);

export enum RepoOrder {
  STARS = 'STARS',
  MOST_PAPERS = 'MOST_PAPERS',
}

registerEnumType(RepoOrder, {
  name: 'RepoOrder',
  description: 'Orders of repos.',
  valuesConfig: {
    STARS: { description: 'Those of the most stars first; where they are not known, last.' },
    MOST_PAPERS: { description: 'Those of the most papers first.' },
  },
});

@ArgsType()
export class ReposArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'Only repos of this host.' })
  host?: string | null;

  @Field(() => RepoOrder, { defaultValue: RepoOrder.STARS })
  orderBy!: RepoOrder;
}

@InputType({ description: 'A repo to link to a paper.' })
export class LinkRepoInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => Url, { description: 'The address of the repo, such as https://github.com/owner/name.' })
  url!: URL;

  @Field(() => Boolean, { nullable: true, description: "Whether the paper's own authors published it; left as it is when left out, false at first." })
  isOfficial?: boolean | null;
}

@InputType({ description: 'A repo to unlink from a paper.' })
export class UnlinkRepoInput {
  @Field(() => ID)
  paperId!: string;

  @Field(() => ID)
  repoId!: string;
}

@ObjectType({ description: 'The paper and the repo that is now linked to it.' })
export class LinkRepoPayload {
  @Field(() => Paper)
  paper!: Paper;

  @Field(() => Repo)
  repo!: Repo;
}

@ObjectType({ description: 'The paper with its repos as they now are.' })
export class UnlinkRepoPayload {
  @Field(() => Paper)
  paper!: Paper;
}
