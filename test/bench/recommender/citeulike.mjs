// The CiteULike-a set (Wang, Chen and Li, IJCAI 2013) in the shape of world.mjs. It knows of no authors and no times.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTags, parseVotes } from '../../../dist/evaluation/voteFiles.js';
import { RowsBuilder } from './world.mjs';

/** Null where the folder has no such files. */
export async function readCiteULike(folder) {
  let texts;
  try {
    texts = await Promise.all(['users.dat', 'item-tag.dat'].map((name) => readFile(join(folder, name), 'utf8')));
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
  const votes = parseVotes(texts[0], 'libraries').map(({ reader, paper }) => [Number(reader), Number(paper)]);
  const tags = parseTags(texts[1], 'libraries').map(({ paper, tag }) => [Number(paper), Number(tag)]);
  const papers = 1 + Math.max(largest(votes, 1), largest(tags, 0));
  const libraries = rowsOf(votes, papers);
  return {
    name: 'CiteULike-a',
    papers,
    readers: libraries.rowCount,
    listedSeconds: () => 1_500_000_000,
    tagsOf: rowsOf(tags, 1 + largest(tags, 1), papers),
    authorsOf: rowsOf([], 0, papers),
    libraries,
  };
}

function largest(pairs, end) {
  return pairs.reduce((most, pair) => Math.max(most, pair[end]), -1);
}

/** Rows of pairs that come in the order of their rows. */
function rowsOf(pairs, columnCount, rowCount = 1 + largest(pairs, 0)) {
  const rows = new RowsBuilder(rowCount, columnCount);
  let next = 0;
  for (let row = 0; row < rowCount; row += 1) {
    for (; pairs[next]?.[0] === row; next += 1) rows.add(pairs[next][1]);
    rows.endRow();
  }
  return rows.build();
}
