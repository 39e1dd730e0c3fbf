/**
 * What the formulas leave open. Chosen on validation splits of CiteULike-a alone, at one vote a reader, at ten and at
 * 26, for warm and for new papers; one set serves them all, as the rules below follow the density of the votes.
 */
export interface Parameters {
  /** α: the walk divides mass by degree^α out of papers, readers and tags. Cooper et al., WWW 2014. */
  readonly degreeExponent: number;
  /** β at full density: the walk divides by votes^β of the paper it arrives at. Paudel et al., TiiS 2016. */
  readonly popularityExponent: number;
  /** Mean votes a reader at which β is half of its full value. */
  readonly popularityHalfVotes: number;
  /** Mass that goes by tags for each unit that goes by readers: floor + extra / (votes + half). */
  readonly walkTagFloor: number;
  readonly walkTagExtra: number;
  readonly walkTagHalfVotes: number;
  /** Share of the tags' mass that goes by authors; by judgement: the sets to measure on have none. */
  readonly walkAuthorShare: number;
  /** Votes at which the walk's exponent of tags is half of α: broad tags help readers of one vote or two. */
  readonly featureExponentHalfVotes: number;
  /**
   * Papers that the walk reaches through readers, through tags and through authors, at most; the rows of fewest papers go
   * first. 12,000 by tags cost 0.0005 of nDCG@20 on validation against 25,000, and save 8 % of the time.
   */
  readonly walkBudget: number;
  readonly featureBudget: number;
  /** Best papers of the walk that the ridge is solved on: 400 gain 0.001 of recall@20 on validation for a quarter more time. */
  readonly candidates: number;
  /** Upvoted papers that a request reads, the least upvoted ones, which tell most, first. */
  readonly mostHistory: number;
  /** Dismissed papers that push others away, and followed tags and authors each that pull, at most. */
  readonly mostDismissals: number;
  readonly mostFollows: number;
  /** Readers of a paper that are read; of more, a sample. No paper of CiteULike-a has more. */
  readonly mostReaders: number;
  /** e: a reader of n votes has entries √(c · n^(−e)) in the ridge. After Steck, RecSys 2019. */
  readonly readerRowExponent: number;
  /** Length of a paper's vector of tags in the ridge, where a vote's is about 1. */
  readonly tagRowNorm: number;
  /** The same of its authors; by judgement, as one vote. */
  readonly authorRowNorm: number;
  /** c_u: a reader's row of the ridge weighs 1 + c_u · m_u / mean m, m the mass that the walk gave the reader. */
  readonly alikeReaders: number;
  /** c_t of tags and authors likewise: full · (1 − n / votes), nothing up to n votes: few votes say little of a reader's tags. */
  readonly alikeFeatures: number;
  readonly alikeFeatureVotes: number;
  /** λ at 25 votes a reader, how fast it grows as readers say less, and where it stops. */
  readonly regularisation: number;
  readonly regularisationGrowth: number;
  readonly mostRegularisation: number;
  /** Steps of conjugate gradients; few steps regularise too. */
  readonly steps: number;
  /** Leading candidates whose own influence is solved exactly. */
  readonly leaders: number;
  /** The ridge's share where the walk's is 1: full · (votes − 1) / (votes + half). */
  readonly ridgeShare: number;
  readonly ridgeHalfVotes: number;
  /** κ and n₀: what tags say of a paper counts κ · n₀ / (n₀ + its votes) once more, until readers have had their say. */
  readonly newPaperBoost: number;
  readonly newPaperVotes: number;
  /** Share of the trend, at most 1, where the walk's is 1: it decides only where taste says nothing. */
  readonly trendWeight: number;
  /** Papers by trend that join the candidates where taste finds few. */
  readonly trendCandidates: number;
  /** What being listed just now adds, in parts of the best score; by judgement: the sets to measure on have no times. */
  readonly freshness: number;
  /** What a dismissed paper takes from one that equals it, in parts of the best score; by judgement. */
  readonly dismissal: number;
  /** What a paper loses that equals one above it in its tags, in parts of the best score. */
  readonly diversity: number;
  /** Places that are diversified, from the top. */
  readonly diversePlaces: number;
  /** Papers of one author in any `authorWindow` places in a row, at most. */
  readonly mostOfAuthor: number;
  readonly authorWindow: number;
}

export const DEFAULTS: Parameters = Object.freeze({
  degreeExponent: 0.6,
  popularityExponent: 0.4,
  popularityHalfVotes: 10,
  walkTagFloor: 0.4,
  walkTagExtra: 7,
  walkTagHalfVotes: 10,
  walkAuthorShare: 0.5,
  featureExponentHalfVotes: 0.3,
  walkBudget: 25_000,
  featureBudget: 12_000,
  candidates: 300,
  mostHistory: 1000,
  mostDismissals: 100,
  mostFollows: 100,
  mostReaders: 400,
  readerRowExponent: 0.25,
  tagRowNorm: 3.3,
  authorRowNorm: 1,
  alikeReaders: 0.03,
  alikeFeatures: 2.5,
  alikeFeatureVotes: 10,
  regularisation: 24,
  regularisationGrowth: 1.6,
  mostRegularisation: 300,
  steps: 4,
  leaders: 60,
  ridgeShare: 5.5,
  ridgeHalfVotes: 28,
  newPaperBoost: 0.9,
  newPaperVotes: 1,
  trendWeight: 0.01,
  trendCandidates: 100,
  freshness: 0.1,
  dismissal: 0.5,
  diversity: 0.05,
  diversePlaces: 40,
  mostOfAuthor: 3,
  authorWindow: 20,
});

/** The best that validation found for readers with votes to speak of, whatever it costs: nearly twice the time. */
export const BEST: Parameters = Object.freeze({
  ...DEFAULTS,
  walkBudget: 1_000_000,
  featureBudget: 1_000_000,
  candidates: 800,
  leaders: 150,
  alikeReaders: 0.1,
  alikeFeatures: 3,
  ridgeShare: 8,
  ridgeHalfVotes: 45,
  newPaperBoost: 0.7,
});

/** λ: 24 at 25 votes a reader, 104 at ten, at most 300. */
export function regularisationFor(p: Parameters, meanVotes: number): number {
  return Math.min(p.mostRegularisation, p.regularisation * (25 / Math.max(1, meanVotes)) ** p.regularisationGrowth);
}

/** β: 0.29 at 26 votes a reader, 0.2 at ten, 0.04 at one. */
export function popularityExponentFor(p: Parameters, meanVotes: number): number {
  return (p.popularityExponent * meanVotes) / (meanVotes + p.popularityHalfVotes);
}

/** The walk's tag weight: few votes lean on tags. 1.04 at one vote, 0.75 at ten, 0.47 at ninety. */
export function walkTagWeightFor(p: Parameters, votes: number): number {
  return p.walkTagFloor + p.walkTagExtra / (votes + p.walkTagHalfVotes);
}

/** The same by authors. */
export function walkAuthorWeightFor(p: Parameters, votes: number): number {
  return p.walkAuthorShare * walkTagWeightFor(p, votes);
}

/** The walk's exponent of tags and authors: 0.46 at one vote, 0.58 at ten. */
export function featureExponentFor(p: Parameters, votes: number): number {
  return (p.degreeExponent * votes) / (votes + p.featureExponentHalfVotes);
}

/** c_t: none up to ten votes, 1.5 at 25, 2.25 at a hundred. */
export function alikeFeaturesFor(p: Parameters, votes: number): number {
  return p.alikeFeatures * Math.max(0, 1 - p.alikeFeatureVotes / votes);
}

/** The ridge's share: none at one vote or from follows alone, where there is only the walk; 1.3 at ten; 4.3 at a hundred. */
export function ridgeShareFor(p: Parameters, votes: number): number {
  return (p.ridgeShare * Math.max(0, votes - 1)) / (votes + p.ridgeHalfVotes);
}

/** κ: votes speak against new papers through the ridge alone, so the boost follows its share. */
export function newPaperBoostFor(p: Parameters, votes: number): number {
  return p.newPaperBoost * Math.min(1, ridgeShareFor(p, votes));
}

/** n₀ / (n₀ + votes): 1 for a paper without votes, a half at n₀. */
export function newPaperTaper(p: Parameters, votes: number): number {
  return p.newPaperVotes / (p.newPaperVotes + votes);
}

/** Formulas of this name and these parameters give the same answer for the same facts. Changes when either does. */
export const MODEL_VERSION = `walk-ridge-2.${fingerprint(JSON.stringify(DEFAULTS))}`;

/** Fowler, Noll and Vo's FNV-1a of 32 bits, as hexadecimal digits. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
