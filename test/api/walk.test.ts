import { afterAll, beforeAll } from '@jest/globals';
import { PARTS } from './walk/parts.js';
import { startWalk, type Walk } from './walk/walk.js';

// A week of three readers, a curator and an admin: all that the product does, in the order in which it comes about. Each step
// goes on where the one before has left: of several that fail, the first is to be looked at.
let walked: Walk;
beforeAll(async () => {
  walked = await startWalk();
}, 60_000);
afterAll(() => walked.stop());

for (const part of PARTS) part(() => walked);
