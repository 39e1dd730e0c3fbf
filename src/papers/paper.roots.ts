import { sql, type Sql } from '../database/database.js';
import { badInput } from '../errors.js';
import { rowIdOf } from '../graphql/globalId.js';
import type { JsonReader } from '../graphql/jsonReader.js';
import type { Asker, RootProjections } from '../graphql/planner.js';
import { Unsupported, type Selected } from '../graphql/selection.js';
import { checkedArxivId, checkedCalendarDay } from '../inputRules.js';
import type { FeedService } from './feed.service.js';
import type { Feed, FeedArgs } from './feed.type.js';
import type { PapersArgs } from './paper.resolver.js';
import type { PaperService } from './paper.service.js';

interface PaperArgs {
  readonly id?: string | null;
  readonly arxivId?: string | null;
}

/** Query.paper, Query.papers, Query.feed */
export function paperRoots(read: JsonReader, { papers, feeds }: { readonly papers: PaperService; readonly feeds: FeedService }): RootProjections {
  return {
    paper: async (selected, asker) => read.object(selected, { type: 'Paper', from: 'papers p', where: conditionOf(selected.args) })(asker),
    papers: async (selected, asker) => {
      const { filter, orderBy } = selected.args as unknown as PapersArgs;
      const start = await papers.startOf(filter ?? {}, orderBy);
      return read.connection(selected, { type: 'Paper', name: String(start), listing: () => papers.listing(filter ?? {}, orderBy, start) })(asker);
    },
    feed: async ({ args, fields, type }, asker) => {
      const { date, period, orderBy } = args as unknown as FeedArgs;
      const feed = await feeds.find(date == null ? null : checkedCalendarDay('date', date), period, orderBy);
      const papersOf = (field: Selected): ((asker: Asker) => Promise<string>) =>
        read.connection(field, { type: 'Paper', name: `${feed.startsOn} ${feed.endsOn}`, listing: () => feeds.listing(feed) });
      // What cannot be written is found before anything more is read.
      const readers = fields.map((field) => (field.name === 'papers' ? papersOf(field) : feedField(field, feed, type)));
      const texts = await Promise.all(readers.map((reader) => reader(asker)));
      return `{${fields.map(({ key }, place) => `"${key}":${texts[place] ?? 'null'}`).join(',')}}`;
    },
  };
}

function feedField({ name }: Selected, feed: Feed, type: string): () => Promise<string> {
  if (name === '__typename') return () => Promise.resolve(JSON.stringify(type));
  if (name === 'period' || name === 'startsOn' || name === 'endsOn') return () => Promise.resolve(JSON.stringify(feed[name]));
  if (name === 'previous' || name === 'next') return async () => JSON.stringify(await feed[name]());
  throw new Unsupported(`${name} of a feed`);
}

function conditionOf({ id, arxivId }: PaperArgs): Sql {
  if ((id == null) === (arxivId == null)) throw badInput('id', 'or arxivId must be given, one of the two', { id, arxivId });
  return id == null ? sql`p.arxiv_id = ${checkedArxivId('arxivId', arxivId ?? '')}` : sql`p.id = ${rowIdOf('Paper', id, 'id')}`;
}
