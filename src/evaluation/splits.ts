import { mulberry32 } from '../random.js';
import type { Vote } from './dataset.js';

export interface Split {
  readonly train: readonly Vote[];
  readonly test: readonly Vote[];
  /** Papers to rank among; null for all. */
  readonly among: ReadonlySet<string> | null;
}

/** Holds out a share of each reader's votes at random, at least one where there are two. */
export function randomSplit(votes: readonly Vote[], share: number, seed: number): Split {
  const random = mulberry32(seed);
  return byReader(votes, (library) => {
    const held = Math.max(library.length > 1 ? 1 : 0, Math.round(library.length * share));
    return new Set(shuffled(library, random).slice(0, held));
  });
}

/** Holds out each reader's latest votes; needs times. */
export function temporalSplit(votes: readonly Vote[], share: number): Split {
  if (votes.some((vote) => vote.time === null)) throw new Error('a temporal split needs a time for each vote');
  return byReader(votes, (library) => {
    const held = Math.max(library.length > 1 ? 1 : 0, Math.round(library.length * share));
    return new Set([...library].sort((one, other) => (other.time ?? 0) - (one.time ?? 0)).slice(0, held));
  });
}

/** Takes all votes of a share of the papers away, and ranks among these papers only. */
export function coldPaperSplit(votes: readonly Vote[], share: number, seed: number): Split {
  const papers = [...new Set(votes.map((vote) => vote.paper))].sort();
  const cold = new Set(shuffled(papers, mulberry32(seed)).slice(0, Math.round(papers.length * share)));
  return { train: votes.filter((vote) => !cold.has(vote.paper)), test: votes.filter((vote) => cold.has(vote.paper)), among: cold };
}

/** Leaves each reader this many votes to learn from. */
export function fewVotesSplit(votes: readonly Vote[], kept: number, seed: number): Split {
  const random = mulberry32(seed);
  return byReader(votes, (library) => new Set(shuffled(library, random).slice(kept)));
}

function byReader(votes: readonly Vote[], holdOut: (library: readonly Vote[]) => ReadonlySet<Vote>): Split {
  const libraries = new Map<string, Vote[]>();
  for (const vote of votes) {
    const library = libraries.get(vote.reader);
    if (library === undefined) libraries.set(vote.reader, [vote]);
    else library.push(vote);
  }
  const held = new Set([...libraries.values()].flatMap((library) => [...holdOut(library)]));
  return { train: votes.filter((vote) => !held.has(vote)), test: votes.filter((vote) => held.has(vote)), among: null };
}

/** Fisher and Yates, as Durstenfeld wrote it down (CACM 1964). */
function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] as Item, order[last] as Item];
  }
  return order;
}
