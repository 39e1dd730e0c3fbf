import { describe, expect, test } from '@jest/globals';
import { simulateCommunity, type SimulatedPaper } from '../../src/demo/community.js';

const paper = (...slugs: string[]): SimulatedPaper => ({ tags: slugs.map((slug) => ({ slug, weight: 1 })), originUpvoteCount: 0 });
const PAPERS = [...Array.from({ length: 10 }, () => paper('vision', 'cs-cv')), ...Array.from({ length: 10 }, () => paper('language', 'cs-cl'))];

describe('the simulated community', () => {
  test('is the same for the same seed, and another for another', () => {
    const options = { readers: 20, seed: 7 };
    expect(simulateCommunity(PAPERS, options)).toEqual(simulateCommunity(PAPERS, options));
    expect(simulateCommunity(PAPERS, { readers: 20, seed: 8 })).not.toEqual(simulateCommunity(PAPERS, options));
  });

  test('votes at least twice each, once a paper, after its listing', () => {
    for (const { username, upvotes } of simulateCommunity(PAPERS, { readers: 200, seed: 1 })) {
      expect(username).toMatch(/^simulated-\d{3}$/);
      expect(upvotes.length).toBeGreaterThanOrEqual(2);
      expect(new Set(upvotes.map((vote) => vote.paper)).size).toBe(upvotes.length);
      expect(upvotes.every((vote) => vote.delaySeconds >= 0 && vote.delaySeconds < 10 * 86_400)).toBe(true);
    }
  });

  test('follows interests: most readers vote within one of two subjects', () => {
    const shares = simulateCommunity(PAPERS, { readers: 300, seed: 3 }).map(({ upvotes }) => {
      const vision = upvotes.filter((vote) => vote.paper < 10).length;
      return Math.max(vision, upvotes.length - vision) / upvotes.length;
    });
    // One interest in two thirds of the readers or more; without interests the larger share would be about 0.6.
    expect(shares.filter((share) => share >= 0.8).length).toBeGreaterThan(90);
  });
});
