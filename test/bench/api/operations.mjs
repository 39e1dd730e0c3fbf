// What is asked for. A call names the reader (null for an anonymous one) and what the operation needs beside; dialects/
// turns it into a request.
import { mulberry32 } from '../../../dist/random.js';
import { SIZES, sessionsOf } from './community.mjs';
import { OURS } from './names.mjs';
import { makeSearches } from './words.mjs';

const SEARCHES = 200;

/**
 * By name: `call` draws one. `isOnce`: the same call a second time would be another one, as of an upvote. `only`: whom it
 * is asked of, where not of all. What writes comes last, for it changes what the others read.
 */
export const OPERATIONS = {
  'feed-page': { call: ({ reader }) => ({ readerId: reader() }) },
  'feed-page-anonymous': { call: () => ({ readerId: null }) },
  paper: { call: ({ reader, paperId }) => ({ readerId: reader(), paperId: paperId() }) },
  'deep-page': { call: ({ reader, found }) => ({ readerId: reader(), after: found.after }) },
  search: { call: ({ reader, text }) => ({ readerId: reader(), text: text() }) },
  recommendations: { call: ({ reader }) => ({ readerId: reader() }), only: [OURS] },
  upvote: { call: ({ voter, paperId }) => ({ readerId: voter(), paperId: paperId() }), isOnce: true, except: ['postgraphile'] },
  mix: { call: callOfMix, isOnce: true, only: [OURS] },
};

// Of a hundred requests, 40 each are for a page and for a paper.
const MIX = [['feed-page', 0.4], ['paper', 0.4], ['recommendations', 0.1], ['search', 0.05], ['upvote', 0.05]];

export function canAnswer(contestant, operation) {
  const { only, except = [] } = OPERATIONS[operation];
  return (only?.includes(contestant) ?? true) && !except.includes(contestant);
}

/** Calls of an operation; the same seed gives the same ones. `found` is what was looked up before, such as a deep cursor. */
export function drawCalls(operation, { size, seed, count, found = {} }) {
  const draw = { ...drawing(size, mulberry32(seed)), found };
  return Array.from({ length: count }, () => ({ operation, ...OPERATIONS[operation].call(draw) }));
}

function callOfMix(draw) {
  let share = draw.random();
  const [operation] = MIX.find(([, part]) => (share -= part) < 0) ?? MIX[0];
  return { operation, ...OPERATIONS[operation].call(draw) };
}

function drawing(size, random) {
  const { pool, voters } = sessionsOf(size);
  const searches = makeSearches(SEARCHES);
  const pick = (list) => list[Math.floor(random() * list.length)];
  let turn = Math.floor(random() * pool.length);
  return {
    random,
    // In turn, so that requests at the same time are by different readers.
    reader: () => pool[turn++ % pool.length],
    voter: () => pick(voters),
    paperId: () => 1 + Math.floor(random() * SIZES[size].papers),
    text: () => pick(searches),
  };
}
