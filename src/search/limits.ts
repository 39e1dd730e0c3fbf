/** So many hits are ranked: the words of each must be read, and 2,000 take 30 ms. */
export const RANKED = 2000;
/** Matches of so many papers are read as a whole; of 1,000,000 papers a walk along the trend meets 2,000 of more within 100,000. */
export const MOST_POOLED = 20_000;
/** So many papers a walk along the trend looks at. */
export const MOST_WALKED = 100_000;
/** How many of the best hits a viewer's own ranking puts in another order. */
export const BLENDED = 200;
/** Fewer papers than these are few: another spelling is suggested. */
export const FEW_HITS = 5;
