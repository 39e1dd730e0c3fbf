import { badInput, InputError } from '../errors.js';
import { checkedOrcid } from '../inputRules.js';
import { digestOf } from '../submissions/paperOrigins.js';
import {
  checkedByline, checkedColumns, checkedNamedTag, checkedRepo, MAX_AUTHORS, type PaperRecord, type RawAuthor, type RawRecord,
} from '../submissions/paperRecord.js';
import type { NamedRecord } from '../submissions/paperWriter.service.js';
import type { SourceRecord } from './source.js';

/** A part of a record, or all of it, that breaks a rule. */
export interface Reject {
  readonly place: string;
  readonly title: string | null;
  readonly field: string;
  readonly rule: string;
  /** As JSON, cut. */
  readonly received: string;
  /** Whether the whole record is left out, rather than this field. */
  readonly isWhole: boolean;
}

/** What can be taken of a record, and what could not. */
export interface CheckedItem {
  /** Null where the record as a whole is refused. */
  readonly named: NamedRecord | null;
  readonly faults: readonly InputError[];
}

const MAX_TAGS = 500;
const MAX_REPOS = 100;
const MAX_FACTS_CHARACTERS = 20_000;
/** Without one of these a paper would be another one, or stand on another day: they are never left out. */
const ESSENTIAL = ['title', 'arxivId', 'publishedOn', 'listedOn'] as const;
const OPTIONAL = ['doi', 'abstract', 'projectUrl', 'statedAuthorCount', 'originUpvoteCount', 'arxivVersion', 'withdrawnOn'] as const;

/** Checks a record field by field: what is broken is left out, with the record where it names the paper or its day. */
export function checkedItem(raw: SourceRecord, now: Date): CheckedItem {
  const faults: InputError[] = [];
  const attempt = <Value>(check: () => Value): Value | null => {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push(error);
      return null;
    }
  };
  const list = <Value, Result>(field: string, values: readonly Value[] = [], { max, check }: { max: number; check: (value: Value) => Result }): Result[] => {
    if (values.length > max) faults.push(badInput(field, `must have at most ${max} items`, values.length));
    return values.slice(0, max).flatMap((value) => attempt(() => check(value)) ?? []);
  };
  const essentials = attempt(() => {
    if (raw.externalId.length < 1 || raw.externalId.length > 300) throw badInput('externalId', 'must have 1 to 300 characters', raw.externalId);
    return checkedColumns(pick(raw, ESSENTIAL), now);
  });
  if (essentials === null) return { named: null, faults };
  const columns = OPTIONAL.map((field) => attempt(() => columnOf(field, raw[field], now)));
  const record: PaperRecord = {
    ...essentials,
    ...(Object.assign({}, ...columns) as Partial<Columns>),
    authors: list('authors', raw.authors, { max: MAX_AUTHORS, check: (author) => checkedByline([withRightOrcid(author, faults)])[0] as PaperRecord['authors'][number] }),
    tags: list('tags', raw.namedTags, { max: MAX_TAGS, check: checkedNamedTag }),
    repos: list('repos', raw.repos, { max: MAX_REPOS, check: checkedRepo }),
    submittedById: null,
    facts: attempt(() => checkedFacts(raw.facts)),
  };
  return { named: { externalId: raw.externalId, partOf: raw.partOf ?? null, record, digest: digestOf(record) }, faults };
}

type Columns = ReturnType<typeof checkedColumns>;

function columnOf(field: (typeof OPTIONAL)[number], value: unknown, now: Date): Partial<Columns> {
  const columns = checkedColumns({ title: '-', [field]: value }, now);
  const column = field === 'withdrawnOn' ? 'withdrawnAt' : field;
  return { [column]: columns[column] };
}

function pick(raw: RawRecord, fields: typeof ESSENTIAL): RawRecord {
  return { title: raw.title, ...Object.fromEntries(fields.map((field) => [field, raw[field]])) };
}

// An author is not left out for a wrong ORCID.
function withRightOrcid(author: string | RawAuthor, faults: InputError[]): string | RawAuthor {
  if (typeof author === 'string' || author.orcid == null) return author;
  try {
    return { name: author.name, orcid: checkedOrcid('authors', author.orcid) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    faults.push(error);
    return { name: author.name };
  }
}

// PostgreSQL's jsonb has no NUL, and lone surrogates are no characters.
function checkedFacts(facts: RawRecord['facts']): PaperRecord['facts'] {
  if (facts === null || facts === undefined) return null;
  const text = JSON.stringify(facts, (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '') : value));
  if (text.length > MAX_FACTS_CHARACTERS) throw badInput('facts', `must have at most ${MAX_FACTS_CHARACTERS} characters as JSON`, text.length);
  return JSON.parse(text) as PaperRecord['facts'];
}
