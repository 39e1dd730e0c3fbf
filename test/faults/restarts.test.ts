import { expect, test } from '@jest/globals';
import { canStartPostgres } from '../support/ownPostgres.js';
import { tellProof } from '../support/proof.js';
import { restartRepeatedly } from './restarting.js';

/** `npm run faults -- --times 20` restarts more often, by chance unless a seed is given, and says what came of it. */
const TIMES = Number(process.env['FAULTS_TIMES'] ?? 2);
const SEED = Number(process.env['FAULTS_SEED'] ?? 20261128);

(canStartPostgres ? test : test.skip)(`a server lives through ${TIMES} restarts of PostgreSQL, and nothing that it acknowledged is lost (seed ${SEED})`, async () => {
  const { restarts, acknowledged, recoveriesMs, failed, lost, refused, wrong } = await restartRepeatedly(TIMES, SEED);
  const untold = failed.filter(({ status, text }) => !text.includes('"code":"UNAVAILABLE"') || status !== (text.includes('"WRITTEN"') ? 200 : 503));
  const sorted = [...recoveriesMs].sort((one, other) => one - other);
  const slowest = Math.max(...failed.map(({ tookMs }) => tookMs));
  tellProof(`seed ${SEED}: ${restarts} restarts under load: answers again after ${Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)} ms (median; ${Math.round(sorted.at(-1) ?? 0)} max) since `
    + `the database accepts connections; ${acknowledged} acknowledged writes, ${lost.length} lost; every failed request (${failed.length}) answered with UNAVAILABLE within ${Math.round(slowest)} ms`);
  expect({ lost, refused, wrong, untold: untold.slice(0, 5) }).toEqual({ lost: [], refused: [], wrong: [], untold: [] });
  expect(restarts).toBe(TIMES);
  expect(acknowledged).toBeGreaterThan(TIMES * 20);
  expect(failed.length).toBeGreaterThan(0);
  // No address or name of what the server has inside.
  expect(failed.filter(({ text }) => /127\.0\.0\.1|postgres:|ECONN|pg_/.test(text))).toEqual([]);
  // Generously: a machine may be busy. `npm run faults` says what it is.
  expect(sorted.at(-1)).toBeLessThan(10_000);
  expect(slowest).toBeLessThan(10_000);
}, 60_000 + TIMES * 30_000);
