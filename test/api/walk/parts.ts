import { signingInElsewhere } from './elsewhere.js';
import { digests, readingTheInbox, subscribing } from './hearing.js';
import { moderating } from './keepingHouse.js';
import { leaving, recommending, tasting } from './owning.js';
import { arriving, feedReaders, feeds, paperPage, search } from './reading.js';
import { collecting, discussing, following, keepingALibrary, sayingNo, submitting } from './takingPart.js';

/** The week, in the order in which it comes about. */
export const PARTS = [
  arriving, feeds, search, paperPage, feedReaders, submitting, discussing, following, collecting, keepingALibrary, sayingNo, subscribing, readingTheInbox, digests, moderating, recommending, tasting, signingInElsewhere, leaving,
];
