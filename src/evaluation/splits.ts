import { mulberry32 } from '../random.js';
import { DatasetError, type Vote } from './dataset.js';

export interface Split {
  readonly train: readonly Vote[];
  readonly test: readonly Vote[];
  /** Papers to rank among; null for all. */
  readonly among: ReadonlySet<string> | null;
}

/** Holds out a share of each reader's votes at random: where there are two, at least one is held out and one is left. */
export function randomSplit(votes: readonly Vote[], share: number, seed: number): Split {
  const random = mulberry32(seed);
  return byReader(votes, (library) => new Set(shuffled(library, random).slice(0, heldOutOf(library.length, share))));
}

/** Holds out each reader's latest votes, as many as a random split does; needs times. */
export function temporalSplit(votes: readonly Vote[], share: number): Split {
  if (votes.some((vote) => vote.time === null)) throw new DatasetError('a temporal split must have a time for each vote: a CSV file with the column time');
  return byReader(votes, (library) => {
    const latestFirst = library.toSorted((one, other) => (other.time ?? 0) - (one.time ?? 0));
    return new Set(latestFirst.slice(0, heldOutOf(library.length, share)));
  });
}

function heldOutOf(votes: number, share: number): number {
  return Math.max(0, Math.min(votes - 1, Math.max(1, Math.round(votes * share))));
}

/** Takes all votes of a share of the papers away, and ranks among these papers only. */
export function coldPaperSplit(votes: readonly Vote[], share: number, seed: number): Split {
  const papers = [...new Set(votes.map((vote) => vote.paper))].sort();
  const cold = new Set(shuffled(papers, mulberry32(seed)).slice(0, Math.round(papers.length * share)));
  return coldListSplit(votes, cold, null);
}

/** Takes all votes of these papers away, and ranks among them only; without held-out votes, those that were taken. */
export function coldListSplit(votes: readonly Vote[], cold: ReadonlySet<string>, heldOut: readonly Vote[] | null): Split {
  const train = votes.filter((vote) => !cold.has(vote.paper));
  return { train, test: heldOut ?? votes.filter((vote) => cold.has(vote.paper)), among: cold };
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
