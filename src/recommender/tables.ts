import { popularityExponentFor, regularisationFor, type Parameters } from './parameters.js';
import type { TasteMatrix } from './tasteMatrix.js';

/** What requests look up by degree: a function of the matrix's present counts, made anew after a change. */
export class Tables {
  /** degree^(−α), 1 at 0. */
  degree = new Float64Array(0);
  /** ln degree, 0 at 0. */
  log = new Float64Array(0);
  /** votes^(−β) of a paper. */
  popularity = new Float64Array(0);
  /** Entry of a reader in the ridge, by votes. */
  readerEntry = new Float64Array(0);
  logPapers = 0;
  /** λ */
  regularisation = 0;

  private version = -1;
  private parameters: Parameters | null = null;

  refresh(matrix: TasteMatrix, parameters: Parameters): void {
    if (this.version === matrix.version && this.parameters === parameters) return;
    this.extendDegrees(matrix, parameters);
    this.version = matrix.version;
    this.parameters = parameters;
    const { meanVotes, readerScale } = summaryOf(matrix, parameters);
    const beta = popularityExponentFor(parameters, meanVotes);
    const { log } = this;
    this.regularisation = regularisationFor(parameters, meanVotes);
    this.logPapers = Math.log(Math.max(1, matrix.paperCount));
    this.popularity = Float64Array.from({ length: matrix.mostReaders() + 1 }, (_, votes) => Math.exp(-beta * (log[votes] as number)));
    this.readerEntry = Float64Array.from({ length: matrix.readersBySize.length }, (_, votes) =>
      readerEntry({ scale: readerScale, exponent: parameters.readerRowExponent, logVotes: log[votes] as number }),
    );
  }

  // Constants, extended when the matrix outgrows them.
  private extendDegrees(matrix: TasteMatrix, parameters: Parameters): void {
    const largest = Math.max(matrix.paperIds.length, matrix.readerIds.length, matrix.tagIds.length, matrix.readersBySize.length, matrix.papersBySize.length);
    if (this.degree.length > largest && this.parameters?.degreeExponent === parameters.degreeExponent) return;
    const length = 2 * largest + 1;
    this.degree = Float64Array.from({ length }, (_, degree) => (degree === 0 ? 1 : degree ** -parameters.degreeExponent));
    this.log = Float64Array.from({ length }, (_, degree) => (degree === 0 ? 0 : Math.log(degree)));
  }
}

/** √(c · n^(−e)): who upvotes everything tells little of each. After the weights of Steck, RecSys 2019. */
function readerEntry({ scale, exponent, logVotes }: { readonly scale: number; readonly exponent: number; readonly logVotes: number }): number {
  return Math.sqrt(scale * Math.exp(-exponent * logVotes));
}

/** Mean votes of readers who have any, and c = Σn / Σn^(1−e), which keeps the weight of all readers together. */
function summaryOf(matrix: TasteMatrix, parameters: Parameters): { meanVotes: number; readerScale: number } {
  let readers = 0;
  let weighted = 0;
  for (let votes = 1; votes < matrix.readersBySize.length; votes += 1) {
    const count = matrix.readersBySize[votes] as number;
    if (count === 0) continue;
    readers += count;
    weighted += count * votes ** (1 - parameters.readerRowExponent);
  }
  return { meanVotes: readers === 0 ? 0 : matrix.voteCount / readers, readerScale: weighted === 0 ? 0 : matrix.voteCount / weighted };
}
