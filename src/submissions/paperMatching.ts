import { sql, type Reader } from '../database/database.js';

/** What names a paper; see `matchAll`. */
export interface MatchKey {
  readonly externalId: string | null;
  /** The name at the source of the paper that this tells more of. */
  readonly partOf?: string | null;
  readonly arxivId: string | null;
  readonly doi: string | null;
  readonly title: string | null;
  readonly firstAuthor: string | null;
}

/** The paper that a key names, or none; `isSame` where the source has said the very same of it before. */
export interface Match {
  readonly paperId: number | null;
  readonly isSame: boolean;
  /** Papers that also claim an id of the record, by field. */
  readonly takenBy: { readonly arxivId: number | null; readonly doi: number | null };
}

/** Shorter titles ("Introduction") say too little without an author. */
const MIN_TITLE_KEY_CHARACTERS = 12;
const MAX_SAME_TITLES = 50;
/** As long as a name in a byline may be. */
const MAX_NAME_CHARACTERS = 200;

interface KeyRow {
  readonly place: number;
  readonly byOrigin: number | null;
  readonly isSame: boolean | null;
  readonly byArxivId: number | null;
  readonly byDoi: number | null;
  /** The arXiv id of that paper. */
  readonly arxivIdOfDoi: string | null;
  /** The papers that those of these names were merged into, which have other names. */
  readonly mergedArxivId: number | null;
  readonly mergedDoi: number | null;
}

interface TitleRow {
  readonly place: number;
  readonly paperId: number;
  readonly arxivId: string | null;
  readonly doi: string | null;
  readonly firstAuthor: string | null;
  readonly keyLength: number;
}

/**
 * Finds the papers that keys name, aligned with `keys`: by the name at the source, by arXiv id, by DOI, then by title
 * (letters and digits, whatever their case) with the family name of the first author. Where one side has no byline, a title
 * of 12 letters is enough; papers with different arXiv ids or DOIs are never one.
 */
export async function matchAll(
  reader: Reader,
  source: string,
  keys: readonly (MatchKey & { readonly digest?: Buffer })[],
): Promise<Match[]> {
  const rows = await reader.rows<KeyRow>(sql`
    SELECT (x.place - 1)::int4 AS place, coalesce(o.paper_id, w.paper_id) AS "byOrigin", encode(o.digest, 'hex') = x.digest AS "isSame", a.id AS "byArxivId", d.id AS "byDoi", d.arxiv_id AS "arxivIdOfDoi",
      ma.paper_id AS "mergedArxivId", md.paper_id AS "mergedDoi"
    FROM unnest(${keys.map(({ externalId }) => externalId)}::text[], ${keys.map(({ digest }) => digest?.toString('hex') ?? null)}::text[],
      ${keys.map(({ partOf }) => partOf ?? null)}::text[], ${keys.map(({ arxivId }) => arxivId)}::text[], ${keys.map(({ doi }) => doi)}::text[])
      WITH ORDINALITY AS x (external_id, digest, part_of, arxiv_id, doi, place)
    LEFT JOIN paper_origins o ON o.source = ${source} AND o.external_id = x.external_id
    LEFT JOIN paper_origins w ON w.source = ${source} AND w.external_id = x.part_of
    LEFT JOIN papers a ON a.arxiv_id = x.arxiv_id
    LEFT JOIN papers d ON d.doi = x.doi
    LEFT JOIN merged_papers ma ON ma.arxiv_id = x.arxiv_id
    LEFT JOIN merged_papers md ON md.doi = x.doi`);
  const found = new Array<Match>(keys.length).fill({ paperId: null, isSame: false, takenBy: { arxivId: null, doi: null } });
  for (const { place, byOrigin, isSame, byArxivId, byDoi, arxivIdOfDoi, mergedArxivId, mergedDoi } of rows) {
    // Volumes, comments and replies share a DOI now and then: two arXiv ids are two papers.
    const isOther = byDoi !== null && differ(keys[place]?.arxivId ?? null, arxivIdOfDoi);
    const paperId = byOrigin ?? byArxivId ?? mergedArxivId ?? (isOther ? null : byDoi) ?? mergedDoi;
    const other = (id: number | null): number | null => (id === paperId ? null : id);
    found[place] = { paperId, isSame: isSame === true, takenBy: { arxivId: other(byArxivId) ?? mergedArxivId, doi: other(byDoi) ?? mergedDoi } };
  }
  for (const [place, paperId] of await matchTitles(reader, keys, found)) {
    const { takenBy } = found[place] as Match;
    found[place] = { paperId, isSame: false, takenBy: { ...takenBy, doi: takenBy.doi === paperId ? null : takenBy.doi } };
  }
  return found;
}

async function matchTitles(reader: Reader, keys: readonly MatchKey[], found: readonly Match[]): Promise<Map<number, number>> {
  const places = keys.flatMap(({ title }, place) => (found[place]?.paperId === null && title !== null ? [place] : []));
  if (places.length === 0) return new Map();
  const rows = await reader.rows<TitleRow>(sql`
    SELECT x.place, p.*, f.name AS "firstAuthor"
    FROM unnest(${places}::int4[], ${places.map((place) => keys[place]?.title ?? null)}::text[]) AS x (place, title)
    CROSS JOIN LATERAL (
      SELECT id AS "paperId", arxiv_id AS "arxivId", doi, char_length(title_key) AS "keyLength" FROM papers
      WHERE title_key = title_key(x.title) ORDER BY id LIMIT ${MAX_SAME_TITLES}::int4) p
    LEFT JOIN LATERAL (
      SELECT a.name FROM paper_authors l JOIN authors a ON a.id = l.author_id
      WHERE l.paper_id = p."paperId" ORDER BY l.position LIMIT 1) f ON true
    ORDER BY x.place, p."paperId"`);
  const matches = new Map<number, number>();
  for (const row of rows) {
    const key = keys[row.place];
    if (key !== undefined && !matches.has(row.place) && isOne(key, row)) matches.set(row.place, row.paperId);
  }
  return matches;
}

function isOne(key: MatchKey, row: TitleRow): boolean {
  if (differ(key.arxivId, row.arxivId) || differ(key.doi, row.doi)) return false;
  if (key.firstAuthor === null || row.firstAuthor === null) return row.keyLength >= MIN_TITLE_KEY_CHARACTERS;
  return familyNameOf(key.firstAuthor) === familyNameOf(row.firstAuthor);
}

function differ(one: string | null, other: string | null): boolean {
  return one !== null && other !== null && one !== other;
}

/** What bylines of one paper share, however they shorten: `J. R. Ångström` and `Ångström, Jane` → `angstrom`. */
export function familyNameOf(name: string): string {
  // The family name comes last, or before a comma; what is only said of it ("Jr.") is no part of it.
  const [family = ''] = name.replace(/\s+/g, ' ').slice(0, MAX_NAME_CHARACTERS).split(',');
  const words = family.trim().replace(/\s+(jr|sr|i{2,3}|iv)\.?$/i, '').normalize('NFKD').replace(/\p{Mark}/gu, '').toLowerCase().match(/[\p{Letter}\p{Number}'’-]+/gu) ?? [];
  return words.at(-1) ?? '';
}
