import { describe, expect, test } from '@jest/globals';
import { influenceOf } from '../../src/recommender/influence.js';
import { DEFAULTS } from '../../src/recommender/parameters.js';
import { solve } from '../../src/recommender/solve.js';
import { buildSystem, clearSystem, gathered, throughRows } from '../../src/recommender/system.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { nthLargest } from '../../src/recommender/typedArrays.js';
import { workspaceOf, type Workspace } from '../../src/recommender/workspace.js';
import { chance } from '../support/random.js';

const PAPERS = 40;
const LAMBDA = 3;
// Plain EASE: all readers alike, one λ.
const PLAIN = { ...DEFAULTS, readerRowExponent: 0, regularisation: LAMBDA, regularisationGrowth: 0 };

/** Libraries of 60 readers, and a matrix of them without tags. */
function smallSet(seed: number): { libraries: number[][]; matrix: TasteMatrix } {
  const random = chance(seed);
  const papers = Array.from({ length: PAPERS }, (_, paper) => paper);
  const libraries = Array.from({ length: 60 }, () => random.sample(papers, 2 + random.below(10)));
  const matrix = new TasteMatrix();
  for (const paper of papers) matrix.setPaper(paper, 0);
  libraries.forEach((library, reader) => {
    for (const paper of library) matrix.setUpvote(reader, paper, true);
  });
  return { libraries, matrix };
}

/** EASE in closed form: −(x P)_i / P_ii with P = (RᵀR + λI)⁻¹, by Gauss and Jordan. */
function exactEase(libraries: readonly number[][], history: readonly number[]): number[] {
  const rows = Array.from({ length: PAPERS }, (_, i) => Array.from({ length: 2 * PAPERS }, (__, j) => (j === i ? LAMBDA : Number(j === i + PAPERS))));
  for (const library of libraries) for (const one of library) for (const other of library) rows[one]![other]! += 1;
  rows.forEach((pivotRow, pivot) => {
    const scale = 1 / pivotRow[pivot]!;
    for (let j = 0; j < pivotRow.length; j += 1) pivotRow[j]! *= scale;
    rows.forEach((row, i) => {
      const factor = row[pivot]!;
      if (i !== pivot) for (let j = 0; j < row.length; j += 1) row[j]! -= factor * pivotRow[j]!;
    });
  });
  return rows.map((row, paper) => -history.reduce((sum, upvoted) => sum + row[PAPERS + upvoted]!, 0) / row[PAPERS + paper]!);
}

/** All papers outside the history as candidates. */
function systemOf(matrix: TasteMatrix, history: readonly number[], parameters = PLAIN): { workspace: Workspace; candidates: number[] } {
  const workspace = workspaceOf(matrix, parameters);
  const candidates = matrix.paperIds.map((_, paper) => paper).filter((paper) => !history.includes(paper));
  workspace.system.setPapers(Int32Array.from([...candidates, ...history]), candidates.length);
  buildSystem(workspace);
  return { workspace, candidates };
}

describe('the solve', () => {
  test.each([1, 2, 3])('with enough steps, on all papers, corrected by the influence, is exact EASE (seed %i)', (seed) => {
    const { libraries, matrix } = smallSet(seed);
    for (const history of libraries.slice(0, 10).map((library) => [...library].sort((one, other) => one - other))) {
      const { workspace, candidates } = systemOf(matrix, history);
      const { system } = workspace;
      solve(system, 100);
      const phi = influenceOf(system, Array.from(system.papers, (_, place) => place), workspace.influence);
      const found = candidates.map((_, place) => system.vectors.ridge[place]! * phi[place]!);
      const expected = candidates.map((paper) => exactEase(libraries, history)[paper]!);
      found.forEach((value, place) => {
        expect(value).toBeCloseTo(expected[place]!, 10);
      });
      const order = (scores: readonly number[]): number[] => candidates.map((_, place) => place).sort((one, other) => scores[other]! - scores[one]!);
      expect(order(found)).toEqual(order(expected));
      clearSystem(workspace);
    }
  });

  test.each([1, 2, 4, 6])('after %i steps is one pass of π through R', (steps) => {
    const { libraries, matrix } = smallSet(4);
    const { workspace, candidates } = systemOf(matrix, libraries[0]!, DEFAULTS);
    const { system } = workspace;
    const { pi, ridge, diagonal, ownDiagonal } = system.vectors;
    solve(system, steps);
    throughRows(system, pi, system.rowSum);
    candidates.forEach((_, place) => {
      const own = (diagonal[place]! - ownDiagonal[place]!) * pi[place]!;
      expect(gathered(system, system.rowSum, place) - own).toBeCloseTo(ridge[place]!, 12);
    });
    clearSystem(workspace);
  });

  test('stops where nothing is left to solve', () => {
    const matrix = new TasteMatrix();
    for (const paper of [1, 2]) matrix.setPaper(paper, 0);
    for (const paper of [1, 2]) matrix.setUpvote(1, paper, true);
    const { workspace } = systemOf(matrix, [0]);
    solve(workspace.system, 50);
    // y = (G + λI)⁻¹ (1, 0) with G of ones: −y_1 g_1 = 4 / (4² − 1).
    expect(workspace.system.vectors.ridge[0]).toBeCloseTo(4 / 15, 14);
    clearSystem(workspace);
  });
});

test('nthLargest is the nth of the sorted keys', () => {
  const random = chance(7);
  for (let round = 0; round < 200; round += 1) {
    const keys = Float64Array.from({ length: 1 + random.below(30) }, () => random.below(8));
    const sorted = [...keys].sort((one, other) => other - one);
    const n = 1 + random.below(keys.length);
    expect(nthLargest(keys.slice(), keys.length, n)).toBe(sorted[n - 1]);
  }
});
