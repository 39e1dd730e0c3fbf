import type { TasteMatrix } from './tasteMatrix.js';

/**
 * Inverse document frequency of a tag: ln(1 + papers / papersOfTag), above 0 for every tag in use.
 * Spärck Jones, "A statistical interpretation of term specificity", 1972; the 1 keeps a tag of all papers above 0.
 */
export function inverseDocumentFrequency(papers: number, papersOfTag: number): number {
  return Math.log(1 + papers / papersOfTag);
}

/** A paper's tags in TF-IDF space, scaled to length 1; empty for a paper without tags. */
export function tagVector(matrix: TasteMatrix, paper: number): Map<number, number> {
  const vector = new Map<number, number>();
  for (const [tag, weight] of matrix.tagsOfPaper[paper] ?? []) {
    vector.set(tag, weight * inverseDocumentFrequency(matrix.paperCount, matrix.papersOfTag[tag]?.length ?? 0));
  }
  return scaledToUnit(vector);
}

/** A vector divided by its Euclidean length; the zero vector stays. */
export function scaledToUnit(vector: ReadonlyMap<number, number>): Map<number, number> {
  let squares = 0;
  for (const value of vector.values()) squares += value * value;
  const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
  return new Map([...vector].map(([key, value]) => [key, value * scale]));
}

/**
 * How much one co-reader tells about two papers: 1 / ln(2 + votes), after Adamic and Adar, "Friends and neighbors on
 * the web", 2003: who upvotes everything tells little.
 */
export function readerWeight(votesOfReader: number): number {
  return 1 / Math.log(2 + votesOfReader);
}

/**
 * Item-item similarity: weighted co-readers over √(readers of one · readers of the other) + shrink. Cosine with shrinkage (Bell and Koren,
 * "Improved neighborhood-based collaborative filtering", 2007), which keeps one shared reader from making two papers
 * alike.
 */
export function shrunkCosine(coReaders: number, [ofOne, ofOther]: readonly [number, number], shrink: number): number {
  return coReaders / (Math.sqrt(ofOne * ofOther) + shrink);
}
