// What the engine's time is compared with: methods that only look up, in the same language, each as fast as it is easily
// written. A ranker gives the 20 best papers of a reader.
import { nearest } from '../../../dist/evaluation/baselines.js';
import { rowLength, rowOf, transpose } from '../../../dist/evaluation/sparseRows.js';
import { mulberry32 } from '../../../dist/random.js';
import { recommend } from '../../../dist/recommender/recommend.js';
import { idOf } from './facts.mjs';

const LIMIT = 20;
const NEIGHBOURS = 400;

/** What serves: candidates, all reasons and rules. */
export function engineRanker(matrix) {
  return (reader) => recommend(matrix, { readerId: idOf(reader), limit: LIMIT });
}

/** Item kNN from lists that are there: Σ of 400 similarities for each upvoted paper. The lists are made here, beforehand. */
export function neighboursRanker({ libraries, papers }, readers) {
  const similar = nearest(transpose(libraries), { neighbours: NEIGHBOURS, shrink: 10 });
  for (const reader of readers) rowOf(libraries, reader).forEach(similar);
  const scores = new Float64Array(papers);
  return (reader) => {
    scores.fill(0);
    const library = rowOf(libraries, reader);
    for (const upvoted of library) {
      const { indices, weights } = similar(upvoted);
      for (let place = 0; place < indices.length; place += 1) scores[indices[place]] += weights[place];
    }
    return best(scores, library);
  };
}

/**
 * EASE as its paper serves it: a row of a dense papers × papers matrix for each upvoted paper, added up. Only the
 * arithmetic is timed, so the matrix is drawn at random.
 */
export function denseRanker({ libraries, papers }, seed) {
  const random = mulberry32(seed);
  const weights = new Float32Array(papers * papers);
  for (let at = 0; at < weights.length; at += 1) weights[at] = random() - 0.5;
  const scores = new Float32Array(papers);
  return (reader) => {
    scores.fill(0);
    const library = rowOf(libraries, reader);
    for (const upvoted of library) {
      const row = weights.subarray(upvoted * papers, (upvoted + 1) * papers);
      for (let paper = 0; paper < papers; paper += 1) scores[paper] += row[paper];
    }
    return best(scores, library);
  };
}

/** RP3β without tags (Paudel et al., TiiS 2016), which needs no lists: for a set that is too large for either. */
export function walkRanker({ libraries, papers, readers }) {
  const readersOf = transpose(libraries);
  const powers = (rows, count, exponent) => Float64Array.from({ length: count }, (_, row) => Math.max(1, rowLength(rows, row)) ** -exponent);
  const [perPaper, perReader, popularity] = [powers(readersOf, papers, 0.6), powers(libraries, readers, 0.6), powers(readersOf, papers, 0.35)];
  const mass = new Float64Array(readers);
  const scores = new Float64Array(papers);
  return (reader) => {
    const library = rowOf(libraries, reader);
    const others = spread(library, readersOf, { shares: perPaper, into: mass });
    mass[reader] = 0;
    for (const other of others) mass[other] *= perReader[other];
    const reached = spread(others, libraries, { shares: mass, into: scores });
    for (const paper of reached) scores[paper] *= popularity[paper];
    const found = best(scores, library, reached);
    mass.fill(0);
    scores.fill(0);
    return found;
  };
}

/** Adds each row's share to all that it has; gives what was reached. */
function spread(from, rows, { shares, into }) {
  const reached = [];
  for (const row of from) {
    const share = shares[row];
    if (share === 0) continue;
    const end = rows.offsets[row + 1];
    for (let at = rows.offsets[row]; at < end; at += 1) {
      const column = rows.indices[at];
      if (into[column] === 0) reached.push(column);
      into[column] += share;
    }
  }
  return reached;
}

/** The largest scores by insertion into a short list: few of thousands ever enter it. */
function best(scores, known, among = null) {
  for (const paper of known) scores[paper] = -Infinity;
  const papers = new Int32Array(LIMIT);
  const values = new Float64Array(LIMIT).fill(-Infinity);
  const count = among?.length ?? scores.length;
  for (let k = 0; k < count; k += 1) {
    const paper = among === null ? k : among[k];
    const score = scores[paper];
    if (score <= values[LIMIT - 1]) continue;
    let place = LIMIT - 1;
    for (; place > 0 && values[place - 1] < score; place -= 1) {
      values[place] = values[place - 1];
      papers[place] = papers[place - 1];
    }
    values[place] = score;
    papers[place] = paper;
  }
  return papers;
}
