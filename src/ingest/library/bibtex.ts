import { setImmediate } from 'node:timers/promises';
import { type Creator, type Entry, type Library, type Options, parse } from '@retorquere/bibtex-parser';
import type { RawAuthor } from '../../submissions/paperRecord.js';
import { shown } from '../files/shape.js';
import { entryOf, type LibraryEntry } from './libraryEntry.js';

// Titles as they are given: neither their case nor what protects it is ours to change. Keywords are text like any other.
const OPTIONS: Options = { sentenceCase: false, caseProtection: false, english: false, unsupported: 'ignore', fieldMode: { keywords: 'richtext' } };
// Marks that the parser writes for those of LaTeX, and those that come with abstracts of publishers.
const MARKUP = /<\/?(?:i|b|em|strong|sup|sub|sc|u|tt|code|pre|p|br|span|a|jats:[a-z]+)(?:\s[^<>]*)?\/?>/gi;
const ENTRY_KEY = /^@\w+\s*[{(]\s*([^\s,{}()=]+)/;

// Some 10 ms of work each.
const ENTRIES_A_TURN = 40;
// Where an entry or a @string begins, which no line of a field's value does.
const BEGINNING = /^(?=[ \t]*@[ \t]*\w+[ \t]*[{(])/m;

/** The entries of a BibTeX or BibLaTeX file, broken ones at the end. */
export function parseBibtex(text: string): LibraryEntry[] {
  return inOrder(turnsOf(text).map(entriesOf));
}

/** The same, letting others work in between: a megabyte takes more than a second. */
export async function parseBibtexInTurns(text: string): Promise<LibraryEntry[]> {
  const turns: LibraryEntry[][] = [];
  for (const turn of turnsOf(text)) {
    turns.push(entriesOf(turn));
    await setImmediate();
  }
  return inOrder(turns);
}

/** Parts of a file that can be read by themselves. */
function turnsOf(text: string): string[] {
  // An entry takes from the one it refers to what it does not say itself, wherever in the file that is.
  if (/\b(crossref|xdata)\s*=/i.test(text)) return [text];
  const pieces = text.split(BEGINNING);
  const [strings, entries] = [true, false].map((wanted) => pieces.filter((piece) => /^\s*@\s*string/i.test(piece) === wanted)) as [string[], string[]];
  const turns = Math.ceil(entries.length / ENTRIES_A_TURN);
  return Array.from({ length: turns }, (_, turn) => [...strings, ...entries.slice(turn * ENTRIES_A_TURN, (turn + 1) * ENTRIES_A_TURN)].join(''));
}

function inOrder(turns: readonly LibraryEntry[][]): LibraryEntry[] {
  const entries = turns.flat();
  return [...entries.filter(isWhole), ...entries.filter((entry) => !isWhole(entry))];
}

function isWhole(entry: LibraryEntry): boolean {
  return entry.kind === 'PAPER' || entry.fault.field !== 'entry';
}

function entriesOf(text: string): LibraryEntry[] {
  const { entries, errors }: Library = parse(text, OPTIONS);
  // A broken entry comes among the errors, and without its text among the entries.
  const whole = entries.filter(({ input }) => input !== '').map(paperOf);
  const broken = errors.map(({ input }) => input ?? '').filter((input) => input !== '').map((input): LibraryEntry => {
    const fault = { field: 'entry', rule: 'must be a whole BibTeX entry', received: shown(input) };
    return { kind: 'REJECT', place: placeOf(ENTRY_KEY.exec(input)?.[1]), title: null, fault };
  });
  return [...whole, ...broken];
}

function paperOf(entry: Entry): LibraryEntry {
  const field = (name: string): string | null => textOf(entry, name);
  const archive = field('archiveprefix') ?? field('eprinttype');
  const isArxiv = archive?.toLowerCase() === 'arxiv';
  return entryOf(placeOf(entry.key), {
    title: field('title') ?? '',
    authors: (entry.fields.author ?? []).map(authorOf).filter((author) => author !== null),
    date: field('date') ?? monthOf(field('year'), field('month')),
    doi: field('doi'),
    abstract: field('abstract'),
    url: field('url'),
    keywords: (field('keywords') ?? '').split(/[,;]/),
    arxivTexts: [
      { text: field('eprint'), isArxiv: isArxiv || archive === null },
      { text: field('arxivid'), isArxiv: true },
      { text: field('volume'), isArxiv: field('journal') === 'CoRR' },
      ...['journal', 'journaltitle', 'url', 'note', 'howpublished', 'number'].map((name) => ({ text: field(name), isArxiv: false })),
    ],
  });
}

function placeOf(key: string | undefined): string {
  return `entry ${key === undefined || key === '' ? 'without a key' : key.slice(0, 100)}`;
}

function textOf(entry: Entry, name: string): string | null {
  const value = (entry.fields as Record<string, unknown>)[name];
  const text = Array.isArray(value) ? value.filter((part) => typeof part === 'string').join(', ') : value;
  return typeof text === 'string' && text.trim() !== '' ? plain(entry, text) : null;
}

/** Text without marks, in composed characters. */
function plain({ input }: Entry, text: string): string {
  // A bare < is ¡ in TeX's oldest font encoding, and > is ¿. Nobody who writes them means that.
  const meant = /[¡¿]/.test(input) ? text : text.replaceAll('¡', '<').replaceAll('¿', '>');
  // \"{\i} is ï, though the accent stands on a letter without a dot; and \textasciigrave is a character of its own.
  return meant.replace(MARKUP, '').replaceAll('ˋ', '`').replace(/ı(?=\p{Mark})/gu, 'i').normalize('NFC').trim();
}

function monthOf(year: string | null, month: string | null): string | null {
  return year !== null && /^\d{4}$/.test(year) && /^([1-9]|0[1-9]|1[0-2])$/.test(month ?? '') ? `${year}-${month ?? ''}` : year;
}

function authorOf({ name, firstName, prefix, lastName, suffix }: Creator): RawAuthor | null {
  const parts = name === undefined ? [firstName, prefix, lastName, suffix] : [name];
  const whole = parts.filter((part) => part !== undefined && part !== '').join(' ').replace(/ı(?=\p{Mark})/gu, 'i').normalize('NFC').trim();
  // `and others` stands for names that are not told.
  return whole === '' || whole === 'others' ? null : { name: whole };
}
