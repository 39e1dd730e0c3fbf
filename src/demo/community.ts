import { mulberry32 } from '../random.js';

/** A paper as the simulation sees it. */
export interface SimulatedPaper {
  /** Slug and weight of each tag. */
  readonly tags: readonly { readonly slug: string; readonly weight: number }[];
  readonly originUpvoteCount: number | null;
}

export interface SimulatedReader {
  readonly username: string;
  readonly displayName: string;
  readonly upvotes: readonly {
    /** Index of the paper. */
    readonly paper: number;
    /** From the listing of the paper on. */
    readonly delaySeconds: number;
  }[];
}

export interface CommunityOptions {
  readonly readers: number;
  readonly seed: number;
}

const MIN_VOTES = 2;
const MAX_INTERESTS = 3;
const LAST_VOTE_DAYS = 10;
// Chance that a reader votes for what is popular rather than for what they are interested in.
const OFF_TOPIC = 0.12;

/**
 * Made-up readers whose upvotes follow interests: each has one to three tags, and votes for papers that carry them with
 * a chance that grows with the tag's weight, now and then for something else. The same seed makes the same readers.
 */
export function simulateCommunity(papers: readonly SimulatedPaper[], { readers, seed }: CommunityOptions): SimulatedReader[] {
  const random = mulberry32(seed);
  const interests = topicsOf(papers);
  return Array.from({ length: readers }, (_, index) => {
    const wanted = pickInterests(interests, random);
    const number = String(index + 1).padStart(3, '0');
    return { username: `simulated-${number}`, displayName: `Simulated reader ${number}`, upvotes: vote(papers, wanted, random) };
  });
}

/** What one can be interested in: the tags but arXiv's categories, which are too wide to have a taste for. */
function topicsOf(papers: readonly SimulatedPaper[]): string[] {
  const slugs = new Set(papers.flatMap((paper) => paper.tags.map((tag) => tag.slug)));
  return [...slugs].filter((slug) => !/^(cs|stat|eess|math)-[a-z]{2}$/.test(slug)).sort();
}

// One to three, each topic with the same chance: small topics have their readers too.
function pickInterests(topics: readonly string[], random: () => number): Set<string> {
  const wanted = new Set<string>();
  const size = 1 + Math.floor(random() * MAX_INTERESTS);
  while (wanted.size < Math.min(size, topics.length)) wanted.add(topics[Math.floor(random() * topics.length)] as string);
  return wanted;
}

function vote(papers: readonly SimulatedPaper[], wanted: ReadonlySet<string>, random: () => number): SimulatedReader['upvotes'] {
  const pull = papers.map((paper) => paper.tags.reduce((sum, tag) => sum + (wanted.has(tag.slug) ? tag.weight : 0), 0));
  const fame = papers.map((paper) => Math.log2(2 + (paper.originUpvoteCount ?? 0)));
  const activity = 0.35 + 0.6 * random();
  const chosen = papers.flatMap((_, index) => {
    const chance = (pull[index] as number) > 0 ? activity * Math.min(1, pull[index] as number) : (OFF_TOPIC * (fame[index] as number)) / 8;
    return random() < chance ? [index] : [];
  });
  const best = papers.map((_, index) => index).sort((one, other) => (pull[other] as number) - (pull[one] as number) || one - other);
  for (const paper of best) if (chosen.length < MIN_VOTES && !chosen.includes(paper)) chosen.push(paper);
  // Most votes come on the first days.
  return chosen.map((paper) => ({ paper, delaySeconds: Math.floor(random() ** 3 * LAST_VOTE_DAYS * 86_400) }));
}
