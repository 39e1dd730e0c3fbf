import { rawSql } from '../database/database.js';
import type { JsonReader } from '../graphql/jsonReader.js';
import { VIEWER_ID } from '../graphql/jsonStatement.js';
import { objectText, type Asker, type RootProjections } from '../graphql/planner.js';
import { json, type ForViewer, type JsonSql } from '../graphql/projection.js';
import { Unsupported, UnsupportedValues, type Selected } from '../graphql/selection.js';
import { checkedCalendarDay } from '../inputRules.js';
import { PaperOrder } from '../papers/paper.type.js';
import { feedListing } from './feed.listing.js';
import type { FeedService } from './feed.service.js';
import { FeedOrder, type Feed, type FeedArgs } from './feed.type.js';
import { isNewTo, type VisitService } from './visit.service.js';

const NULL = `'null'`;
/** What an edge has in a plain order of now; see FeedEdge. */
const EDGE: Readonly<Record<string, JsonSql | ForViewer<JsonSql>>> = {
  isNew: (viewer) => json.boolean(isNewTo(viewer)),
  upvoteCountThen: json.number('p.upvote_count'),
  score: NULL,
  reasons: NULL,
  summary: NULL,
};

/** Query.feed, in the orders that are not a reader's own, as it is now. */
export function feedRoots(read: JsonReader, { feeds, visits }: { readonly feeds: FeedService; readonly visits: VisitService }): RootProjections {
  return {
    feed: async ({ args, fields, type }, asker) => {
      const { date, orderBy, asOf, ...rest } = args as unknown as FeedArgs;
      if (orderBy === FeedOrder.FOR_YOU || asOf != null) throw new UnsupportedValues(`a feed by ${orderBy} as of ${String(asOf)}`);
      const day = date == null ? null : checkedCalendarDay('date', date);
      const feed = await feeds.find({ ...rest, orderBy, date: day, asOf: null, now: new Date() });
      const papersOf = (field: Selected): ((asker: Asker) => Promise<string>) =>
        read.connection(field, { type: 'Paper', name: `${feed.startsOn} ${feed.endsOn}`, listing: () => feedListing(feed, PaperOrder[orderBy], rawSql(VIEWER_ID)), edge: EDGE });
      // What cannot be written is found before anything more is read.
      const readers = fields.map((field) => (field.name === 'papers' ? papersOf(field) : feedField(field, feed, type)));
      const texts = await Promise.all(readers.map((reader) => reader(asker)));
      visits.notice(asker.tokenHash);
      return objectText(fields, texts);
    },
  };
}

function feedField({ name }: Selected, feed: Feed, type: string): () => Promise<string> {
  if (name === '__typename') return () => Promise.resolve(JSON.stringify(type));
  if (name === 'period' || name === 'startsOn' || name === 'endsOn' || name === 'isCurrent') return () => Promise.resolve(JSON.stringify(feed[name]));
  if (name === 'previous' || name === 'next') return async () => JSON.stringify(await feed[name]());
  throw new Unsupported(`${name} of a feed`);
}
