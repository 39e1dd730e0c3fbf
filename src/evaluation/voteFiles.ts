import { DatasetError, type Vote } from './dataset.js';

/** Layouts of a file of votes, told by its name: see `parseVotes`. */
export type VoteLayout = 'libraries' | 'splits' | 'csv';

export function layoutOf(path: string): VoteLayout {
  if (path.endsWith('.dat')) return 'libraries';
  return path.endsWith('.csv') ? 'csv' : 'splits';
}

/**
 * Votes of a file. `libraries` (users.dat of CiteULike-a): line u is `n paper1 … papern`, the library of reader u.
 * `splits`: each line is `reader paper1 …`. `csv`: a header `reader,paper[,time]` and a vote a line.
 */
export function parseVotes(text: string, layout: VoteLayout): Vote[] {
  const lines = text.split(/\r?\n/);
  switch (layout) {
    case 'libraries':
      return parseLibraries(lines).flatMap((papers, reader) => papers.map((paper) => ({ reader: String(reader), paper, time: null })));
    case 'splits':
      return lines.flatMap((line) => {
        const [reader, ...papers] = fields(line);
        return reader === undefined ? [] : papers.map((paper) => ({ reader, paper, time: null }));
      });
    case 'csv':
      return parseCsv(lines, { reader: ['reader', 'user', 'userid'], paper: PAPER_NAMES, time: ['time', 'timestamp'] }).map((row) => ({
        reader: cellOf(row, 'reader'),
        paper: cellOf(row, 'paper'),
        time: row.cells['time'] === undefined ? null : timeOf(row),
      }));
  }
}

const PAPER_NAMES = ['paper', 'item', 'movieid', 'itemid'];

/** Tags by paper: item-tag.dat's layout (line i is `n tag1 … tagn`), or a CSV `paper,tag`. */
export function parseTags(text: string, layout: VoteLayout): { readonly paper: string; readonly tag: string }[] {
  const lines = text.split(/\r?\n/);
  if (layout !== 'csv') return parseLibraries(lines).flatMap((tags, paper) => tags.map((tag) => ({ paper: String(paper), tag })));
  return parseCsv(lines, { paper: PAPER_NAMES, tag: ['tag'] }).map((row) => ({ paper: cellOf(row, 'paper'), tag: cellOf(row, 'tag') }));
}

function parseLibraries(lines: readonly string[]): string[][] {
  return lines.slice(0, lines.at(-1) === '' ? -1 : undefined).map((line, index) => {
    const [count, ...items] = fields(line);
    if (Number(count) !== items.length) {
      throw new DatasetError(`line ${index + 1} must start with the number of its entries (${items.length}), received ${String(count)}`);
    }
    return items;
  });
}

interface CsvRow {
  /** Its number in the file, from 1. */
  readonly line: number;
  /** By column; none for a column that the header does not name. */
  readonly cells: Readonly<Record<string, string>>;
}

/** Rows of a CSV file without quotes; `columns` has the names that a header may use for each column. */
function parseCsv([header = '', ...lines]: readonly string[], columns: Readonly<Record<string, readonly string[]>>): CsvRow[] {
  const names = header.replace(/^\uFEFF/, '').split(',').map((name) => name.trim().toLowerCase());
  const places = Object.entries(columns).map(([column, accepted]) => ({ column, place: names.findIndex((name) => accepted.includes(name)) }));
  const missing = places.find(({ column, place }) => place < 0 && column !== 'time');
  if (missing !== undefined) throw new DatasetError(`line 1 must name the columns ${Object.keys(columns).join(', ')}, received ${header}`);
  return lines.flatMap((text, index) => {
    if (text.trim() === '') return [];
    const parts = text.split(',').map((part) => part.trim());
    const cells = places.filter(({ place }) => place >= 0).map(({ column, place }) => [column, parts[place] ?? '']);
    return [{ line: index + 2, cells: Object.fromEntries(cells) as Record<string, string> }];
  });
}

function cellOf({ line, cells }: CsvRow, column: string): string {
  const cell = cells[column] ?? '';
  if (cell === '') throw new DatasetError(`line ${line} must have a ${column}, received none`);
  return cell;
}

/** A number, or a date in ISO 8601. */
function timeOf(row: CsvRow): number {
  const text = cellOf(row, 'time');
  const time = Number.isNaN(Number(text)) ? Date.parse(text) : Number(text);
  if (Number.isNaN(time)) throw new DatasetError(`line ${row.line} must have a number or a date as time, received ${text}`);
  return time;
}

function fields(line: string): string[] {
  return line.split(/\s+/).filter((field) => field !== '');
}
