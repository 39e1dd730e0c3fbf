import { DomainError, RateLimitError } from '../errors.js';

/** How many upvotes, of papers and comments together, a reader may give in a minute and in a day, each of which begins with one. */
export interface VoteLimits {
  readonly perMinute: number;
  readonly perDay: number;
}

const MOST = 2_147_483_647;
/** For what no reader asks: commands and imports. */
export const UNLIMITED: VoteLimits = { perMinute: MOST, perDay: MOST };

/** What cast_upvote and its like give of a vote that a curator has removed for good. */
const REFUSED = -1;

/** Throws CONFLICT or RATE_LIMITED where the database says that a vote was not cast; see cast_upvote. */
export function requireCast(outcome: number, { perMinute, perDay }: VoteLimits): void {
  if (outcome === REFUSED) throw new DomainError('CONFLICT', 'a curator has removed the upvote of this paper by the viewer for good', 'paperId');
  if (outcome > 0) {
    throw new RateLimitError(`a reader may give ${perMinute} upvotes in a minute and ${perDay} in a day: try again in ${outcome} seconds`, outcome);
  }
}
