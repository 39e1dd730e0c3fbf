// A world as the tables have it and as the matrix takes it. Ids are indices from 1.
import { rowLength } from '../../../dist/evaluation/sparseRows.js';
import { mulberry32 } from '../../../dist/random.js';
import { TasteMatrix } from '../../../dist/recommender/tasteMatrix.js';

export const idOf = (index) => index + 1;

/** Loads the facts in the order in which a server that starts reads them. */
export function loadMatrix({ papers, listedSeconds, tagsOf, authorsOf, libraries }) {
  const matrix = new TasteMatrix();
  matrix.beginLoading();
  for (let paper = 0; paper < papers; paper += 1) matrix.setPaper(idOf(paper), listedSeconds(paper));
  forEachEntry(tagsOf, (paper, tag) => matrix.setTag(idOf(paper), idOf(tag), 1));
  forEachEntry(authorsOf, (paper, author) => matrix.setFeature(matrix.authors, { paperId: idOf(paper), featureId: idOf(author), weight: 1 }));
  forEachEntry(libraries, (reader, paper) => matrix.setUpvote(idOf(reader), idOf(paper), true));
  matrix.endLoading();
  return matrix;
}

/** The same facts as the jobs of a threaded engine, packed as the database packs its rows. */
export async function loadEngine(engine, { papers, listedSeconds, tagsOf, authorsOf, libraries }) {
  await engine.run({ kind: 'beginLoading' });
  const everyPaper = { rowCount: papers, offsets: Int32Array.from({ length: papers + 1 }, (_, paper) => paper), indices: new Int32Array(papers).fill(-1) };
  await loadRows(engine, { change: 'PAPER', rows: everyPaper, value: listedSeconds });
  await loadRows(engine, { change: 'TAG', rows: tagsOf, value: () => 1 });
  await loadRows(engine, { change: 'AUTHOR', rows: authorsOf, value: null });
  await loadRows(engine, { change: 'UPVOTE', rows: libraries, value: null });
  await engine.run({ kind: 'endLoading' });
}

const ROWS_AT_ONCE = 20_000;

async function loadRows(engine, { change, rows, value }) {
  const width = value === null ? 8 : 16;
  let view = new DataView(new ArrayBuffer(ROWS_AT_ONCE * width));
  let end = 0;
  const flush = async () => {
    await engine.run({ kind: 'load', change, packed: new Uint8Array(view.buffer, 0, end), isValued: value !== null });
    end = 0;
  };
  for (let row = 0; row < rows.rowCount; row += 1) {
    for (let at = rows.offsets[row]; at < rows.offsets[row + 1]; at += 1) {
      view.setInt32(end, idOf(row));
      view.setInt32(end + 4, idOf(rows.indices[at]));
      if (value !== null) view.setFloat64(end + 8, value(row));
      end += width;
      if (end === view.byteLength) await flush();
    }
  }
  await flush();
}

function forEachEntry({ rowCount, offsets, indices }, visit) {
  for (let row = 0; row < rowCount; row += 1) {
    for (let at = offsets[row]; at < offsets[row + 1]; at += 1) visit(row, indices[at]);
  }
}

/** Readers with votes, in a random order. */
export function sampleReaders({ libraries, readers }, count, seed) {
  const random = mulberry32(seed);
  const chosen = new Set();
  const voters = Array.from({ length: readers }, (_, reader) => reader).filter((reader) => rowLength(libraries, reader) > 0);
  while (chosen.size < Math.min(count, voters.length)) chosen.add(voters[Math.floor(random() * voters.length)]);
  return [...chosen];
}
