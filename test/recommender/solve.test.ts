import { describe, expect, test } from '@jest/globals';
import { influenceOf } from '../../src/recommender/influence.js';
import { DEFAULTS } from '../../src/recommender/parameters.js';
import { solve } from '../../src/recommender/solve.js';
import { buildSystem, clearSystem, gathered, throughRows } from '../../src/recommender/system.js';
import type { Taste } from '../../src/recommender/taste.js';
import type { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { nthLargest } from '../../src/recommender/typedArrays.js';
import { workspaceOf, type Workspace } from '../../src/recommender/workspace.js';
import { chance } from '../support/random.js';
import { author, matrixOf, paper, tag, upvote } from '../support/tasteWorld.js';

const PAPERS = 40;
const LAMBDA = 3;
// Plain EASE: all readers alike, one λ.
const PLAIN = { ...DEFAULTS, readerRowExponent: 0, regularisation: LAMBDA, regularisationGrowth: 0 };

/** Libraries of 60 readers, and a matrix of them without tags. */
function smallSet(seed: number): { libraries: number[][]; matrix: TasteMatrix } {
  const random = chance(seed);
  const papers = Array.from({ length: PAPERS }, (_, paper) => paper);
  const libraries = Array.from({ length: 60 }, () => random.sample(papers, 2 + random.below(10)));
  return { libraries, matrix: matrixOf([...papers.map((id) => paper(id)), ...libraries.flatMap((library, reader) => library.map((id) => upvote(reader, id)))]) };
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

interface Setup {
  readonly workspace: Workspace;
  readonly candidates: readonly number[];
}

interface Choice {
  readonly history: readonly number[];
  readonly followed?: { readonly TAG: readonly number[]; readonly AUTHOR: readonly number[] };
  /** Papers that are no candidates either. */
  readonly without?: readonly number[];
}

/** All papers outside the history as candidates; papers are their own indices. */
function systemOf(matrix: TasteMatrix, { history, followed = { TAG: [], AUTHOR: [] }, without = [] }: Choice, parameters = PLAIN): Setup {
  const workspace = workspaceOf(matrix, parameters);
  const candidates = Array.from({ length: matrix.papers.count }, (_, index) => index).filter((index) => !history.includes(index) && !without.includes(index));
  const none = new Int32Array(0);
  const taste: Taste = {
    reader: -1,
    history: Int32Array.from(history),
    known: Int32Array.from(history),
    unwanted: none,
    dismissed: none,
    unlearned: none,
    followed: { TAG: Int32Array.from(followed.TAG), AUTHOR: Int32Array.from(followed.AUTHOR) },
  };
  for (const { kind, followed: marks } of workspace.spaces) for (const feature of taste.followed[kind]) marks[feature] = 1;
  const papers = Int32Array.from([...candidates, ...history]);
  workspace.system.setPapers(papers, { candidates: candidates.length, columns: papers.length + followed.TAG.length + followed.AUTHOR.length });
  buildSystem(workspace, taste);
  return { workspace, candidates };
}

describe('the solve', () => {
  test.each([1, 2, 3])('with enough steps, on all papers, corrected by the influence, is exact EASE (seed %i)', (seed) => {
    const { libraries, matrix } = smallSet(seed);
    for (const history of libraries.slice(0, 10).map((library) => [...library].sort((one, other) => one - other))) {
      const { workspace, candidates } = systemOf(matrix, { history });
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
    const { workspace, candidates } = systemOf(matrix, { history: libraries[0]! }, DEFAULTS);
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
    const matrix = matrixOf([paper(1), paper(2), upvote(1, 1), upvote(1, 2)]);
    const { workspace } = systemOf(matrix, { history: [0] });
    solve(workspace.system, 50);
    // y = (G + λI)⁻¹ (1, 0) with G of ones: −y_1 g_1 = 4 / (4² − 1).
    expect(workspace.system.vectors.ridge[0]).toBeCloseTo(4 / 15, 14);
    clearSystem(workspace);
  });
});

test('a followed tag or author is to the solve an upvoted paper that has it alone', () => {
  const { libraries, matrix } = smallSet(5);
  const random = chance(5);
  for (let id = 0; id < PAPERS; id += 1) {
    for (const change of [tag(id, 101 + random.below(5), 0.5), tag(id, 110), author(id, 201 + random.below(9))]) matrix.apply(change);
  }
  const [forTag, forAuthor] = [PAPERS, PAPERS + 1];
  for (const change of [paper(forTag), paper(forAuthor), tag(forTag, 101), author(forAuthor, 201)]) matrix.apply(change);
  const history = [...libraries[0]!].sort((one, other) => one - other);
  const ridgeOf = (setup: Choice): number[] => {
    const { workspace, candidates } = systemOf(matrix, setup, DEFAULTS);
    solve(workspace.system, 4);
    const ridge = candidates.map((_, place) => workspace.system.vectors.ridge[place]!).slice(0, PAPERS - history.length);
    clearSystem(workspace);
    for (const { followed } of workspace.spaces) followed.fill(0);
    return ridge;
  };
  const upvoted = ridgeOf({ history: [...history, forTag, forAuthor] });
  const followed = ridgeOf({ history, followed: { TAG: [matrix.tags.ids.at(101)], AUTHOR: [matrix.authors.ids.at(201)] }, without: [forTag, forAuthor] });
  const neither = ridgeOf({ history, without: [forTag, forAuthor] });
  followed.forEach((value, place) => {
    expect(value).toBeCloseTo(upvoted[place]!, 12);
  });
  expect(followed).not.toEqual(neither);
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
