import type { AuthorService } from '../authors/author.service.js';
import { sql, type Reader } from '../database/database.js';
import type { PaperTagService } from '../papers/paperTag.service.js';
import type { RepoService } from '../repos/repo.service.js';
import { repoKey } from '../repos/repoAddress.js';
import type { TagService } from '../tags/tag.service.js';
import { matchAll, type Match, type MatchKey } from './paperMatching.js';
import { mergeOf, type Merge, type MergedField, type PresentPaper, type Ranks } from './paperMerge.js';
import { claimOf, giveFields, ownersOf, readPresent, writeOrigins, type OriginRow } from './paperOrigins.js';
import type { PaperRecord } from './paperRecord.js';
import { insertPapers, updatePapers } from './paperRows.js';

/** Who says something of papers, and how much the word of each counts. */
export interface Voice {
  readonly source: string;
  readonly ranks: Ranks;
  readonly now: Date;
}

/** A record with what names it at its source; null where nothing does. */
export interface NamedRecord {
  readonly externalId: string | null;
  /** The name of the paper that the record only tells more of. */
  readonly partOf?: string | null;
  readonly record: PaperRecord;
  /** SHA-256 of what the source says. */
  readonly digest: Buffer;
}

/** A paper that its source has deleted or withdrawn. */
export interface Withdrawal {
  readonly externalId: string;
  /** Null for now. */
  readonly at: Date | null;
}

/** What writing a record did. */
export interface Written {
  readonly paperId: number;
  readonly outcome: 'added' | 'changed' | 'unchanged';
  /** Ids that belong to another paper, and were therefore left out. */
  readonly taken: readonly { readonly field: 'arxivId' | 'doi'; readonly paperId: number }[];
}

interface Placed {
  readonly paperId: number;
  readonly named: NamedRecord;
}

/** The digest of a name of which nothing has been said. */
const NOTHING_SAID = Buffer.alloc(32);

interface Matched {
  readonly named: NamedRecord;
  readonly match: Match;
}

/** Any number that nothing else locks. */
export const WRITERS_LOCK = 7_270_737;

/** Writes whole papers, many at once: rows with bylines, tags, repos and where they come from, a few statements in all. */
export class PaperWriter {
  constructor(
    private readonly services: {
      readonly tags: TagService;
      readonly paperTags: PaperTagService;
      readonly authors: AuthorService;
      readonly repos: RepoService;
    },
  ) {}

  /**
   * Adds records, or brings the papers that they match up to date; aligned with `records`. What the source has said in the
   * very same words before changes nothing. Throws NOT_FOUND for an unknown tag by slug.
   */
  async write(reader: Reader, voice: Voice, records: readonly NamedRecord[]): Promise<Written[]> {
    // Papers without arXiv id or DOI have no key that could keep two writers from adding one twice: they take turns.
    await reader.rows(sql`SELECT pg_advisory_xact_lock(${WRITERS_LOCK}::int8)::text AS locked`);
    const written = new Map<NamedRecord, Written>();
    // Of records of one paper the later ones wait for the earlier ones, and find what they wrote.
    for (let left = records; left.length > 0; ) {
      const { now, later } = firstOfEach(left);
      const late = await this.writeApart(reader, { voice, records: now, written });
      const isLate = new Set([...later, ...late]);
      left = left.filter((record) => isLate.has(record));
    }
    return records.map((record) => written.get(record) as Written);
  }

  /** Adds records as new papers, whatever is there; aligned with `records`. */
  async insert(reader: Reader, voice: Voice, records: readonly NamedRecord[]): Promise<number[]> {
    if (records.length === 0) return [];
    const ids = await reader.rows<{ id: number }>(
      sql`SELECT nextval(pg_get_serial_sequence('papers', 'id'))::int4 AS id FROM generate_series(1, ${records.length}::int4)`,
    );
    const placed = records.map((named, index) => ({ named, paperId: ids[index]?.id ?? 0 }));
    const { authors } = this.services;
    const authorIds = await authors.resolve(reader, records.map(({ record }) => ({ paperId: null, authors: record.authors })));
    const { tagWeights, links } = await this.resolveLinks(reader, placed);
    const counts = countsOf(placed, { authorIds, tagWeights, links });
    await insertPapers(reader, placed.map(({ named, paperId }, index) => ({ paperId, record: named.record, now: voice.now, ...counts[index] })));
    await authors.addBylines(reader, new Map(placed.map(({ paperId }, index) => [paperId, authorIds[index] ?? []])));
    await this.services.paperTags.raise(reader, tagWeights);
    await this.services.repos.link(reader, links);
    await writeOrigins(reader, voice, [
      ...placed.map(({ named, paperId }) => originOf(named, paperId, claimOf(named.record))),
      // A paper that is first heard of by a link is found by its name when more is told of it.
      ...placed.flatMap(({ named: { partOf }, paperId }) => (partOf == null ? [] : [{ externalId: partOf, paperId, fields: [], facts: null, digest: NOTHING_SAID }])),
    ]);
    return placed.map(({ paperId }) => paperId);
  }

  /** Marks papers as withdrawn, by their names at the source; returns those that were not. Unknown ones are left out. */
  async withdraw(reader: Reader, { source, now }: Voice, withdrawals: readonly Withdrawal[]): Promise<Map<string, Written>> {
    if (withdrawals.length === 0) return new Map();
    const rows = await reader.rows<{ externalId: string; paperId: number; isNew: boolean }>(sql`
      WITH x AS (
        SELECT o.external_id, o.paper_id, coalesce(x.on_day, ${now}::timestamptz) AS withdrawn_at
        FROM unnest(${withdrawals.map(({ externalId }) => externalId)}::text[], ${withdrawals.map(({ at }) => at)}::timestamptz[]) AS x (external_id, on_day)
        JOIN paper_origins o ON o.source = ${source} AND o.external_id = x.external_id),
      marked AS (
        UPDATE papers p SET withdrawn_at = x.withdrawn_at, updated_at = now()
        FROM (SELECT DISTINCT ON (paper_id) paper_id, withdrawn_at FROM x ORDER BY paper_id, withdrawn_at) x
        WHERE p.id = x.paper_id AND p.withdrawn_at IS NULL RETURNING p.id)
      SELECT x.external_id AS "externalId", x.paper_id AS "paperId", marked.id IS NOT NULL AS "isNew" FROM x LEFT JOIN marked ON marked.id = x.paper_id`);
    // What comes back later is news, although the source says it in the same words as before.
    await reader.rows(sql`
      UPDATE paper_origins SET digest = decode(repeat('00', 32), 'hex'), changed_at = ${now}::timestamptz,
        fields = CASE WHEN 'withdrawnAt' = ANY (fields) THEN fields ELSE fields || '{withdrawnAt}' END
      WHERE source = ${source} AND external_id = ANY (${rows.filter(({ isNew }) => isNew).map(({ externalId }) => externalId)}::text[])`);
    return new Map(rows.map(({ externalId, paperId, isNew }) => [externalId, { paperId, outcome: isNew ? 'changed' : 'unchanged', taken: [] }]));
  }

  // Returns the records that match a paper which an earlier one matches in another way: they must find what that one wrote.
  private async writeApart(
    reader: Reader,
    { voice, records, written }: { readonly voice: Voice; readonly records: readonly NamedRecord[]; readonly written: Map<NamedRecord, Written> },
  ): Promise<NamedRecord[]> {
    const matches = await matchAll(reader, voice.source, records.map((named) => ({ ...keyOf(named), digest: named.digest })));
    const [fresh, known, late]: [Matched[], (Matched & Placed)[], NamedRecord[]] = [[], [], []];
    const seen = new Set<number>();
    for (const [index, named] of records.entries()) {
      const match = matches[index] as Match;
      const { paperId } = match;
      if (paperId === null) fresh.push({ named, match });
      else if (seen.has(paperId)) late.push(named);
      else if (match.isSame) written.set(named, { paperId, outcome: 'unchanged', taken: [] });
      else known.push({ named, match, paperId });
      if (paperId !== null) seen.add(paperId);
    }
    const changed = await this.merge(reader, voice, known.map((item) => ({ paperId: item.paperId, named: withoutTaken(item) })));
    for (const { named, match, paperId } of known) {
      written.set(named, { paperId, outcome: changed.has(paperId) ? 'changed' : 'unchanged', taken: takenOf(match) });
    }
    const ids = await this.insert(reader, voice, fresh.map(withoutTaken));
    for (const [index, { named, match }] of fresh.entries()) written.set(named, { paperId: ids[index] ?? 0, outcome: 'added', taken: takenOf(match) });
    return late;
  }

  private async merge(reader: Reader, voice: Voice, known: readonly Placed[]): Promise<Set<number>> {
    if (known.length === 0) return new Set();
    const present = await readPresent(reader, known.map(({ paperId }) => paperId));
    const merges = known.map(({ named, paperId }) => {
      const { paper, origins } = present.get(paperId) as { paper: PresentPaper; origins: readonly OriginRow[] };
      return { paperId, named, paper, merge: mergeOf(paper, named.record, { ...voice, owners: ownersOf(origins), isPart: named.partOf != null }), origins };
    });
    const rows = merges.filter(({ merge }) => Object.keys(merge.columns).length > 0);
    await updatePapers(reader, rows.map(({ paperId, paper, merge }) => ({ paperId, ...merged(paper, merge) })));
    const bylines = merges.filter(({ merge }) => merge.takesAuthors).map(({ paperId, named }) => [paperId, named.record.authors] as const);
    const { tagWeights, links } = await this.resolveLinks(reader, known);
    const changes = [
      await this.services.authors.setBylines(reader, new Map(bylines)),
      await this.services.paperTags.raise(reader, tagWeights),
      // A repo that somebody called official stays so.
      await this.services.repos.link(reader, links.map((link) => ({ ...link, isOfficial: link.isOfficial === true ? true : null }))),
    ];
    await writeOrigins(reader, voice, merges.map(({ named, paperId, merge, origins }) => originOf(named, paperId, ownedBy(voice.source, merge, origins))));
    await giveFields(reader, voice.source, merges.map(({ paperId, merge }) => ({ paperId, fields: merge.owned })));
    return new Set([...rows.map(({ paperId }) => paperId), ...changes.flatMap((papers) => [...papers])]);
  }

  private async resolveLinks(reader: Reader, placed: readonly Placed[]): Promise<{ tagWeights: TagWeights; links: RepoLinks }> {
    const tagIds = await this.services.tags.resolve(reader, placed.flatMap(({ named }) => named.record.tags));
    const tagWeights = placed.flatMap(({ named, paperId }) =>
      named.record.tags.map(({ slug, weight }) => ({ paperId, tagId: tagIds.get(slug) ?? 0, weight })),
    );
    return { tagWeights, links: placed.flatMap(({ named, paperId }) => named.record.repos.map((repo) => ({ paperId, ...repo }))) };
  }
}

type TagWeights = { readonly paperId: number; readonly tagId: number; readonly weight: number }[];
type RepoLinks = ({ readonly paperId: number } & PaperRecord['repos'][number])[];

// The counters of new papers, as their links will be. See verify_paper_counters.
function countsOf(
  placed: readonly Placed[],
  { authorIds, tagWeights, links }: { readonly authorIds: readonly number[][]; readonly tagWeights: TagWeights; readonly links: RepoLinks },
): { namedAuthorCount: number; tagCount: number; repoCount: number }[] {
  const tags = distinctByPaper(tagWeights.map(({ paperId, tagId }) => [paperId, tagId]));
  const repos = distinctByPaper(links.map(({ paperId, address }) => [paperId, repoKey(address)]));
  return placed.map(({ paperId }, index) => ({
    namedAuthorCount: authorIds[index]?.length ?? 0,
    tagCount: tags.get(paperId)?.size ?? 0,
    repoCount: repos.get(paperId)?.size ?? 0,
  }));
}

function distinctByPaper<Key>(pairs: readonly (readonly [paperId: number, key: Key])[]): Map<number, Set<Key>> {
  const sets = new Map<number, Set<Key>>();
  for (const [paperId, key] of pairs) sets.set(paperId, (sets.get(paperId) ?? new Set()).add(key));
  return sets;
}

// What the first record of each paper is, as far as its own keys tell; title keys here are as coarse as the database's.
function firstOfEach(records: readonly NamedRecord[]): { now: NamedRecord[]; later: NamedRecord[] } {
  const seen = new Set<string>();
  const [now, later]: [NamedRecord[], NamedRecord[]] = [[], []];
  for (const named of records) {
    const { externalId, partOf, arxivId, doi, title } = keyOf(named);
    const keys = [`title ${(title ?? '').toLowerCase().replace(/[^\p{Letter}\p{Number}]+/gu, '')}`];
    if (externalId !== null) keys.push(`id ${externalId}`);
    if (partOf !== null) keys.push(`id ${partOf}`);
    if (arxivId !== null) keys.push(`arXiv ${arxivId}`);
    if (doi !== null) keys.push(`doi ${doi}`);
    (keys.some((key) => seen.has(key)) ? later : now).push(named);
    for (const key of keys) seen.add(key);
  }
  return { now, later };
}

function keyOf({ externalId, partOf = null, record }: NamedRecord): MatchKey & { readonly partOf: string | null } {
  return { externalId, partOf, arxivId: record.arxivId, doi: record.doi, title: record.title, firstAuthor: record.authors[0]?.name ?? null };
}

// The name of a paper that was merged into this one is no other's.
function takenOf({ takenBy, paperId: own }: Match): Written['taken'] {
  return (['arxivId', 'doi'] as const).flatMap((field) => {
    const paperId = takenBy[field];
    return paperId === null || paperId === own ? [] : [{ field, paperId }];
  });
}

function withoutTaken({ named, match: { takenBy } }: Matched): NamedRecord {
  if (takenBy.arxivId === null && takenBy.doi === null) return named;
  const { arxivId, doi } = named.record;
  return { ...named, record: { ...named.record, arxivId: takenBy.arxivId === null ? arxivId : null, doi: takenBy.doi === null ? doi : null } };
}

function merged(paper: PresentPaper, { columns }: Merge): PresentPaper {
  return { ...paper, ...columns, listedAt: columns.listedAt ?? paper.listedAt };
}

// What it takes now and what it had before and nobody took since.
function ownedBy(source: string, merge: Merge, origins: readonly OriginRow[]): MergedField[] {
  const had = origins.filter((origin) => origin.source === source).flatMap(({ fields }) => fields as MergedField[]);
  return [...new Set([...merge.owned, ...had])];
}

function originOf({ externalId, record, digest }: NamedRecord, paperId: number, fields: readonly MergedField[]) {
  return { externalId: externalId ?? `paper:${paperId}`, paperId, fields, facts: record.facts, digest };
}
