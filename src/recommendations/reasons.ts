import type { Paper } from '../papers/paper.type.js';
import type { Contribution } from '../recommender/recommend.js';
import type { Tag } from '../tags/tag.type.js';
import { CoUpvotedReason, OtherReadersReason, OtherReason, ReasonKind, RelatedTagReason, SharedTagReason, TrendingReason, type Reason } from './recommendation.type.js';

/** More are summed up in one OtherReason. */
export const MAX_REASONS = 20;

/** Finds the objects that reasons name; null for one that was deleted since. */
export interface ReasonSources {
  tag(rowId: number): Promise<Tag | null>;
  paper(rowId: number): Promise<Paper | null>;
}

/** For whom the reasons are: `you` for the viewer; `this` where one paper stands for the history. */
export type Audience = 'you' | 'this';

/** The contributions as reasons, whose contributions add up to the same score. */
export async function reasonsOf(
  contributions: readonly Contribution[],
  sources: ReasonSources,
  audience: Audience,
): Promise<Reason[]> {
  const isCut = contributions.length > MAX_REASONS;
  const shown = contributions.slice(0, isCut ? MAX_REASONS - 1 : MAX_REASONS);
  const rest = contributions.slice(shown.length);
  const reasons = await Promise.all(shown.map((term) => reasonOf(term, sources, audience)));
  // What names an object that is gone by now still counts, among the rest.
  const gone = shown.filter((_, index) => reasons[index] === null);
  const unnamed = [...gone, ...rest];
  return [...reasons.filter((reason) => reason !== null), ...(unnamed.length === 0 ? [] : [otherReason(unnamed)])];
}

async function reasonOf(term: Contribution, sources: ReasonSources, audience: Audience): Promise<Reason | null> {
  const { contribution, support } = term;
  switch (term.kind) {
    case 'SHARED_TAG': {
      const tag = await sources.tag(term.sourceId ?? 0);
      if (tag === null) return null;
      const text = audience === 'you' ? `shares ${tag.name} with ${count(support, 'paper')} you upvoted` : `shares ${tag.name}`;
      return Object.assign(new SharedTagReason(), { kind: ReasonKind.SHARED_TAG, contribution, text, tag, upvotedPaperCount: support });
    }
    case 'RELATED_TAG': {
      const tag = await sources.tag(term.sourceId ?? 0);
      if (tag === null) return null;
      const text = `${tag.name} is a subject of papers like ${audience === 'you' ? 'those you upvoted' : 'this one'}`;
      return Object.assign(new RelatedTagReason(), { kind: ReasonKind.RELATED_TAG, contribution, text, tag });
    }
    case 'OTHER_READERS': {
      const text = `upvoted by ${count(support, 'reader')} of papers like ${audience === 'you' ? 'those you upvoted' : 'this one'}`;
      return Object.assign(new OtherReadersReason(), { kind: ReasonKind.OTHER_READERS, contribution, text, readerCount: support });
    }
    case 'CO_UPVOTED': {
      const upvotedPaper = await sources.paper(term.sourceId ?? 0);
      if (upvotedPaper === null) return null;
      const text =
        audience === 'you'
          ? `upvoted by ${count(support, 'reader')} of “${upvotedPaper.title}”, which you upvoted`
          : `upvoted by ${count(support, 'reader')} of this paper`;
      return Object.assign(new CoUpvotedReason(), { kind: ReasonKind.CO_UPVOTED, contribution, text, upvotedPaper, readerCount: support });
    }
    case 'TRENDING': {
      const text = support === 0 ? 'listed lately' : `upvoted by ${count(support, 'reader')}`;
      return Object.assign(new TrendingReason(), { kind: ReasonKind.TRENDING, contribution, text, readerCount: support });
    }
  }
}

function otherReason(terms: readonly Contribution[]): Reason {
  const contribution = terms.reduce((sum, term) => sum + term.contribution, 0);
  const text = `and ${count(terms.length, 'smaller reason')}`;
  return Object.assign(new OtherReason(), { kind: ReasonKind.OTHER, contribution, text, reasonCount: terms.length });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
