import { DEFAULTS } from '../recommender/parameters.js';
import { Tables, inverseFrequency } from '../recommender/tables.js';
import { matrixOf } from './engine.js';
import type { Dataset } from './dataset.js';
import { rankerOf, type Ranker } from './ranker.js';
import { rowLength, rowOf, transpose } from './sparseRows.js';

/** More papers than this take minutes and gigabytes to invert. */
export const EASE_MAX_PAPERS = 4000;

/** A row of R: entries at papers. */
interface WeightedRow {
  readonly papers: ArrayLike<number>;
  readonly entries: ArrayLike<number>;
}

/**
 * EASE in closed form, by inverting the Gram matrix: for small sets. Steck, WWW 2019: B = I − P / diag(P) with
 * P = (RᵀR + λI)⁻¹, score = x B.
 */
export function exactEase(data: Dataset, lambda: number): Ranker {
  return easeOf(data, voteRows(data, () => 1), lambda);
}

/** EASE with tags as further rows (Jeunen et al., RecSys 2020), in the engine's weights and with its λ: what its ridge approaches. */
export function exactEaseWithTags(data: Dataset): Ranker {
  const tables = new Tables(DEFAULTS);
  tables.refresh(matrixOf(data));
  const idfOf = (papers: number): number => inverseFrequency(tables.logPapers, tables.log[papers] as number);
  const rows = [...voteRows(data, (votes) => tables.readerEntry[votes] as number), ...tagRows(data, idfOf)];
  return easeOf(data, rows, tables.regularisation);
}

function voteRows({ train }: Dataset, entryOf: (votes: number) => number): WeightedRow[] {
  return Array.from({ length: train.rowCount }, (_, reader) => {
    const papers = rowOf(train, reader);
    return { papers, entries: new Float64Array(papers.length).fill(entryOf(papers.length)) };
  });
}

/** A paper's tags have entries in the proportion of their idf, and the length that the engine gives them. */
function tagRows({ tags }: Dataset, idfOf: (papers: number) => number): WeightedRow[] {
  const papersOf = transpose(tags);
  const idf = Float64Array.from({ length: tags.columnCount }, (_, tag) => idfOf(rowLength(papersOf, tag)));
  const unit = Float64Array.from({ length: tags.rowCount }, (_, paper) => {
    const squares = rowOf(tags, paper).reduce((sum, tag) => sum + (idf[tag] as number) ** 2, 0);
    return squares > 0 ? DEFAULTS.tagRowNorm / Math.sqrt(squares) : 0;
  });
  return Array.from(idf, (weight, tag) => {
    const papers = rowOf(papersOf, tag);
    return { papers, entries: Float64Array.from(papers, (paper) => weight * (unit[paper] as number)) };
  });
}

function easeOf(data: Dataset, rows: readonly WeightedRow[], lambda: number): Ranker {
  const size = data.train.columnCount;
  const inverse = inverted(gram(rows, size, lambda), size);
  return rankerOf(data, {
    score(reader, scores) {
      const library = rowOf(data.train, reader);
      for (let paper = 0; paper < size; paper += 1) {
        let sum = 0;
        for (const upvoted of library) sum += inverse[upvoted * size + paper] as number;
        scores[paper] = -sum / (inverse[paper * size + paper] as number);
      }
    },
  });
}

/** RᵀR + λI */
function gram(rows: readonly WeightedRow[], size: number, lambda: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (const { papers, entries } of rows) {
    for (let one = 0; one < papers.length; one += 1) {
      const start = (papers[one] as number) * size;
      for (let other = 0; other < papers.length; other += 1) {
        const at = start + (papers[other] as number);
        matrix[at] = (matrix[at] as number) + (entries[one] as number) * (entries[other] as number);
      }
    }
  }
  for (let index = 0; index < size; index += 1) matrix[index * size + index] = (matrix[index * size + index] as number) + lambda;
  return matrix;
}

/** Inverse of a symmetric positive definite matrix in place, by Gauss and Jordan; no pivoting is needed for these. */
export function inverted(matrix: Float64Array, size: number): Float64Array {
  for (let pivot = 0; pivot < size; pivot += 1) {
    const scale = 1 / (matrix[pivot * size + pivot] as number);
    const pivotRow = matrix.subarray(pivot * size, (pivot + 1) * size);
    pivotRow[pivot] = 1;
    for (let column = 0; column < size; column += 1) pivotRow[column] = (pivotRow[column] as number) * scale;
    for (let row = 0; row < size; row += 1) {
      if (row === pivot) continue;
      const target = matrix.subarray(row * size, (row + 1) * size);
      const factor = target[pivot] as number;
      if (factor === 0) continue;
      target[pivot] = 0;
      for (let column = 0; column < size; column += 1) target[column] = (target[column] as number) - factor * (pivotRow[column] as number);
    }
  }
  return matrix;
}
