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

/** A file or a split is not what it must be; the message names the rule and what was received. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError';
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

/**
 * Puts the parts of a data set on common indices. Left out are tags of one paper only, which link nothing, and held-out
 * votes that the training part has too, as nobody may rank them.
 */
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
  const libraries = (part: readonly Vote[]): number[][] => {
    const lists = Array.from({ length: readers.count }, (): number[] => []);
    for (const { reader, paper } of part) lists[readers.at(reader)]?.push(papers.at(paper));
    return lists;
  };
  const learned = libraries(train);
  const heldOut = libraries(test).map((library, reader) => {
    const known = new Set(learned[reader]);
    return library.filter((paper) => !known.has(paper));
  });
  const mask = among === null ? null : new Uint8Array(papers.count);
  for (const paper of among ?? []) if (papers.at(paper) >= 0) mask?.fill(1, papers.at(paper), papers.at(paper) + 1);
  return { train: sparseRows(learned, papers.count), test: sparseRows(heldOut, papers.count), tags: sparseRows(tagLists, tagIds.count), among: mask };
}

/** Readers with at least one held-out paper that can be ranked. */
export function testReaders({ test, among }: Dataset): number[] {
  return Array.from({ length: test.rowCount }, (_, reader) => reader).filter((reader) =>
    among === null ? rowLength(test, reader) > 0 : rowOf(test, reader).some((paper) => among[paper] === 1),
  );
}
