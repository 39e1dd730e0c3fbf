import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { badInput } from '../errors.js';
import { forgetReads, requireViewer, type Context } from '../graphql/context.js';
import { Costs } from '../graphql/fieldCost.js';
import { rowIdOf } from '../graphql/globalId.js';
import { checkedUrl } from '../inputRules.js';
import type { PaperService } from '../papers/paper.service.js';
import { checkedAbstract, checkedByline, checkedDay, checkedRecord, checkedTitle } from './paperRecord.js';
import type { SubmissionService } from './submission.service.js';
import { SubmitPaperInput, SubmitPaperPayload, UpdatePaperInput, UpdatePaperPayload } from './submission.type.js';

@Resolver()
export class SubmissionResolver {
  constructor(
    private readonly submissions: SubmissionService,
    private readonly papers: PaperService,
  ) {}

  @Costs({ points: 50 })
  @Mutation(() => SubmitPaperPayload, {
    description:
      'Puts a paper on the feed of now; a paper whose arXiv id is known is returned as it is, with an upvote by the viewer. Errors: BAD_USER_INPUT, UNAUTHENTICATED, NOT_FOUND (a tag), CONFLICT (a curator has hidden the paper).',
  })
  async submitPaper(@Ctx() context: Context, @Arg('input', () => SubmitPaperInput) input: SubmitPaperInput): Promise<SubmitPaperPayload> {
    const viewer = requireViewer(context);
    const now = new Date();
    const record = checkedRecord(
      {
        // Looked at again when arXiv was asked.
        title: input.title ?? UNTITLED,
        arxivId: input.arxivId,
        abstract: input.abstract,
        publishedOn: input.publishedOn,
        projectUrl: input.projectUrl,
        authors: input.authors,
        tags: input.tags.map((slug) => ({ slug, weight: 1 })),
        repos: input.repos.map((url) => ({ url })),
      },
      now,
    );
    if (input.title == null && record.arxivId === null) throw badInput('title', 'must be given for a paper without arXiv id', null);
    const payload = await this.submissions.submit({ ...record, title: input.title == null ? null : record.title }, viewer);
    forgetReads(context);
    return payload;
  }

  @Mutation(() => UpdatePaperPayload, {
    description: 'Changes a paper. For its submitter and curators. Errors: BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND.',
  })
  async updatePaper(@Ctx() context: Context, @Arg('input', () => UpdatePaperInput) input: UpdatePaperInput): Promise<UpdatePaperPayload> {
    const viewer = requireViewer(context);
    const editable = await this.papers.getEditable(rowIdOf('Paper', input.paperId, 'paperId'), viewer);
    if (input.title === null) throw badInput('title', 'must not be emptied', null);
    const edits = {
      title: input.title === undefined ? undefined : checkedTitle(input.title),
      abstract: changed(input.abstract, checkedAbstract),
      publishedAt: changed(input.publishedOn, (day) => checkedDay('publishedOn', day, new Date())),
      projectUrl: changed(input.projectUrl, (url) => checkedUrl('projectUrl', url)),
      authors: input.authors == null ? undefined : checkedByline(input.authors),
    };
    const paper = await this.submissions.update(editable, edits, viewer);
    forgetReads(context);
    return { paper };
  }
}

const UNTITLED = '-';

/** Undefined (left out) and null (emptied) pass; a value is checked. */
function changed<Value, Result>(value: Value | null | undefined, check: (value: Value) => Result): Result | null | undefined {
  if (value === undefined) return undefined;
  return value === null ? null : check(value);
}
