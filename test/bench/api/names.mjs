/** The server that is measured, and what bounds it: the others are named in contestants.mjs. */
export const OURS = 'daily-papers';
export const BOUND = 'raw-http';
