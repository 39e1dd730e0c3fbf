import { createHttpClient } from '../../src/ingest/http/createHttpClient.js';
import type { Item, Json, Parcel, Reading, SourceContext } from '../../src/ingest/source.js';

/** An invented paper. */
export interface FeedPaper {
  readonly id: string;
  readonly title?: string;
  readonly summary?: string;
  /** Day, or instant for the Atom API. */
  readonly created?: string;
  readonly updated?: string;
  /** Further elements, as XML. */
  readonly more?: string;
  /** The header's day in OAI-PMH. */
  readonly day?: string;
}

/** Papers whose ids count from 1; the later ones are older by a day each. */
export function inventedPapers(count: number, newest = '2026-03-31'): FeedPaper[] {
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(Date.parse(newest) - index * 86_400_000).toISOString().slice(0, 10);
    return { id: `2603.${String(index + 1).padStart(5, '0')}`, created: day, updated: day, day };
  });
}

export function atomFeed(papers: readonly FeedPaper[], total: number): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom">
  <title>invented results</title>
  <opensearch:totalResults>${total}</opensearch:totalResults>
  ${papers.map(atomEntry).join('\n')}
</feed>`;
}

function atomEntry({ id, title = `On ${id}`, summary = 'A summary.', created = '2026-03-01', updated = created, more = '' }: FeedPaper): string {
  return `<entry>
    <id>http://arxiv.org/abs/${id}v1</id><title>${title}</title><summary>${summary}</summary>
    <published>${atNoon(created)}</published><updated>${atNoon(updated)}</updated>
    <author><name>Ada Example</name></author>
    <arxiv:primary_category term="cs.LG"/><category term="cs.LG"/>${more}
  </entry>`;
}

function atNoon(time: string): string {
  return time.length === 10 ? `${time}T12:00:00Z` : time;
}

export function oaiAnswer(content: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-03-31T00:00:00Z</responseDate><request verb="ListRecords"/>${content}</OAI-PMH>`;
}

/** A page of records; `token` is the resumptionToken element, attributes and all. */
export function oaiPage(records: readonly string[], token = ''): string {
  return oaiAnswer(`<ListRecords>${records.join('\n')}${token}</ListRecords>`);
}

export function oaiRecord({ id, title = `On ${id}`, summary = 'A summary.', created = '2026-03-01', more = '', day = '2026-03-01' }: FeedPaper): string {
  return `<record><header><identifier>oai:arXiv.org:${id}</identifier><datestamp>${day}</datestamp><setSpec>cs</setSpec></header>
    <metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>${id}</id><created>${created}</created>
      <authors><author><keyname>Example</keyname><forenames>Ada</forenames></author></authors>
      <title>${title}</title><categories>cs.LG stat.ML</categories>${more}<abstract>${summary}</abstract>
    </arXiv></metadata></record>`;
}

export interface TestContext extends SourceContext {
  /** What `onTotal` was told. */
  readonly totals: number[];
}

export function contextOf(url: string, more: Partial<SourceContext> = {}, delayScale = 0.001): TestContext {
  const totals: number[] = [];
  return {
    http: createHttpClient({ userAgent: 'tests/1', delayScale }),
    url,
    token: null,
    now: new Date('2026-04-01T12:00:00Z'),
    clock: () => more.now ?? new Date('2026-04-01T12:00:00Z'),
    since: null,
    signal: new AbortController().signal,
    onTotal: (total) => totals.push(total),
    staleRepos: () => Promise.resolve([]),
    ...more,
    totals,
  };
}

/** All parcels, with checkpoints that went through JSON as the database keeps them. */
export async function parcelsOf(reading: Reading, checkpoint: Json = null): Promise<Parcel[]> {
  const parcels: Parcel[] = [];
  for await (const parcel of reading.read(checkpoint)) parcels.push({ ...parcel, checkpoint: JSON.parse(JSON.stringify(parcel.checkpoint)) as Json });
  return parcels;
}

/** What the items are about, in order; rejects by their place. */
export function namesOf(items: readonly Item[]): string[] {
  return items.map((item) => {
    if (item.kind === 'PAPER') return item.record.externalId;
    if (item.kind === 'WITHDRAWAL') return `withdrawn ${item.externalId}`;
    return `${item.kind} ${item.place}`;
  });
}
