/** Rows of column indices in one block (compressed sparse rows): row i is indices[offsets[i]] … indices[offsets[i+1] − 1]. */
export interface SparseRows {
  readonly rowCount: number;
  readonly columnCount: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
}

/** Rows from lists of columns; repeated columns of a row are kept once, in ascending order. */
export function sparseRows(lists: readonly (readonly number[])[], columnCount: number): SparseRows {
  const rows = lists.map((list) => [...new Set(list)].sort((one, other) => one - other));
  const offsets = new Int32Array(rows.length + 1);
  rows.forEach((row, index) => (offsets[index + 1] = (offsets[index] as number) + row.length));
  return { rowCount: rows.length, columnCount, offsets, indices: Int32Array.from(rows.flat()) };
}

export function rowOf(rows: SparseRows, row: number): Int32Array {
  return rows.indices.subarray(rows.offsets[row], rows.offsets[row + 1]);
}

export function rowLength(rows: SparseRows, row: number): number {
  return (rows.offsets[row + 1] as number) - (rows.offsets[row] as number);
}

/** The same entries by column. */
export function transpose(rows: SparseRows): SparseRows {
  const offsets = new Int32Array(rows.columnCount + 1);
  for (const column of rows.indices) offsets[column + 1] = (offsets[column + 1] as number) + 1;
  for (let column = 0; column < rows.columnCount; column += 1) {
    offsets[column + 1] = (offsets[column + 1] as number) + (offsets[column] as number);
  }
  const next = offsets.slice();
  const indices = new Int32Array(rows.indices.length);
  for (let row = 0; row < rows.rowCount; row += 1) {
    for (const column of rowOf(rows, row)) {
      const place = next[column] as number;
      indices[place] = row;
      next[column] = place + 1;
    }
  }
  return { rowCount: rows.columnCount, columnCount: rows.rowCount, offsets, indices };
}

/** The rows of one above the rows of the other; both have the same columns. */
export function stack(above: SparseRows, below: SparseRows): SparseRows {
  const offsets = new Int32Array(above.rowCount + below.rowCount + 1);
  offsets.set(above.offsets);
  const start = above.indices.length;
  for (let row = 0; row <= below.rowCount; row += 1) offsets[above.rowCount + row] = start + (below.offsets[row] as number);
  const indices = new Int32Array(start + below.indices.length);
  indices.set(above.indices);
  indices.set(below.indices, start);
  return { rowCount: above.rowCount + below.rowCount, columnCount: above.columnCount, offsets, indices };
}
