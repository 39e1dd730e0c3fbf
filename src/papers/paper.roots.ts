import { sql, type Database, type Sql, type Statement } from '../database/database.js';
import { badInput } from '../errors.js';
import { rowIdOf } from '../graphql/globalId.js';
import { connectionStatement, objectStatement, valuesFor, type Writing, type Written } from '../graphql/jsonStatement.js';
import type { Asker, RootProjection } from '../graphql/planner.js';
import { Unsupported, type Selected } from '../graphql/selection.js';
import { checkedArxivId, checkedCalendarDay } from '../inputRules.js';
import type { FeedService } from './feed.service.js';
import type { Feed, FeedArgs } from './feed.type.js';
import type { PapersArgs } from './paper.resolver.js';
import type { PaperListing } from './paper.listing.js';
import type { PaperService } from './paper.service.js';

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
    private readonly writing: Writing,
  ) {}

  roots(): Record<'paper' | 'papers' | 'feed', RootProjection> {
    return {
      paper: (selected, asker) => this.paper(selected, asker),
      papers: (selected, asker) => this.papers(selected, asker),
      feed: (selected, asker) => this.feed(selected, asker),
    };
  }

  private async paper(selected: Selected, asker: Asker): Promise<string> {
    const statement = objectStatement(this.writing, selected, { ...PAPERS, where: [conditionOf(selected.args)] });
    return this.read(statement, asker);
  }

  private async papers(selected: Selected, asker: Asker): Promise<string> {
    const { filter, orderBy } = selected.args as unknown as PapersArgs;
    const start = await this.services.papers.startOf(filter ?? {}, orderBy);
    return this.read(this.listed(selected, String(start), () => this.services.papers.listing(filter ?? {}, orderBy, start)), asker);
  }

  private async feed({ args, fields, type }: Selected, asker: Asker): Promise<string> {
    const { date, period, orderBy } = args as unknown as FeedArgs;
    const feed = await this.services.feeds.find(date == null ? null : checkedCalendarDay('date', date), period, orderBy);
    // What cannot be written is found before anything more is read.
    const writers = fields.map((field) => this.feedField(field, { feed, type, asker }));
    const texts = await Promise.all(writers.map((write) => write()));
    return `{${fields.map(({ key }, place) => `"${key}":${texts[place] ?? 'null'}`).join(',')}}`;
  }

  private feedField(field: Selected, { feed, type, asker }: { readonly feed: Feed; readonly type: string; readonly asker: Asker }): () => Promise<string> {
    const { name } = field;
    if (name === '__typename') return () => Promise.resolve(JSON.stringify(type));
    if (name === 'period' || name === 'startsOn' || name === 'endsOn') return () => Promise.resolve(JSON.stringify(feed[name]));
    if (name === 'previous' || name === 'next') return async () => JSON.stringify(await feed[name]());
    if (name !== 'papers') throw new Unsupported(`${name} of a feed`);
    const statement = this.listed(field, feed.startsOn, () => this.services.feeds.listing(feed));
    return () => this.read(statement, asker);
  }

  /** The statement of a list, kept with the field that asks for it: composing it takes 50 µs. `of` tells apart the lists of a field. */
  private listed(selected: Selected, of: string, list: () => PaperListing): Statement {
    const known = this.statements.get(selected);
    if (known?.of === of) return known.statement;
    const { where, order, onPage } = list();
    const statement = connectionStatement(this.writing, selected, { ...PAPERS, where, order, onPage });
    this.statements.set(selected, { of, statement });
    return statement;
  }

  private async read(statement: Statement, asker: Asker): Promise<string> {
    const [row] = await this.database.rows<Written>({ text: statement.text, values: valuesFor(asker.tokenHash, statement) });
    if (row === undefined) throw new Error('a statement that always has a row gave none');
    if (row.viewer !== null) asker.isKnown = true;
    return row.json ?? 'null';
  }
}

const PAPERS = { type: 'Paper', from: 'papers p', id: 'p.id' };

function conditionOf({ id, arxivId }: PaperArgs): Sql {
  if ((id == null) === (arxivId == null)) throw badInput('id', 'or arxivId must be given, one of the two', { id, arxivId });
  return id == null ? sql`p.arxiv_id = ${checkedArxivId('arxivId', arxivId ?? '')}` : sql`p.id = ${rowIdOf('Paper', id, 'id')}`;
}
