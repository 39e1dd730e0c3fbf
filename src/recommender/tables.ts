import { popularityExponentFor, regularisationFor, type Parameters } from './parameters.js';
import type { TasteMatrix } from './tasteMatrix.js';

/** What requests look up by degree: a function of the matrix's present counts, made anew when these have moved. */
export class Tables {
  /** degree^(−α), 1 at 0. */
  degree = new Float64Array(0);
  /** ln degree, 0 at 0. */
  log = new Float64Array(0);
  /** n^(−e) of a reader's votes. */
  private lessened = new Float64Array(0);
  /** votes^(−β) of a paper. */
  popularity = new Float64Array(0);
  /** votes^(−β/2) */
  rootPopularity = new Float64Array(0);
  /** Entry of a reader in the ridge, by votes. */
  readerEntry = new Float64Array(0);
  logPapers = 0;
  /** λ */
  regularisation = 0;

  private summary: Summary = { meanVotes: NaN, readerScale: NaN };
  private version = -1;
  /** Another one after the matrix was attached to other memory, whose version may happen to be the same. */
  private readersBySize: Int32Array | null = null;

  constructor(private readonly parameters: Parameters) {}

  refresh(matrix: TasteMatrix): void {
    if (this.version === matrix.version && this.readersBySize === matrix.readersBySize) return;
    this.version = matrix.version;
    this.readersBySize = matrix.readersBySize;
    this.extendDegrees(Math.max(matrix.papers.count, matrix.readers.count, matrix.papersBySize.length, matrix.readersBySize.length));
    this.logPapers = Math.log(Math.max(1, matrix.paperCount));
    const summary = this.summaryOf(matrix);
    const votes = Math.max(matrix.papersBySize.length, matrix.readersBySize.length);
    const isSame = summary.meanVotes === this.summary.meanVotes && summary.readerScale === this.summary.readerScale;
    if (!isSame || this.popularity.length < votes) this.fillByVotes(summary, votes);
  }

  private fillByVotes(summary: Summary, length: number): void {
    const { parameters, log } = this;
    const beta = popularityExponentFor(parameters, summary.meanVotes);
    this.summary = summary;
    this.regularisation = regularisationFor(parameters, summary.meanVotes);
    this.popularity = Float64Array.from({ length }, (_, votes) => Math.exp(-beta * (log[votes] as number)));
    this.rootPopularity = this.popularity.map(Math.sqrt);
    this.readerEntry = Float64Array.from({ length }, (_, votes) => readerEntry(summary.readerScale, this.lessened[votes] as number));
  }

  private summaryOf(matrix: TasteMatrix): Summary {
    let readers = 0;
    let weighted = 0;
    for (let votes = 1; votes < matrix.readersBySize.length; votes += 1) {
      const count = matrix.readersBySize[votes] as number;
      if (count === 0) continue;
      readers += count;
      weighted += count * votes * (this.lessened[votes] as number);
    }
    if (readers === 0) return { meanVotes: 0, readerScale: 0 };
    return { meanVotes: onGrid(matrix.voteCount / readers), readerScale: onGrid(matrix.voteCount / weighted) };
  }

  // Constants, extended when the matrix outgrows them.
  private extendDegrees(largest: number): void {
    if (this.degree.length > largest) return;
    const { degreeExponent, readerRowExponent } = this.parameters;
    const length = 2 * largest + 1;
    this.degree = Float64Array.from({ length }, (_, degree) => (degree === 0 ? 1 : degree ** -degreeExponent));
    this.lessened = Float64Array.from({ length }, (_, votes) => (votes === 0 ? 0 : votes ** -readerRowExponent));
    this.log = Float64Array.from({ length }, (_, degree) => (degree === 0 ? 0 : Math.log(degree)));
  }
}

/**
 * Of the readers who have any votes. On a grid, so that one vote among millions does not make all tables anew: half a
 * percent more or less of either changes no figure in its fourth digit.
 */
interface Summary {
  readonly meanVotes: number;
  /** c = Σn / Σn^(1−e): keeps the weight of all readers together. */
  readonly readerScale: number;
}

/** The nearest of 64 steps a doubling. */
function onGrid(value: number): number {
  return 2 ** (Math.round(Math.log2(value) * 64) / 64);
}

/** √(c · n^(−e)): who upvotes everything tells little of each. After the weights of Steck, RecSys 2019. */
function readerEntry(scale: number, lessened: number): number {
  return Math.sqrt(scale * lessened);
}

/** ln(papers / papers of the tag). Spärck Jones, 1972. A tag of removed papers may be on more than there are: 0. */
export function inverseFrequency(logPapers: number, logPapersOfTag: number): number {
  return Math.max(0, logPapers - logPapersOfTag);
}
