// What is asked for. A call names the reader (null for an anonymous one) and what the operation needs beside; dialects/
// turns it into a request.
import { mulberry32 } from '../../../dist/random.js';
import { SIZES, sessionsOf } from './community.mjs';

/**
 * By name: `call` draws one from `draw`, which has the readers and ways to choose.
 * `isOnce`: the same call a second time would be another one, as of an upvote.
 */
export const OPERATIONS = {
  'feed-page': { call: ({ reader }) => ({ readerId: reader() }) },
  'feed-page-anonymous': { call: () => ({ readerId: null }) },
};

/** Calls of an operation; the same seed gives the same ones. `found` is what was looked up before, such as a deep cursor. */
export function drawCalls(operation, { size, seed, count, found = {} }) {
  const draw = { ...drawing(size, mulberry32(seed)), found };
  return Array.from({ length: count }, () => ({ operation, ...OPERATIONS[operation].call(draw) }));
}

function drawing(size, random) {
  const { pool, voters } = sessionsOf(size);
  const pick = (list) => list[Math.floor(random() * list.length)];
  let turn = 0;
  return {
    random,
    // In turn, so that requests at the same time are by different readers.
    reader: () => pool[turn++ % pool.length],
    voter: () => pick(voters),
    paperId: () => 1 + Math.floor(random() * SIZES[size].papers),
  };
}
