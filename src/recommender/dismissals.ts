import { sampledReaders } from './sample.js';
import { inverseFrequency } from './tables.js';
import type { Workspace } from './workspace.js';

/** A paper's column of R, by row: its readers and then its features, each in the order of its list. */
interface Column {
  readonly readers: Int32Array;
  readonly readerEntries: Float64Array;
  readonly features: readonly { readonly ids: Int32Array; readonly entries: Float64Array }[];
  /** √G_ii */
  readonly length: number;
}

/**
 * Likeness of papers to dismissed ones: the cosine of their columns in R, G_id / √(G_ii G_dd), from 0 to 1. It says the
 * same of readers, tags and authors as the ridge does.
 */
export class Likeness {
  private readonly columns: readonly Column[];
  private readonly readerSum = new Map<number, number>();
  private readonly featureSums: readonly Map<number, number>[];

  constructor(
    private readonly workspace: Workspace,
    papers: Int32Array,
  ) {
    this.columns = Array.from(papers, (paper) => columnOf(workspace, paper));
    this.featureSums = workspace.spaces.map(() => new Map<number, number>());
    for (const column of this.columns) {
      if (column.length === 0) continue;
      addTo(this.readerSum, { ids: column.readers, entries: column.readerEntries }, 1 / column.length);
      column.features.forEach((entries, space) => {
        addTo(this.featureSums[space] as Map<number, number>, entries, 1 / column.length);
      });
    }
  }

  /** Σ over the papers of the likeness to each. */
  sumFor(paper: number): number {
    const column = columnOf(this.workspace, paper);
    if (column.length === 0) return 0;
    let sum = product(this.readerSum, { ids: column.readers, entries: column.readerEntries });
    column.features.forEach((entries, space) => {
      sum += product(this.featureSums[space] as Map<number, number>, entries);
    });
    return sum / column.length;
  }

  /** The likeness to each of the papers, in their order. */
  eachFor(paper: number): number[] {
    const column = columnOf(this.workspace, paper);
    const readers = mapOf({ ids: column.readers, entries: column.readerEntries });
    const features = column.features.map(mapOf);
    return this.columns.map((other) => {
      if (column.length === 0 || other.length === 0) return 0;
      let sum = product(readers, { ids: other.readers, entries: other.readerEntries });
      other.features.forEach((entries, space) => {
        sum += product(features[space] as Map<number, number>, entries);
      });
      return sum / (column.length * other.length);
    });
  }
}

interface Entries {
  readonly ids: Int32Array;
  readonly entries: Float64Array;
}

function columnOf(workspace: Workspace, paper: number): Column {
  const { matrix, tables, spaces, weights } = workspace;
  const { from, end, share } = sampledReaders(workspace, paper);
  const readers = matrix.readersOfPaper.pool.subarray(from, end);
  const scale = Math.sqrt(share * weights.votes);
  const readerEntries = Float64Array.from(readers, (reader) => scale * (tables.readerEntry[matrix.papersOfReader.sizeOf(reader)] as number));
  const features = spaces.map((space): Entries => {
    const ids = space.features.ofPaper.values(paper);
    const entries = Float64Array.from(ids, (feature) => {
      return (space.features.ofPaper.weightOf(paper, feature) ?? 0) * inverseFrequency(tables.logPapers, space.features.logPapers[feature] as number);
    });
    const length = Math.sqrt(squaresOf(entries));
    const unit = length > 0 ? (space.rowNorm * Math.sqrt(weights.tags)) / length : 0;
    return { ids, entries: entries.map((entry) => entry * unit) };
  });
  const squares = features.reduce((sum, { entries }) => sum + squaresOf(entries), squaresOf(readerEntries));
  return { readers, readerEntries, features, length: Math.sqrt(squares) };
}

function squaresOf(entries: Float64Array): number {
  return entries.reduce((sum, entry) => sum + entry * entry, 0);
}

function mapOf({ ids, entries }: Entries): Map<number, number> {
  return new Map(Array.from(ids, (id, place) => [id, entries[place] as number]));
}

function addTo(sums: Map<number, number>, { ids, entries }: Entries, factor: number): void {
  ids.forEach((id, place) => sums.set(id, (sums.get(id) ?? 0) + factor * (entries[place] as number)));
}

function product(sums: Map<number, number>, { ids, entries }: Entries): number {
  let sum = 0;
  for (let place = 0; place < ids.length; place += 1) sum += (sums.get(ids[place] as number) ?? 0) * (entries[place] as number);
  return sum;
}
