import { z } from 'zod';
import { shaped, shown, titleOf } from '../files/shape.js';
import { SourceError } from '../source.js';
import { entryOf, type LibraryEntry } from './libraryEntry.js';

const text = z.string('must be text');
const part = z.union([z.number(), z.string()], 'must be a number or text');
const name = z.object({ family: text.nullish(), given: text.nullish(), literal: text.nullish(), 'non-dropping-particle': text.nullish(), suffix: text.nullish(), ORCID: text.nullish() }, 'must be an object');

const itemSchema = z.object(
  {
    id: part.nullish(),
    title: text,
    author: z.array(name, 'must be a list').nullish(),
    issued: z.object({ 'date-parts': z.array(z.array(part), 'must be a list').nullish(), literal: part.nullish(), raw: part.nullish() }, 'must be an object').nullish(),
    DOI: text.nullish(),
    URL: text.nullish(),
    abstract: text.nullish(),
    keyword: text.nullish(),
    number: part.nullish(),
    note: text.nullish(),
  },
  'must be an object',
);
type Item = z.infer<typeof itemSchema>;

// CSL-JSON allows these few in titles; abstracts come with those of publishers.
const MARKUP = /<\/?(?:i|b|em|strong|sup|sub|sc|p|br|span|jats:[a-z]+)(?:\s[^<>]*)?\/?>/gi;

/** The items of a CSL-JSON file; throws SourceError for what is no list of items. */
export function parseCslJson(json: string): LibraryEntry[] {
  return itemsOf(json).map((value, index) => {
    const place = placeOf(value, index);
    const shape = shaped(itemSchema, value, 'entry');
    return 'fault' in shape ? { kind: 'REJECT', place, title: titleOf(value), fault: shape.fault } : paperOf(place, shape.value);
  });
}

function itemsOf(json: string): unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new SourceError(`the library must be CSL-JSON, received ${JSON.stringify(json.slice(0, 40))}: ${(error as Error).message.slice(0, 200)}`);
  }
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null) return 'items' in value && Array.isArray(value.items) ? value.items : [value];
  throw new SourceError(`the library must be a list of CSL-JSON items, received ${JSON.stringify(shown(value))}`);
}

function placeOf(value: unknown, index: number): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? `entry ${String(id).slice(0, 100)}` : `record ${index + 1}`;
}

function paperOf(place: string, item: Item): LibraryEntry {
  const number = item.number == null ? null : String(item.number);
  return entryOf(place, {
    title: plain(item.title),
    authors: (item.author ?? []).map(authorOf).filter(isNamed),
    date: dateOf(item),
    doi: item.DOI ?? null,
    abstract: item.abstract == null ? null : plain(item.abstract),
    url: item.URL ?? null,
    keywords: (item.keyword ?? '').split(/[,;]/),
    arxivTexts: [number, item.URL ?? null, item.note ?? null].map((each) => ({ text: each, isArxiv: false })),
  });
}

function plain(marked: string): string {
  return marked.replace(MARKUP, '').trim();
}

function authorOf(author: z.infer<typeof name>): { name: string; orcid: string | null } {
  const parts = [author.given, author['non-dropping-particle'], author.family, author.suffix];
  const whole = parts.filter((each) => each != null && each.trim() !== '').join(' ');
  return { name: (whole === '' ? (author.literal ?? '') : whole).trim(), orcid: author.ORCID ?? null };
}

// Processors write `et al.` for an author who is called others.
function isNamed({ name }: { readonly name: string }): boolean {
  return name !== '' && name !== 'others';
}

function dateOf({ issued }: Item): string | null {
  const parts = issued?.['date-parts']?.[0];
  if (parts !== undefined && parts.length > 0) return parts.join('-');
  const stated = issued?.raw ?? issued?.literal;
  return stated == null ? null : String(stated);
}
