import { describe, expect, test } from '@jest/globals';
import { relatedTags } from '../../src/recommender/relatedTags.js';
import { inverseDocumentFrequency, readerWeight, scaledToUnit, shrunkCosine, tagVector } from '../../src/recommender/similarity.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';

/** Papers with their tags, each of weight 1 unless it says otherwise. */
function tagged(papers: Readonly<Record<number, Readonly<Record<number, number>>>>): TasteMatrix {
  const matrix = new TasteMatrix();
  for (const [paper, tags] of Object.entries(papers)) {
    matrix.setPaper(Number(paper), 0);
    for (const [tag, weight] of Object.entries(tags)) matrix.setTag(Number(paper), Number(tag), weight);
  }
  return matrix;
}

describe('similarity', () => {
  test('inverseDocumentFrequency: ln(1 + papers / papersOfTag)', () => {
    expect(inverseDocumentFrequency(4, 2)).toBeCloseTo(1.0986122886681098, 15); // ln 3
    expect(inverseDocumentFrequency(100, 1)).toBeCloseTo(4.61512051684126, 14); // ln 101
    expect(inverseDocumentFrequency(10, 10)).toBeCloseTo(Math.LN2, 15); // a tag of all papers still counts
  });

  test('readerWeight: 1 / ln(2 + votes), falling', () => {
    expect(readerWeight(1)).toBeCloseTo(0.9102392266268373, 15); // 1 / ln 3
    expect(readerWeight(2)).toBeCloseTo(0.7213475204444817, 15); // 1 / ln 4
    expect(readerWeight(98)).toBeCloseTo(0.21714724095162588, 15); // 1 / ln 100
  });

  test('shrunkCosine: co-readers / (√(readers · readers) + shrink)', () => {
    expect(shrunkCosine(3, [4, 9], 0)).toBe(0.5); // 3 / √36
    expect(shrunkCosine(3, [4, 9], 6)).toBe(0.25); // 3 / (6 + 6)
    expect(shrunkCosine(0, [4, 9], 5)).toBe(0);
    expect(shrunkCosine(1, [4, 9], 5)).toBe(shrunkCosine(1, [9, 4], 5));
  });

  test('scaledToUnit: a vector by its length; the zero vector stays', () => {
    expect(Object.fromEntries(scaledToUnit(new Map([[1, 3], [2, 4]])))).toEqual({ 1: expect.closeTo(0.6, 15), 2: expect.closeTo(0.8, 15) });
    expect(scaledToUnit(new Map([[1, 0]]))).toEqual(new Map([[1, 0]]));
    expect(scaledToUnit(new Map())).toEqual(new Map());
  });

  test('tagVector: weight · idf, to length 1; empty without tags', () => {
    // Four papers. Tag 1 is on two (idf ln 3 = 1.0986), tag 2 on one (idf ln 5 = 1.6094).
    const matrix = tagged({ 1: { 1: 1, 2: 0.5 }, 2: { 1: 0.2 }, 3: {}, 4: {} });
    // (1.0986, 0.8047) / √(1.0986² + 0.8047²) = (1.0986, 0.8047) / 1.36180
    expect([...tagVector(matrix, 0).values()]).toEqual([expect.closeTo(0.80673, 5), expect.closeTo(0.59092, 5)]);
    expect([...tagVector(matrix, 1).values()]).toEqual([1]);
    expect(tagVector(matrix, 2)).toEqual(new Map());
  });
});

describe('relatedTags', () => {
  test('shared papers / √(papers · papers), the most similar first, then the smaller id', () => {
    // Tag 1 is on papers 1, 2, 3, 4; tag 2 on 1, 2, 3 and 5; tag 3 on 4; tag 4 on 3; tag 5 on 5 alone.
    const matrix = tagged({ 1: { 1: 1, 2: 1 }, 2: { 1: 0.1, 2: 1 }, 3: { 1: 1, 2: 1, 4: 1 }, 4: { 1: 1, 3: 1 }, 5: { 2: 1, 5: 1 } });
    expect(relatedTags(matrix, 1)).toEqual([
      { tagId: 2, similarity: 0.75, sharedPapers: 3 }, // 3 / √(4 · 4)
      { tagId: 3, similarity: 0.5, sharedPapers: 1 }, // 1 / √(4 · 1)
      { tagId: 4, similarity: 0.5, sharedPapers: 1 },
    ]);
    expect(relatedTags(matrix, 5)).toEqual([{ tagId: 2, similarity: 0.5, sharedPapers: 1 }]);
  });

  test('is symmetric, at most 1, and follows changes', () => {
    const matrix = tagged({ 1: { 1: 1, 2: 1 }, 2: { 1: 1, 2: 1 } });
    expect(relatedTags(matrix, 1)).toEqual([{ tagId: 2, similarity: 1, sharedPapers: 2 }]);
    matrix.setTag(2, 2, null);
    expect(relatedTags(matrix, 1)[0]!.similarity).toBeCloseTo(Math.SQRT1_2, 15);
    expect(relatedTags(matrix, 2)[0]!.similarity).toBe(relatedTags(matrix, 1)[0]!.similarity);
    matrix.setTag(1, 2, null);
    expect(relatedTags(matrix, 1)).toEqual([]);
  });
});
