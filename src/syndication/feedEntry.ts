import type { Paper } from '../papers/paper.type.js';
import { arxivAddress, doiAddress } from '../papers/paperAddress.js';
import { escapedHtml, type FeedEntry } from './feedDocument.js';

/** A paper with what its entry says of it. */
export interface SyndicatedPaper {
  readonly paper: Paper;
  /** The first names of the byline. */
  readonly authors: readonly string[];
  readonly tags: readonly { readonly slug: string; readonly name: string }[];
  /** Why it is recommended; null in feeds that are for all. */
  readonly why: string | null;
}

/** The entry of a paper: who wrote it, what it is about, its votes and where it is. Its abstract is its authors' to give away. */
export function entryOf(id: string, { paper, authors, tags, why }: SyndicatedPaper): FeedEntry {
  const links = linksOf(paper);
  const byline = bylineOf(authors, paper.authorCount ?? 0);
  const votes = `${paper.upvoteCount} ${paper.upvoteCount === 1 ? 'upvote' : 'upvotes'}`;
  const about = tags.map(({ name }) => name).join(', ');
  const lines = [paper.withdrawnAt === null ? '' : 'Withdrawn.', why ?? '', byline, votes, about === '' ? '' : `Tags: ${about}`].filter((line) => line !== '');
  const anchors = links.map(({ name, url }) => `<a href="${escapedHtml(url)}">${escapedHtml(name)}</a>`).join(' · ');
  return {
    id,
    title: paper.title,
    url: links[0]?.url ?? null,
    publishedAt: paper.listedAt,
    updatedAt: paper.updatedAt > paper.listedAt ? paper.updatedAt : paper.listedAt,
    authors,
    tags,
    summary: lines.map((line) => (line.endsWith('.') ? line : `${line}.`)).join(' '),
    html: [...lines.map(escapedHtml), anchors].filter((line) => line !== '').map((line) => `<p>${line}</p>`).join(''),
  };
}

function bylineOf(names: readonly string[], count: number): string {
  const others = Math.max(0, count - names.length);
  if (names.length === 0) return others === 0 ? '' : `By ${others} ${others === 1 ? 'author' : 'authors'}`;
  return `By ${names.join(', ')}${others === 0 ? '' : ` and ${others} ${others === 1 ? 'other' : 'others'}`}`;
}

/** Where the paper is, the likeliest place to read it first. */
function linksOf({ arxivId, doi, projectUrl }: Paper): { readonly name: string; readonly url: string }[] {
  return [
    ...(arxivId === null ? [] : [{ name: `arXiv:${arxivId}`, url: arxivAddress(arxivId) }]),
    ...(doi === null ? [] : [{ name: `doi:${doi}`, url: doiAddress(doi) }]),
    ...(projectUrl === null ? [] : [{ name: 'Project page', url: projectUrl }]),
  ];
}
