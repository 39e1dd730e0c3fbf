import { grownFloats, grownInts } from './typedArrays.js';

/**
 * The rows of R of one kind that a system touches, numbered in the order of arrival: what is read for each entry of the
 * system lies close together, where the arrays of all readers or tags would not fit into a processor's cache.
 */
export class TouchedRows {
  /** By reader or feature: its number + 1; 0 for one that is not touched. */
  numberOf = new Int32Array(0);
  /** By number: the reader or feature, how many columns have it, its entry before a column's scale, its row of R. */
  ids = new Int32Array(1024);
  columns = new Int32Array(1024);
  base = new Float64Array(1024);
  row = new Int32Array(1024);
  count = 0;
  /** Numbers by entry, column after column. */
  entries = new Int32Array(1024);
  used = 0;

  fit(rows: number): void {
    this.numberOf = grownInts(this.numberOf, rows);
  }

  /** Makes room for so many entries more. */
  fitEntries(entries: number): void {
    this.entries = grownInts(this.entries, this.used + entries);
    const rows = this.count + entries;
    this.ids = grownInts(this.ids, rows);
    this.columns = grownInts(this.columns, rows);
    this.base = grownFloats(this.base, rows);
    this.row = grownInts(this.row, rows);
  }

  /** The row of R of a reader or feature; −1 for one that fewer than two columns of the system share. */
  rowAt(id: number): number {
    const number = (this.numberOf[id] as number) - 1;
    return number < 0 ? -1 : (this.row[number] as number);
  }

  clear(): void {
    for (let number = 0; number < this.count; number += 1) this.numberOf[this.ids[number] as number] = 0;
    this.count = 0;
    this.used = 0;
  }
}
