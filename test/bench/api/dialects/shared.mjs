// What answers have in common: their content in one form, whatever ids and cursors look like.
import { tokenOf } from '../community.mjs';

export function headersOf({ readerId }) {
  return { 'content-type': 'application/json', ...(readerId === null ? {} : { authorization: `Bearer ${tokenOf(readerId)}` }) };
}

/** The content of an answer in the shape of the schema; what is not selected is left out. */
export function answerOf(call, { papers }) {
  return { papers: papers.nodes.map(paperOf), hasNextPage: papers.pageInfo.hasNextPage };
}

export const cursorOf = ({ papers }) => papers.pageInfo.endCursor;

function paperOf({ id, authors, tags, repos, ...scalars }) {
  return {
    ...scalars,
    id: rowIdOf(id),
    authors: authors?.nodes.map(({ name }) => name),
    tags: tags?.edges.map(({ weight, node }) => ({ weight, ...node })),
    repos: repos?.nodes,
  };
}

/** A row's number, as such or in the global form `Paper:1` in base64. */
export function rowIdOf(id) {
  return Number(/^\d+$/.test(id) ? id : Buffer.from(id, 'base64url').toString().split(':')[1]);
}
