import { createHash } from 'node:crypto';
import { z } from 'zod';
import { findRepoAddress } from '../../repos/repoAddress.js';
import type { Fault, SourceRecord } from '../source.js';
import { abstractOf } from './abstract.js';
import { findArxivId } from './paperName.js';
import { shaped, shown, titleOf } from './shape.js';
import { tagsOf } from './tagNames.js';

/** What a row says and what of it was left out, or why it says nothing. */
export type ReadRow =
  | { readonly record: SourceRecord; readonly leftOut: readonly Fault[] }
  | { readonly title: string | null; readonly fault: Fault };

// With the mark of a link behind it, a name at a source.
const MAX_NAME_CHARACTERS = 280;

const text = z.string('must be text');
const method = z.object({ name: text.nullish(), full_name: text.nullish() }, 'must be an object');

// What the archive of Papers with Code says of a paper (papers-with-abstracts.json); other fields are ignored.
const paperSchema = z.object(
  {
    paper_url: text,
    arxiv_id: text.nullish(),
    title: text,
    abstract: text.nullish(),
    authors: z.array(text.nullable(), 'must be a list').nullish(),
    tasks: z.array(text.nullable(), 'must be a list').nullish(),
    methods: z.array(method, 'must be a list').nullish(),
    date: text.nullish(),
  },
  'must be a JSON object',
);

// What it says of a repository of a paper (links-between-papers-and-code.json). `framework` is ignored: pytorch, tf or
// jax are libraries, which a repository's language would then be mixed with.
const linkSchema = z.object(
  {
    paper_url: text,
    paper_title: text,
    paper_arxiv_id: text.nullish(),
    repo_url: text,
    is_official: z.boolean('must be true or false').nullish(),
  },
  'must be a JSON object',
);

/** Reads a row of papers-with-abstracts.json. */
export function readPaperRow(row: unknown): ReadRow {
  const shape = shaped(paperSchema, row, 'record');
  if ('fault' in shape) return { title: titleOf(row), fault: shape.fault };
  const { value } = shape;
  const externalId = nameOf(value.paper_url);
  if (externalId === null) return { title: titleOf(row), fault: namelessness(value.paper_url) };
  const leftOut: Fault[] = [];
  const day = dayOf(value.date, leftOut);
  const record: SourceRecord = {
    externalId,
    title: value.title,
    arxivId: arxivIdOf('arxiv_id', value.arxiv_id, leftOut),
    abstract: abstractOf(value.abstract, leftOut),
    publishedOn: day,
    authors: present(value.authors),
    namedTags: [
      ...tagsOf(present(value.tasks), 'TASK', leftOut),
      ...tagsOf(present((value.methods ?? []).map(({ name, full_name }) => name ?? full_name ?? null)), 'METHOD', leftOut),
    ],
  };
  return { record, leftOut };
}

/** Reads a row of links-between-papers-and-code.json. */
export function readLinkRow(row: unknown): ReadRow {
  const shape = shaped(linkSchema, row, 'record');
  if ('fault' in shape) return { title: titleOf(row, 'paper_title'), fault: shape.fault };
  const { value } = shape;
  const title = titleOf(row, 'paper_title');
  const name = nameOf(value.paper_url);
  if (name === null) return { title, fault: namelessness(value.paper_url) };
  // Without it the row says nothing of the paper.
  if (findRepoAddress(value.repo_url) === null) return { title, fault: { field: 'repo_url', rule: 'must be the address of a repository', received: shown(value.repo_url) } };
  const leftOut: Fault[] = [];
  const record: SourceRecord = {
    // A link of its own, so that each is known again, and the paper's own row as well.
    externalId: `${name}#${createHash('sha256').update(value.repo_url).digest('hex').slice(0, 16)}`,
    title: value.paper_title,
    partOf: name,
    arxivId: arxivIdOf('paper_arxiv_id', value.paper_arxiv_id, leftOut),
    repos: [{ url: value.repo_url, isOfficial: value.is_official ?? null }],
  };
  return { record, leftOut };
}

/** The last part of a paper's address names it at the archive. */
function nameOf(url: string): string | null {
  const name = url.trim().replace(/[?#].*$/, '').replace(/\/+$/, '').split('/').at(-1) ?? '';
  return name === '' || name.length > MAX_NAME_CHARACTERS ? null : name;
}

function namelessness(url: string): Fault {
  return { field: 'paper_url', rule: `must end in a name of 1 to ${MAX_NAME_CHARACTERS} characters`, received: shown(url) };
}

function dayOf(date: string | null | undefined, leftOut: Fault[]): string | null {
  if (date == null || date === '') return null;
  const [day] = /^\d{4}-\d\d-\d\d/.exec(date) ?? [];
  if (day !== undefined) return day;
  leftOut.push({ field: 'date', rule: 'must be a day in the form YYYY-MM-DD', received: shown(date) });
  return null;
}

function arxivIdOf(field: string, value: string | null | undefined, leftOut: Fault[]): string | null {
  const id = findArxivId(value);
  if (id === null && value != null && value.trim() !== '') leftOut.push({ field, rule: 'must be an arXiv id', received: shown(value) });
  return id;
}

function present(names: readonly (string | null)[] | null | undefined): string[] {
  return (names ?? []).filter((name): name is string => name !== null && name.trim() !== '');
}
