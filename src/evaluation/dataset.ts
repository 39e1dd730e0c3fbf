import { rowLength, rowOf, sparseRows, type SparseRows } from './sparseRows.js';

/** Votes to learn from, votes to find again, and what the papers are about. */
export interface Dataset {
  /** Papers that each reader upvoted, to learn from. */
  readonly train: SparseRows;
  /** Papers held out of each reader's library; the same number of rows. */
  readonly test: SparseRows;
  /** Tags of each paper. */
  readonly tags: SparseRows;
  /** Papers to rank among, by paper; null for all. */
  readonly among: Uint8Array | null;
}

/** A vote as a file has it; the time where the file has one. */
export interface Vote {
  readonly reader: string;
  readonly paper: string;
  readonly time: number | null;
}

/** The file is not in a layout that is known; the message names line and rule. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
}

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
      return parseCsv(lines);
  }
}

/** Tags by paper: item-tag.dat's layout (line i is `n tag1 … tagn`), or a CSV `paper,tag`. */
export function parseTags(text: string, layout: VoteLayout): { readonly paper: string; readonly tag: string }[] {
  const lines = text.split(/\r?\n/);
  if (layout !== 'csv') return parseLibraries(lines).flatMap((tags, paper) => tags.map((tag) => ({ paper: String(paper), tag })));
  return lines.slice(1).flatMap((line) => {
    const [paper, tag] = line.split(',').map((part) => part.trim());
    return paper === undefined || tag === undefined ? [] : [{ paper, tag }];
  });
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

function parseCsv([header = '', ...lines]: readonly string[]): Vote[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  const column = (accepted: readonly string[]): number => names.findIndex((name) => accepted.includes(name));
  const [reader, paper, time] = [column(['reader', 'user', 'userid']), column(['paper', 'item', 'movieid', 'itemid']), column(['time', 'timestamp'])];
  if (reader < 0 || paper < 0) throw new DatasetError(`line 1 must name the columns reader and paper, received ${header}`);
  return lines.flatMap((line) => {
    const parts = line.split(',').map((part) => part.trim());
    const [readerId, paperId] = [parts[reader], parts[paper]];
    if (line.trim() === '' || readerId === undefined || paperId === undefined) return [];
    return [{ reader: readerId, paper: paperId, time: time < 0 ? null : Number(parts[time]) }];
  });
}

function fields(line: string): string[] {
  return line.split(/\s+/).filter((field) => field !== '');
}

/** Ids as dense indices; ids that are whole numbers keep their order, so that files without names need no mapping. */
export class Ids {
  private readonly indexOf = new Map<string, number>();

  constructor(ids: Iterable<string>) {
    const distinct = [...new Set(ids)];
    const areNumbers = distinct.every((id) => /^\d{1,9}$/.test(id));
    distinct.sort((one, other) => (areNumbers ? Number(one) - Number(other) : one < other ? -1 : 1));
    distinct.forEach((id, index) => this.indexOf.set(id, index));
  }

  get count(): number {
    return this.indexOf.size;
  }

  at(id: string): number {
    return this.indexOf.get(id) ?? -1;
  }
}

export interface DatasetParts {
  readonly train: readonly Vote[];
  readonly test: readonly Vote[];
  readonly tags: readonly { readonly paper: string; readonly tag: string }[];
  /** Papers to rank among; null for all. */
  readonly among?: ReadonlySet<string> | null;
}

/** Puts the parts of a data set on common indices. Tags of one paper only are left out: they link nothing. */
export function buildDataset({ train, test, tags, among = null }: DatasetParts): Dataset {
  const votes = [...train, ...test];
  const readers = new Ids(votes.map((vote) => vote.reader));
  const papers = new Ids([...votes.map((vote) => vote.paper), ...tags.map((entry) => entry.paper)]);
  const papersOfTag = new Map<string, number>();
  for (const { tag } of tags) papersOfTag.set(tag, (papersOfTag.get(tag) ?? 0) + 1);
  const linking = tags.filter(({ tag }) => (papersOfTag.get(tag) ?? 0) > 1);
  const tagIds = new Ids(linking.map((entry) => entry.tag));
  const tagLists = Array.from({ length: papers.count }, (): number[] => []);
  for (const { paper, tag } of linking) tagLists[papers.at(paper)]?.push(tagIds.at(tag));
  const libraries = (part: readonly Vote[]): SparseRows => {
    const lists = Array.from({ length: readers.count }, (): number[] => []);
    for (const { reader, paper } of part) lists[readers.at(reader)]?.push(papers.at(paper));
    return sparseRows(lists, papers.count);
  };
  const mask = among === null ? null : new Uint8Array(papers.count);
  for (const paper of among ?? []) if (papers.at(paper) >= 0) mask?.fill(1, papers.at(paper), papers.at(paper) + 1);
  return { train: libraries(train), test: libraries(test), tags: sparseRows(tagLists, tagIds.count), among: mask };
}

/** Readers with at least one held-out paper that can be ranked. */
export function testReaders({ test, among }: Dataset): number[] {
  return Array.from({ length: test.rowCount }, (_, reader) => reader).filter((reader) =>
    among === null ? rowLength(test, reader) > 0 : rowOf(test, reader).some((paper) => among[paper] === 1),
  );
}
