// Before anything is measured: every contestant gives the content that the bound gives.
import { isDeepStrictEqual, inspect } from 'node:util';
import { SIZES } from './community.mjs';
import { BOUND } from './names.mjs';
import { canAnswer, drawCalls } from './operations.mjs';

const CALLS = 12;
const PAGE = 20;
const DEEP_PAPERS = 1_000;

/** Compares the answers to an operation; gives a line on it, or throws with the first difference. */
export async function checkOperation(servers, operation, { size, seed }) {
  const able = servers.filter(({ name }) => canAnswer(name, operation));
  if (operation === 'deep-page') await findDeepCursors(able, size);
  const bound = able.find(({ name }) => name === BOUND);
  const different = await checkAnswers(able, bound ?? able[0], { operation, size, seed });
  return `${operation}: the same content from ${able.map(({ name }) => name).join(', ')} (${different} different answers)`;
}

/** Sends one call; gives the answer's body. Throws for an answer that is no success. */
async function ask({ name, origin, dialect, output }, call) {
  const { path, ...request } = dialect.request(call);
  const response = await fetch(`${origin}${path}`, request);
  const text = await response.text();
  if (!response.ok || text.includes('"errors":[')) throw new Error(`${name} failed at ${call.operation} (${response.status}): ${text.slice(0, 1000)}\n${output()}`);
  return JSON.parse(text);
}

/** Pages each server to the paper from which the deep page goes on, and keeps the cursor with the server. */
async function findDeepCursors(servers, size) {
  const pages = Math.floor(Math.min(DEEP_PAPERS, SIZES[size].papers / 2) / PAGE);
  for (const server of servers) {
    server.found.after = null;
    for (let page = 0; page < pages; page += 1) {
      server.found.after = server.dialect.cursorOf(await ask(server, { operation: 'deep-page', readerId: null, after: server.found.after }));
    }
  }
}

/** Throws where the content of an answer differs from the bound's. Gives how many different answers there were. */
async function checkAnswers(servers, bound, { operation, size, seed }) {
  const callsFor = ({ found }) => drawCalls(operation, { size, seed, count: CALLS, found });
  const contentOf = async (server, call) => server.dialect.contentOf(call, await ask(server, call));
  const expected = [];
  for (const call of callsFor(bound)) expected.push(await contentOf(bound, call));
  for (const server of servers) {
    for (const [index, call] of callsFor(server).entries()) {
      const content = await contentOf(server, call);
      if (isDeepStrictEqual(content, expected[index])) continue;
      throw new Error(`${server.name} answers ${operation} otherwise than ${bound.name}:\n${firstDifference(content, expected[index])}`);
    }
  }
  return new Set(expected.map((content) => JSON.stringify(content))).size;
}

function firstDifference(actual, expected, path = '') {
  if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) {
    return `${path}: ${inspect(actual)} in place of ${inspect(expected)}`;
  }
  const key = [...new Set([...Object.keys(expected), ...Object.keys(actual)])].find((name) => !isDeepStrictEqual(actual[name], expected[name]));
  return firstDifference(actual[key], expected[key], `${path}/${key}`);
}
