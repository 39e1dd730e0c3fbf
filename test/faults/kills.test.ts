import { expect, test } from '@jest/globals';
import { tellProof } from '../support/proof.js';
import { isOnServer } from '../support/testDatabase.js';
import { killRepeatedly } from './killing.js';

/** `npm run kill -- --times 50` kills more often, by chance unless a seed is given, and says what came of it. */
const TIMES = Number(process.env['KILL_TIMES'] ?? 4);
const SEED = Number(process.env['KILL_SEED'] ?? 20261127);

// On PostgreSQL the server is killed, and the database goes on.
test(`${TIMES} servers that are killed amid votes, comments and submissions lose nothing that they acknowledged (seed ${SEED})`, async () => {
  const report = await killRepeatedly(TIMES, SEED);
  const { kills, acknowledged, lost, unopened, refused, wrong } = report;
  tellProof(`${isOnServer ? 'PostgreSQL' : 'embedded database'}, seed ${SEED}: ${kills} kills, ${acknowledged} writes acknowledged, ${lost.length} lost, `
    + `${unopened.length} ${isOnServer ? 'servers that did not start' : 'folders that did not open'}, ${wrong.length} counters wrong`);
  expect({ lost, unopened, refused, wrong }).toEqual({ lost: [], unopened: [], refused: [], wrong: [] });
  expect(kills).toBe(TIMES);
  // Else it would show nothing.
  expect(acknowledged).toBeGreaterThan(TIMES * 20);
}, 60_000 + TIMES * 15_000);
