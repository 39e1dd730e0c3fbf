import { sql, type Database, type Sql, type Statement } from '../database/database.js';
import { badInput } from '../errors.js';
import { rowIdOf } from '../graphql/globalId.js';
import { connectionStatement, objectStatement, valuesFor } from '../graphql/jsonStatement.js';
import type { RootProjection } from '../graphql/planner.js';
import type { Projections } from '../graphql/projection.js';
import { Unsupported, type Selected } from '../graphql/selection.js';
import { checkedArxivId, checkedCalendarDay } from '../inputRules.js';
import type { FeedService } from './feed.service.js';
import type { Feed, FeedArgs } from './feed.type.js';
import type { PapersArgs } from './paper.resolver.js';
import type { PaperListing, PaperService } from './paper.service.js';

interface PaperArgs {
  readonly id?: string | null;
  readonly arxivId?: string | null;
}

/** The queries of papers that the database can answer by itself. */
export class PaperRoots {
  private readonly statements = new WeakMap<Selected, { readonly of: string; readonly statement: Statement }>();

  constructor(
    private readonly database: Database,
    private readonly services: { readonly papers: PaperService; readonly feeds: FeedService },
    private readonly projections: Projections,
  ) {}

  roots(): Record<'paper' | 'papers' | 'feed', RootProjection> {
    return {
      paper: (selected, viewerId) => this.paper(selected, viewerId),
      papers: (selected, viewerId) => this.papers(selected, viewerId),
      feed: (selected, viewerId) => this.feed(selected, viewerId),
    };
  }

  private async paper(selected: Selected, viewerId: number | null): Promise<string> {
    const statement = objectStatement(this.projections, selected, { ...PAPERS, where: [conditionOf(selected.args)] });
    return this.read(statement, viewerId);
  }

  private async papers(selected: Selected, viewerId: number | null): Promise<string> {
    const { filter, orderBy } = selected.args as unknown as PapersArgs;
    return this.read(this.listed(selected, '', () => this.services.papers.listing(filter ?? {}, orderBy)), viewerId);
  }

  private async feed({ args, fields, type }: Selected, viewerId: number | null): Promise<string> {
    const { date, period, orderBy } = args as unknown as FeedArgs;
    const feed = await this.services.feeds.find(date == null ? null : checkedCalendarDay('date', date), period, orderBy);
    // What cannot be written is found before anything more is read.
    const writers = fields.map((field) => this.feedField(field, { feed, type, viewerId }));
    const texts = await Promise.all(writers.map((write) => write()));
    return `{${fields.map(({ key }, place) => `"${key}":${texts[place] ?? 'null'}`).join(',')}}`;
  }

  private feedField(field: Selected, { feed, type, viewerId }: { readonly feed: Feed; readonly type: string; readonly viewerId: number | null }): () => Promise<string> {
    const { name } = field;
    if (name === '__typename') return () => Promise.resolve(JSON.stringify(type));
    if (name === 'period' || name === 'startsOn' || name === 'endsOn') return () => Promise.resolve(JSON.stringify(feed[name]));
    if (name === 'previous' || name === 'next') return async () => JSON.stringify(await feed[name]());
    if (name !== 'papers') throw new Unsupported(`${name} of a feed`);
    const statement = this.listed(field, feed.startsOn, () => this.services.feeds.listing(feed));
    return () => this.read(statement, viewerId);
  }

  /** The statement of a list, kept with the field that asks for it: composing it takes 50 µs. `of` tells apart the lists of a field. */
  private listed(selected: Selected, of: string, list: () => PaperListing): Statement {
    const known = this.statements.get(selected);
    if (known?.of === of) return known.statement;
    const { where, order } = list();
    const statement = connectionStatement(this.projections, selected, { ...PAPERS, where, order });
    this.statements.set(selected, { of, statement });
    return statement;
  }

  private async read(statement: Statement, viewerId: number | null): Promise<string> {
    const [row] = await this.database.rows<{ json: string }>({ text: statement.text, values: valuesFor(viewerId, statement) });
    return row?.json ?? 'null';
  }
}

const PAPERS = { type: 'Paper', from: 'papers p', id: 'p.id' };

function conditionOf({ id, arxivId }: PaperArgs): Sql {
  if ((id == null) === (arxivId == null)) throw badInput('id', 'or arxivId must be given, one of the two', { id, arxivId });
  return id == null ? sql`p.arxiv_id = ${checkedArxivId('arxivId', arxivId ?? '')}` : sql`p.id = ${rowIdOf('Paper', id, 'id')}`;
}
