// Generated facts in the shape of a paper community: papers of many subjects, popularity, tags and authors by Zipf's law,
// readers of a few subjects each with libraries of very different sizes. The same seed gives the same world.
import { mulberry32 } from '../../../dist/random.js';

export const SIZES = {
  /** For the test of the bench. */
  tiny: { papers: 1_000, readers: 300, votes: 6_000, tags: 300, tagsOfPaper: 6, authors: 800, authorsOfPaper: 2, subjects: 10 },
  /** As large as CiteULike-a. */
  small: { papers: 17_000, readers: 5_550, votes: 205_000, tags: 7_400, tagsOfPaper: 12, authors: 15_000, authorsOfPaper: 3, subjects: 120 },
  large: { papers: 1_000_000, readers: 500_000, votes: 20_000_000, tags: 60_000, tagsOfPaper: 8, authors: 800_000, authorsOfPaper: 3, subjects: 2_500 },
};

const MOST_VOTES_OF_READER = 1500;
const FIRST_LISTED = 1_500_000_000;
const YEARS_OF_LISTING = 8;

/** `libraries`, `tagsOf` and `authorsOf` are sparse rows by reader, paper and paper, of dense indices in ascending order. */
export function makeWorld(shape, seed = 1) {
  const { papers, tags, authors } = shape;
  const every = Math.max(1, Math.floor((YEARS_OF_LISTING * 31_557_600) / papers));
  return {
    name: 'generated',
    papers,
    readers: shape.readers,
    listedSeconds: (paper) => FIRST_LISTED + paper * every,
    tagsOf: featureRows(mulberry32(seed), shape, { features: tags, ofPaper: shape.tagsOfPaper, strangers: 0.25 }),
    authorsOf: featureRows(mulberry32(seed + 1), shape, { features: authors, ofPaper: shape.authorsOfPaper, strangers: 0.02 }),
    libraries: libraryRows(mulberry32(seed + 2), shape),
  };
}

/** Draws from 0 … n − 1 with probability ∝ 1 / (k + shift)^exponent, by inverting the integral. */
function zipf(random, n, { exponent, shift }) {
  const power = 1 - exponent;
  const [low, high] = [shift ** power, (n + shift) ** power];
  return () => Math.min(n - 1, Math.floor((low + random() * (high - low)) ** (1 / power) - shift));
}

// Paper p is of subject p mod subjects. Most of its tags or authors are its subject's own.
function featureRows(random, { papers, subjects }, { features, ofPaper, strangers }) {
  const step = Math.floor(features / subjects);
  const own = zipf(random, Math.max(2 * ofPaper, 4 * step), { exponent: 0.9, shift: 2 });
  const any = zipf(random, features, { exponent: 0.95, shift: 10 });
  const rows = new RowsBuilder(papers, features);
  for (let paper = 0; paper < papers; paper += 1) {
    const first = (paper % subjects) * step;
    while (rows.size < ofPaper) rows.add(random() < strangers ? any() : (first + own()) % features);
    rows.endRow();
  }
  return rows.build();
}

function libraryRows(random, { papers, readers, votes, subjects }) {
  const perSubject = Math.floor(papers / subjects);
  const inSubject = zipf(random, perSubject, { exponent: 0.75, shift: 3 });
  const anySubject = zipf(random, subjects, { exponent: 0.6, shift: 5 });
  const rows = new RowsBuilder(readers, papers);
  for (const size of librarySizes(random, readers, votes)) {
    // Who reads much reads of more.
    const interests = Array.from({ length: 1 + Math.floor(3 * random() + size / 60) }, anySubject);
    for (let draw = 0; rows.size < size && draw < 20 * size; draw += 1) {
      const subject = random() < 0.8 ? interests[Math.floor(random() * interests.length)] : anySubject();
      // The rank within the subject is shuffled, so that age and popularity differ.
      rows.add(((inSubject() * 7919) % perSubject) * subjects + subject);
    }
    rows.endRow();
  }
  return rows.build();
}

// Exponentials of normal numbers: most readers have few votes, some a thousand. Scaled until they add up.
function librarySizes(random, readers, votes) {
  const raw = Float64Array.from({ length: readers }, () => Math.exp(Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())));
  let scale = votes / raw.reduce((sum, size) => sum + size, 0);
  const sizesAt = () => Int32Array.from(raw, (size) => Math.max(1, Math.min(MOST_VOTES_OF_READER, Math.round(scale * size))));
  for (let turn = 0; turn < 5; turn += 1) scale *= votes / sizesAt().reduce((sum, size) => sum + size, 0);
  return sizesAt();
}

/** Makes sparse rows of distinct columns, row after row, in the layout of src/evaluation/sparseRows.ts. */
export class RowsBuilder {
  #offsets;
  #indices = new Int32Array(1024);
  #end = 0;
  #row = 0;
  #lastRow;

  constructor(rowCount, columnCount) {
    Object.assign(this, { rowCount, columnCount });
    this.#offsets = new Int32Array(rowCount + 1);
    this.#lastRow = new Int32Array(columnCount).fill(-1);
  }

  /** Entries of the row under way. */
  get size() {
    return this.#end - this.#offsets[this.#row];
  }

  add(column) {
    if (this.#lastRow[column] === this.#row) return;
    this.#lastRow[column] = this.#row;
    if (this.#end === this.#indices.length) {
      const wider = new Int32Array(2 * this.#end);
      wider.set(this.#indices);
      this.#indices = wider;
    }
    this.#indices[this.#end++] = column;
  }

  endRow() {
    this.#indices.subarray(this.#offsets[this.#row], this.#end).sort();
    this.#offsets[++this.#row] = this.#end;
  }

  build() {
    return { rowCount: this.rowCount, columnCount: this.columnCount, offsets: this.#offsets, indices: this.#indices.slice(0, this.#end) };
  }
}
