// The facts that all contestants serve: the generated community of the recommender's bench, with the text, the repos and
// the sessions that an API shows besides. The same seed gives the same facts.
import { mulberry32 } from '../../../dist/random.js';
import { makeWorld } from '../recommender/world.mjs';
import { makeWriter } from './words.mjs';

export const SIZES = {
  /** For the test of the bench. */
  tiny: { papers: 400, readers: 150, votes: 3_000, tags: 80, authors: 500, subjects: 8 },
  small: { papers: 10_000, readers: 5_000, votes: 200_000, tags: 2_000, authors: 12_000, subjects: 80 },
  large: { papers: 1_000_000, readers: 100_000, votes: 10_000_000, tags: 20_000, authors: 800_000, subjects: 2_000 },
};

const TAGS_OF_PAPER = 4;
const AUTHORS_OF_PAPER = 5;
// One repo in nine is linked by two papers.
const REPOS_PER_PAPER = 0.9;
// Readers with a session; those of the pool ask for pages, all of them vote.
const SESSIONS = 1_000;
const POOL = 100;

/** Readers whose tokens are handed out, by row id: `pool` reads, `voters` vote. */
export function sessionsOf(size) {
  const voters = Array.from({ length: Math.min(SESSIONS, SIZES[size].readers) }, (_, reader) => reader + 1);
  return { voters, pool: voters.slice(0, POOL) };
}

export const tokenOf = (readerId) => `bench-reader-${String(readerId).padStart(8, '0')}`;

/** The world of the size with what the tables hold besides; rows are made as they are asked for. */
export function makeCommunity(size, seed) {
  const shape = { ...SIZES[size], tagsOfPaper: TAGS_OF_PAPER, authorsOfPaper: AUTHORS_OF_PAPER };
  const world = makeWorld(shape, seed);
  const repos = Math.round(REPOS_PER_PAPER * world.papers);
  return {
    ...world,
    repos,
    repoOf: (paper) => paper % repos,
    starsOf: figuresOf(seed + 10, repos, (random) => Math.floor(10 ** (4 * random()))),
    weights: figuresOf(seed + 11, world.tagsOf.indices.length, (random) => (1 + Math.floor(100 * random())) / 100),
    // By the paper: listed earlier, voted for within a month.
    voteDelays: figuresOf(seed + 12, world.libraries.indices.length, (random) => Math.floor(random() ** 2 * 30 * 86_400)),
    upvoteCounts: countsOf(world.libraries),
    tagCounts: countsOf(world.tagsOf),
    authorCounts: countsOf(world.authorsOf),
    writer: makeWriter(seed + 20),
  };
}

function figuresOf(seed, count, draw) {
  const random = mulberry32(seed);
  return Float64Array.from({ length: count }, () => draw(random));
}

/** How often each column occurs. */
function countsOf({ columnCount, indices }) {
  const counts = new Int32Array(columnCount);
  for (const column of indices) counts[column] += 1;
  return counts;
}
