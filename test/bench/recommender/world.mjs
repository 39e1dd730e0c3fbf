// Generated data in the shape of a paper community: papers of many subjects, popularity and tags by Zipf's law, readers
// of a few subjects each with libraries of very different sizes. The same seed gives the same world.
import { mulberry32 } from '../../../dist/random.js';

export const SIZES = {
  /** As large as CiteULike-a. */
  small: { papers: 17_000, readers: 5_550, votes: 205_000, tags: 7_400, tagsOfPaper: 12, subjects: 120 },
  large: { papers: 1_000_000, readers: 500_000, votes: 20_000_000, tags: 60_000, tagsOfPaper: 8, subjects: 2_500 },
};

/** Draws from 0 … n − 1 with probability ∝ 1 / (k + shift)^exponent, by inverting the integral. */
function zipf(random, n, { exponent, shift }) {
  const power = 1 - exponent;
  const [low, high] = [shift ** power, (n + shift) ** power];
  return () => Math.min(n - 1, Math.floor((low + random() * (high - low)) ** (1 / power) - shift));
}

export function makeWorld({ papers, readers, votes, tags, tagsOfPaper, subjects }, seed = 1) {
  const random = mulberry32(seed);
  const perSubject = Math.floor(papers / subjects);
  const inSubject = zipf(random, perSubject, { exponent: 0.75, shift: 3 });
  const anySubject = zipf(random, subjects, { exponent: 0.6, shift: 5 });
  const ownTag = zipf(random, Math.max(20, Math.floor((4 * tags) / subjects)), { exponent: 0.9, shift: 2 });
  const anyTag = zipf(random, tags, { exponent: 0.95, shift: 10 });
  const step = Math.floor(tags / subjects);
  // Paper p is of subject p mod subjects, its rank within it is p div subjects, shuffled so that age and rank differ.
  const paperAt = (subject, rank) => ((rank * 7919) % perSubject) * subjects + subject;
  return {
    papers,
    readers,
    listedSeconds: (paper) => 1_500_000_000 + paper * Math.floor(250_000_000 / papers),
    /** Distinct tags of each paper, in turn. */
    *tagsOf() {
      for (let paper = 0; paper < papers; paper += 1) {
        const subject = paper % subjects;
        const own = new Set();
        while (own.size < tagsOfPaper) own.add(random() < 0.75 ? (subject * step + ownTag()) % tags : anyTag());
        yield { paper, tags: [...own] };
      }
    },
    /** Distinct papers of each reader, in turn. */
    *libraries() {
      const mean = votes / readers;
      for (let reader = 0; reader < readers; reader += 1) {
        // Exponential of a normal number: most readers have few votes, some a thousand.
        const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
        const size = Math.max(1, Math.min(1500, Math.round(mean * Math.exp(normal - 0.5))));
        const interests = Array.from({ length: 1 + Math.floor(3 * random()) }, anySubject);
        const library = new Set();
        for (let draw = 0; library.size < size && draw < 4 * size; draw += 1) {
          const subject = random() < 0.8 ? interests[Math.floor(random() * interests.length)] : anySubject();
          library.add(paperAt(subject, inSubject()));
        }
        yield { reader, papers: [...library].sort((one, other) => one - other) };
      }
    },
  };
}
