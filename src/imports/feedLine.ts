import { z } from 'zod';
import type { RawRecord } from '../submissions/paperRecord.js';
import { findRepoAddress } from '../repos/repoAddress.js';

/** A line that cannot become a paper: which field breaks which rule. */
export class LineError extends Error {
  override readonly name = 'LineError';
}

/** What a line says, and what of it was left out and why. */
export interface ParsedLine {
  readonly record: RawRecord;
  readonly notes: readonly string[];
}

const MAX_LINE_CHARACTERS = 1_000_000;
/** Shorter texts of the feed are remarks such as "test" or a link, not abstracts. */
const MIN_ABSTRACT_CHARACTERS = 40;
const MAX_ABSTRACT_CHARACTERS = 20_000;

const optionalText = z.string().nullish();

// The two layouts of daily-papers files in one: feed lines have arxivId, firstListedOn, stars and text; listing lines
// have listedOn, abstract, authorCount, publishedAt, count and projectPages. Other fields are ignored.
const lineSchema = z.object({
  title: z.string(),
  arxivId: optionalText,
  firstListedOn: optionalText,
  listedOn: optionalText,
  publishedAt: optionalText,
  text: optionalText,
  abstract: optionalText,
  authors: z.array(z.string()).nullish(),
  authorCount: z.number().nullish(),
  count: z.number().nullish(),
  repos: z.array(z.string()).nullish(),
  stars: z.number().nullish(),
  projectPages: z.array(z.string()).nullish(),
});

/** Reads one line of a daily-papers file; throws LineError. */
export function parseFeedLine(line: string): ParsedLine {
  const value = parseLine(line);
  const notes: string[] = [];
  const repos = (value.repos ?? []).filter((url) => {
    const isRepo = findRepoAddress(url) !== null;
    if (!isRepo) notes.push(`repos: ${JSON.stringify(url)} is no address of a repository`);
    return isRepo;
  });
  // Several repos share one figure in the source: whose it is cannot be known.
  const stars = repos.length === 1 && (value.stars ?? 0) > 0 ? (value.stars ?? null) : null;
  const record: RawRecord = {
    title: value.title,
    arxivId: value.arxivId,
    abstract: abstractOf(value.abstract ?? value.text ?? null, notes),
    publishedOn: value.publishedAt?.slice(0, 10),
    listedOn: value.firstListedOn ?? value.listedOn,
    projectUrl: value.projectPages?.[0],
    statedAuthorCount: value.authorCount,
    originUpvoteCount: value.count,
    authors: (value.authors ?? []).filter((name) => name.trim() !== ''),
    repos: repos.map((url) => ({ url, stars })),
  };
  return { record, notes };
}

function parseLine(line: string): z.infer<typeof lineSchema> {
  if (line.length > MAX_LINE_CHARACTERS) throw new LineError(`the line must have at most ${MAX_LINE_CHARACTERS} characters, received ${line.length}`);
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new LineError(`the line must be JSON: ${(error as Error).message}`);
  }
  const result = lineSchema.safeParse(json);
  if (result.success) return result.data;
  throw new LineError(result.error.issues.map((issue) => `${issue.path.join('.') || 'the line'}: ${issue.message}`).join('; '));
}

function abstractOf(text: string | null, notes: string[]): string | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return null;
  if (trimmed.length < MIN_ABSTRACT_CHARACTERS) {
    notes.push(`text: ${JSON.stringify(trimmed)} is too short for an abstract (${MIN_ABSTRACT_CHARACTERS} characters)`);
    return null;
  }
  if (trimmed.length > MAX_ABSTRACT_CHARACTERS) notes.push(`text: cut at ${MAX_ABSTRACT_CHARACTERS} characters`);
  return trimmed.slice(0, MAX_ABSTRACT_CHARACTERS).toWellFormed().replaceAll('\0', ' ');
}
