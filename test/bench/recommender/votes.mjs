// What a vote costs the matrix, and whether the next request knows of it.
import { isDeepStrictEqual } from 'node:util';
import { rowOf } from '../../../dist/evaluation/sparseRows.js';
import { mulberry32 } from '../../../dist/random.js';
import { checksumOf } from '../../../dist/recommender/checksum.js';
import { recommend } from '../../../dist/recommender/recommend.js';
import { idOf, loadMatrix } from './facts.mjs';
import { quantile } from './figures.mjs';

/** Adds votes, asks for those who gave some of them, and takes all back. `isReloaded`: compare with a matrix loaded anew. */
export function measureVotes(matrix, world, { count, requests, seed, isReloaded }) {
  const votes = drawVotes(world, count, seed);
  const asked = [...new Set(votes.slice(0, requests).map(({ reader }) => reader))];
  const rankingsOf = (of) => asked.map((reader) => recommend(of, { readerId: idOf(reader), limit: 20 }));
  const checksum = checksumOf(matrix);
  const rankings = rankingsOf(matrix);

  const added = timeAll(votes, ({ reader, paper }) => { matrix.setUpvote(idOf(reader), idOf(paper), true); });
  const rankingsAfter = rankingsOf(matrix);
  const fresh = isReloaded ? loadMatrix(withVotes(world, votes)) : null;
  const isAsReloaded = fresh === null || (checksumOf(fresh) === checksumOf(matrix) && isDeepStrictEqual(rankingsOf(fresh), rankingsAfter));
  const isUpvotedLeftOut = votes.slice(0, requests).every(({ reader, paper }) => !rankingsAfter[asked.indexOf(reader)].items.some(({ paperId }) => paperId === idOf(paper)));

  const removed = timeAll(votes, ({ reader, paper }) => { matrix.setUpvote(idOf(reader), idOf(paper), false); });
  const isAsBefore = checksumOf(matrix) === checksum && isDeepStrictEqual(rankingsOf(matrix), rankings);
  const afterVoteMs = timeAfterVotes(matrix, votes.slice(0, requests));
  return {
    count,
    added: microseconds(added),
    removed: microseconds(removed),
    requestAfterVoteMs: { p50: quantile(afterVoteMs, 0.5), p99: quantile(afterVoteMs, 0.99) },
    checks: { isUpvotedLeftOut, isAsReloaded: isReloaded ? isAsReloaded : null, isAsBefore },
  };
}

/** Papers that others upvoted, as often as these were, by readers who did not, each vote once. */
function drawVotes({ libraries, readers }, count, seed) {
  const random = mulberry32(seed);
  const drawn = new Set();
  const votes = [];
  while (votes.length < count) {
    const reader = Math.floor(random() * readers);
    const paper = libraries.indices[Math.floor(random() * libraries.indices.length)];
    const key = `${reader} ${paper}`;
    if (drawn.has(key) || rowOf(libraries, reader).includes(paper)) continue;
    drawn.add(key);
    votes.push({ reader, paper });
  }
  return votes;
}

function withVotes(world, votes) {
  const lists = Array.from({ length: world.readers }, (_, reader) => [...rowOf(world.libraries, reader)]);
  for (const { reader, paper } of votes) lists[reader].push(paper);
  const offsets = new Int32Array(world.readers + 1);
  lists.forEach((list, reader) => (offsets[reader + 1] = offsets[reader] + list.length));
  return { ...world, libraries: { ...world.libraries, offsets, indices: Int32Array.from(lists.flat()) } };
}

/** What a request takes that is the first one after a vote: what hangs on the counts is made anew. */
function timeAfterVotes(matrix, votes) {
  return timeAll(votes, ({ reader, paper }) => {
    matrix.setUpvote(idOf(reader), idOf(paper), true);
    recommend(matrix, { readerId: idOf(reader), limit: 20 });
    matrix.setUpvote(idOf(reader), idOf(paper), false);
  });
}

function timeAll(items, work) {
  return items.map((item) => {
    const start = performance.now();
    work(item);
    return performance.now() - start;
  });
}

function microseconds(ms) {
  return { p50: 1000 * quantile(ms, 0.5), p99: 1000 * quantile(ms, 0.99), max: 1000 * Math.max(...ms) };
}
