import { z } from 'zod';
import { findRepoAddress } from '../../repos/repoAddress.js';
import type { Fault, SourceRecord } from '../source.js';
import { abstractOf } from './abstract.js';
import { findArxivId, titleName } from './paperName.js';
import { shaped, shown, titleOf } from './shape.js';
import { tagsOf } from './tagNames.js';

/** What a line says and what of it was left out, or why it says nothing. */
export type ReadLine =
  | { readonly record: SourceRecord; readonly leftOut: readonly Fault[] }
  | { readonly title: string | null; readonly fault: Fault };

/** Shorter texts of the feed are remarks such as "test" or a link, not abstracts. */
const MIN_ABSTRACT_CHARACTERS = 40;

const text = z.string('must be text');
const number = z.number('must be a number');
const list = <Item extends z.ZodType>(item: Item): z.ZodArray<Item> => z.array(item, 'must be a list');
const author = z.union([text, z.object({ name: text, orcid: text.nullish() })], 'must be a name, or an object with a name');

// The layouts of daily-papers files in one: feed lines have arxivId, firstListedOn, stars and text; listing lines have
// listedOn, abstract, authorCount, publishedAt, count and projectPages; doi and tags may stand in either. Other fields
// are ignored.
const lineSchema = z.object(
  {
    title: text,
    arxivId: text.nullish(),
    doi: text.nullish(),
    firstListedOn: text.nullish(),
    listedOn: text.nullish(),
    publishedAt: text.nullish(),
    text: text.nullish(),
    abstract: text.nullish(),
    authors: list(author).nullish(),
    authorCount: number.nullish(),
    count: number.nullish(),
    tags: list(text).nullish(),
    repos: list(text).nullish(),
    stars: number.nullish(),
    projectPages: list(text).nullish(),
  },
  'must be a JSON object',
);
type Line = z.infer<typeof lineSchema>;

/** Reads one line of a daily-papers file. */
export function readFeedLine(line: string): ReadLine {
  const json = parsed(line);
  if ('fault' in json) return { title: null, fault: json.fault };
  const shape = shaped(lineSchema, json.value, 'line');
  if ('fault' in shape) return { title: titleOf(json.value), fault: shape.fault };
  return recordOf(shape.value);
}

function parsed(line: string): { readonly value: unknown } | { readonly fault: Fault } {
  try {
    return { value: JSON.parse(line) };
  } catch {
    return { fault: { field: 'line', rule: 'must be JSON', received: shown(line) } };
  }
}

function recordOf(value: Line): ReadLine {
  const leftOut: Fault[] = [];
  const repos = (value.repos ?? []).filter((url) => {
    const isRepo = findRepoAddress(url) !== null;
    if (!isRepo) leftOut.push({ field: 'repos', rule: 'must be the address of a repository', received: shown(url) });
    return isRepo;
  });
  // Several repos share one figure in the source: whose it is cannot be known.
  const stars = repos.length === 1 && (value.stars ?? 0) > 0 ? (value.stars ?? null) : null;
  const record: SourceRecord = {
    externalId: findArxivId(value.arxivId) ?? nameOf(value),
    title: value.title,
    arxivId: value.arxivId,
    doi: value.doi,
    abstract: feedAbstract(value.abstract ?? value.text, leftOut),
    publishedOn: value.publishedAt?.slice(0, 10),
    listedOn: value.firstListedOn ?? value.listedOn,
    projectUrl: value.projectPages?.[0],
    statedAuthorCount: value.authorCount,
    originUpvoteCount: value.count,
    authors: (value.authors ?? []).filter((entry) => (typeof entry === 'string' ? entry : entry.name).trim() !== ''),
    namedTags: tagsOf(value.tags ?? [], 'KEYWORD', leftOut),
    repos: repos.map((url) => ({ url, stars })),
  };
  return { record, leftOut };
}

// Without an id, papers of one title are told apart by who wrote them.
function nameOf({ doi, title, authors }: Line): string {
  if (doi != null && doi.trim() !== '') return `doi:${doi.trim().toLowerCase()}`.slice(0, 300);
  const [first = ''] = (authors ?? []).map((author) => (typeof author === 'string' ? author : author.name));
  return titleName(title, first);
}

function feedAbstract(given: string | null | undefined, leftOut: Fault[]): string | null {
  const length = given?.trim().length ?? 0;
  if (length === 0 || length >= MIN_ABSTRACT_CHARACTERS) return abstractOf(given, leftOut);
  leftOut.push({ field: 'abstract', rule: `must have at least ${MIN_ABSTRACT_CHARACTERS} characters`, received: given?.trim() });
  return null;
}
