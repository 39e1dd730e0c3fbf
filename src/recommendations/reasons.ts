import type { Author } from '../authors/author.type.js';
import { loaderOfOne } from '../graphql/loaders.js';
import type { Paper } from '../papers/paper.type.js';
import type { Contribution } from '../recommender/contributions.js';
import type { Tag } from '../tags/tag.type.js';
import { AuthorReason, OtherReason, PaperReason, PlainReason, ReadersReason, ReasonKind, TagReason, type Reason } from './reason.type.js';

/** More are summed up in one OtherReason. */
export const MAX_REASONS = 20;
/** Reasons that a summary names. */
const SUMMARISED = 2;

/** Finds the objects that reasons name; null for one that was deleted since. */
export interface ReasonSources {
  tag(rowId: number): Promise<Tag | null>;
  author(rowId: number): Promise<Author | null>;
  paper(rowId: number): Promise<Paper | null>;
}

/** Sources apart from any request: a statement a type, whatever the reasons name. Hidden papers are not named. */
export function sourcesFrom(services: { readonly tags: Finder<Tag>; readonly authors: Finder<Author>; readonly papers: Finder<Paper> }): ReasonSources {
  const of = <Row extends { readonly rowId: number }>(finder: Finder<Row>): ((rowId: number) => Promise<Row | null>) => {
    const loader = loaderOfOne((ids: readonly number[]) => finder.byIds(ids), (row) => row.rowId);
    return (rowId) => loader.load(rowId);
  };
  return { tag: of(services.tags), author: of(services.authors), paper: of(services.papers) };
}

interface Finder<Row> {
  byIds(ids: readonly number[]): Promise<Row[]>;
}

/** For whom the reasons are: `you` for the viewer; `this` where one paper stands for the history; `both` of two readers. */
export type Audience = 'you' | 'this' | 'both';

/** The contributions as reasons, whose contributions add up to the same score. */
export async function reasonsOf(contributions: readonly Contribution[], sources: ReasonSources, audience: Audience): Promise<Reason[]> {
  const shown = shownOf(contributions);
  const rest = contributions.slice(shown.length);
  const reasons = await Promise.all(shown.map((term) => reasonOf(term, sources, audience)));
  // What names an object that is gone by now still counts, among the rest.
  const gone = shown.filter((_, index) => reasons[index] === null);
  const unnamed = [...gone, ...rest];
  return [...reasons.filter((reason) => reason !== null), ...(unnamed.length === 0 ? [] : [otherReason(unnamed)])];
}

/** The leading reasons for a paper in one sentence. */
export async function summaryOf(contributions: readonly Contribution[], sources: ReasonSources, audience: Audience): Promise<string> {
  const positive = shownOf(contributions).filter(({ contribution }) => contribution > 0);
  const first = await Promise.all(positive.slice(0, SUMMARISED).map((term) => reasonOf(term, sources, audience)));
  // Seldom names one of them what is gone: then the next ones count.
  const reasons = first.includes(null) ? await Promise.all(positive.map((term) => reasonOf(term, sources, audience))) : first;
  const leading = reasons.filter((reason) => reason !== null).slice(0, SUMMARISED);
  const sentence = leading.map((reason) => reason.text).join(', and ');
  return sentence === '' ? 'Nothing speaks for it in particular.' : `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function shownOf(contributions: readonly Contribution[]): readonly Contribution[] {
  return contributions.slice(0, contributions.length > MAX_REASONS ? MAX_REASONS - 1 : MAX_REASONS);
}

async function reasonOf(term: Contribution, sources: ReasonSources, audience: Audience): Promise<Reason | null> {
  const { contribution, support } = term;
  const base = { kind: ReasonKind[term.kind], contribution };
  switch (term.kind) {
    case 'SHARED_TAG':
    case 'RELATED_TAG':
    case 'FOLLOWED_TAG': {
      const tag = await sources.tag(term.sourceId ?? 0);
      if (tag === null) return null;
      return Object.assign(new TagReason(), { ...base, tag, upvotedPaperCount: support, text: featureText(term, { name: tag.name, audience }) });
    }
    case 'SHARED_AUTHOR':
    case 'RELATED_AUTHOR':
    case 'FOLLOWED_AUTHOR': {
      const author = await sources.author(term.sourceId ?? 0);
      if (author === null) return null;
      return Object.assign(new AuthorReason(), { ...base, author, upvotedPaperCount: support, text: featureText(term, { name: author.name, audience }) });
    }
    case 'CO_UPVOTED':
    case 'DISMISSED':
    case 'REPETITION': {
      const paper = await sources.paper(term.sourceId ?? 0);
      if (paper === null) return null;
      return Object.assign(new PaperReason(), { ...base, paper, readerCount: support, text: paperText(term, paper, audience) });
    }
    case 'OTHER_READERS':
    case 'TRENDING':
      return Object.assign(new ReadersReason(), { ...base, readerCount: support, text: readersText(term, audience) });
    case 'FRESH':
      return Object.assign(new PlainReason(), { ...base, text: 'listed lately' });
    case 'AUTHOR_CAP':
      return Object.assign(new PlainReason(), { ...base, text: 'enough papers of its authors stand just above it' });
  }
}

function featureText({ kind, support }: Contribution, { name, audience }: { readonly name: string; readonly audience: Audience }): string {
  const upvoted = audience === 'you' ? ` with ${count(support, 'paper')} you upvoted` : '';
  const alike = audience === 'you' ? 'those you upvoted' : 'this one';
  if (kind === 'FOLLOWED_TAG') return `is about ${name}, which you follow`;
  if (kind === 'FOLLOWED_AUTHOR') return `is by ${name}, whom you follow`;
  if (kind === 'SHARED_TAG') return `shares ${name}${upvoted}`;
  if (kind === 'SHARED_AUTHOR') return `shares its author ${name}${upvoted}`;
  if (kind === 'RELATED_AUTHOR') return `${name} wrote papers like ${alike}`;
  return `${name} is a subject of papers like ${alike}`;
}

function paperText({ kind, support }: Contribution, { title }: Paper, audience: Audience): string {
  if (kind === 'DISMISSED') return `is like “${title}”, which you dismissed`;
  if (kind === 'REPETITION') return `is like “${title}”, which ranks above it`;
  if (audience === 'both') return `both upvoted “${title}”, as ${count(support, 'reader')} did`;
  return audience === 'you' ? `upvoted by ${count(support, 'reader')} of “${title}”, which you upvoted` : `upvoted by ${count(support, 'reader')} of this paper`;
}

function readersText({ kind, support }: Contribution, audience: Audience): string {
  if (kind === 'OTHER_READERS') return `upvoted by ${count(support, 'reader')} of papers like ${audience === 'you' ? 'those you upvoted' : 'this one'}`;
  return support === 0 ? 'listed lately' : `upvoted by ${count(support, 'reader')}`;
}

function otherReason(terms: readonly Contribution[]): Reason {
  const contribution = terms.reduce((sum, term) => sum + term.contribution, 0);
  const text = `and ${count(terms.length, 'smaller reason')}`;
  return Object.assign(new OtherReason(), { kind: ReasonKind.OTHER, contribution, text, reasonCount: terms.length });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
