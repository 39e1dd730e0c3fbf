import { sql, type Sql } from '../database/database.js';
import type { JsonReader } from '../graphql/jsonReader.js';
import { objectText, type Asker, type RootProjections } from '../graphql/planner.js';
import { Unsupported, type Selected } from '../graphql/selection.js';
import { checkedCalendarDay } from '../inputRules.js';
import type { FeedService } from './feed.service.js';
import type { Feed, FeedArgs } from './feed.type.js';
import type { PapersArgs } from './paper.resolver.js';
import type { PaperService } from './paper.service.js';
import { IS_VISIBLE } from './paper.visibility.js';
import { paperKeyOf, type PaperKeyArgs } from './paperKey.js';

/** Query.paper, Query.papers, Query.feed */
export function paperRoots(read: JsonReader, { papers, feeds }: { readonly papers: PaperService; readonly feeds: FeedService }): RootProjections {
  return {
    paper: async (selected, asker) => read.object(selected, { type: 'Paper', from: 'papers p', where: sql`${conditionOf(selected.args)} AND ${IS_VISIBLE}` })(asker),
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
      return objectText(fields, texts);
    },
  };
}

function feedField({ name }: Selected, feed: Feed, type: string): () => Promise<string> {
  if (name === '__typename') return () => Promise.resolve(JSON.stringify(type));
  if (name === 'period' || name === 'startsOn' || name === 'endsOn') return () => Promise.resolve(JSON.stringify(feed[name]));
  if (name === 'previous' || name === 'next') return async () => JSON.stringify(await feed[name]());
  throw new Unsupported(`${name} of a feed`);
}

function conditionOf(args: PaperKeyArgs): Sql {
  const key = paperKeyOf(args);
  if ('rowId' in key) return sql`p.id = coalesce((SELECT m.paper_id FROM merged_papers m WHERE m.old_id = ${key.rowId}), ${key.rowId})`;
  const [column, name] = 'doi' in key ? [sql`doi`, key.doi] : [sql`arxiv_id`, key.arxivId];
  return sql`p.id = coalesce((SELECT x.id FROM papers x WHERE x.${column} = ${name}), (SELECT m.paper_id FROM merged_papers m WHERE m.${column} = ${name}))`;
}
