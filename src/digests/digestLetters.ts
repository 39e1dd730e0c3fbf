import type { Paper } from '../papers/paper.type.js';
import { arxivAddress, doiAddress } from '../papers/paperAddress.js';
import { DigestContent, DigestFrequency } from './digest.type.js';
import type { DigestPaper } from './digestPicks.js';
import type { DigestSettings } from './digestRules.js';
import { letterOf, type Block, type Letter } from './letter.js';

/** What a digest is to say. */
export interface DigestFacts {
  readonly settings: Pick<DigestSettings, 'content' | 'frequency'>;
  /** In the reader's time zone, YYYY-MM-DD. */
  readonly day: string;
  readonly papers: readonly DigestPaper[];
  /** Null where nobody has subscribed yet. */
  readonly unsubscribeUrl: string | null;
}

/** The digest of a day. */
export function digestLetter({ settings, day, papers, unsubscribeUrl }: DigestFacts): Letter {
  const { content, frequency } = settings;
  const lead = content === DigestContent.PERSONAL ? 'Papers for you' : 'Trending papers';
  const [date, named] = [new Date(`${day}T00:00:00Z`), frequency === DigestFrequency.DAILY ? '' : 'the week to '];
  const subject = `${lead}: ${named}${DAY.format(date)}`;
  const why = content === DigestContent.PERSONAL ? 'Chosen by what you upvoted, follow and dismissed.' : `The papers of the last ${frequency === DigestFrequency.DAILY ? 'two days' : 'eight days'} that readers upvoted most.`;
  return letterOf(subject, [
    ...papers.map(paperBlock),
    { kind: 'small', text: `${why} You get this mail because you subscribed to a ${frequency.toLowerCase()} digest.`, link: unsubscribeUrl === null ? null : { label: 'Unsubscribe', url: unsubscribeUrl } },
  ]);
}

/** Asks an address whether it wants a digest. */
export function confirmationLetter({ username, frequency, confirmUrl }: { readonly username: string; readonly frequency: string; readonly confirmUrl: string }): Letter {
  return letterOf('Confirm your digest of papers', [
    { kind: 'paragraph', text: `The reader ${username} asked for a ${frequency.toLowerCase()} digest of research papers to this address. If that was you, confirm it within 48 hours:` },
    { kind: 'action', label: 'Confirm the digest', url: confirmUrl },
    { kind: 'small', text: 'If it was not you, there is nothing to do: without confirmation nothing else is sent.', link: null },
  ]);
}

const DAY = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

function paperBlock({ paper, authors, reason }: DigestPaper): Block {
  return { kind: 'paper', title: paper.title, url: linkOf(paper), byline: bylineOf(authors, paper.authorCount), reason };
}

/** Where a paper can be read: at arXiv, on its own site, or wherever its DOI leads; null where nobody knows. */
function linkOf({ arxivId, projectUrl, doi }: Paper): string | null {
  if (arxivId !== null) return arxivAddress(arxivId);
  return projectUrl ?? (doi === null ? null : doiAddress(doi));
}

function bylineOf(authors: readonly string[], count: number | null): string {
  const others = Math.max(0, (count ?? 0) - authors.length);
  if (authors.length === 0) return '';
  return others === 0 ? authors.join(', ') : `${authors.join(', ')} and ${others} other${others === 1 ? '' : 's'}`;
}
