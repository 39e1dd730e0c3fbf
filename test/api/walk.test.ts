import { afterAll, beforeAll } from '@jest/globals';
import { signingInElsewhere } from './walk/elsewhere.js';
import { digests, readingTheInbox, subscribing } from './walk/hearing.js';
import { moderating } from './walk/keepingHouse.js';
import { leaving, recommending, tasting } from './walk/owning.js';
import { arriving, feedReaders, feeds, paperPage, search } from './walk/reading.js';
import { collecting, discussing, following, keepingALibrary, sayingNo, submitting } from './walk/takingPart.js';
import { startWalk, type Walk } from './walk/walk.js';

// A week of three readers, a curator and an admin: all that the product does, in the order in which it comes about. Each step
// goes on where the one before has left: of several that fail, the first is to be looked at.
let walked: Walk;
beforeAll(async () => {
  walked = await startWalk();
}, 60_000);
afterAll(() => walked.stop());
const walk = (): Walk => walked;

for (const part of [
  arriving, feeds, search, paperPage, feedReaders, submitting, discussing, following, collecting, keepingALibrary, sayingNo, subscribing, readingTheInbox, digests, moderating, recommending, tasting, signingInElsewhere, leaving,
]) part(walk);
