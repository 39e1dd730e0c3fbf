import { sql } from '../../src/database/database.js';
import { seedPapers, seedReader, seedUpvotes, type Reader, type SeededPaper } from './seed.js';
import type { TestServer } from './testServer.js';

/** Papers with and without each of their fields and edges, ties in every order, and texts that want escaping. */
export interface PaperWorld {
  /** The first submitted, upvoted, dismissed, follows and muted; the last has done nothing. */
  readonly readers: readonly Reader[];
  readonly papers: readonly SeededPaper[];
}

/** Texts that JSON, SQL or base64 write in a way of their own. */
export const ODD_TEXTS: readonly string[] = [
  `"quotes" and 'apostrophes'`, 'back\\slash \\" \\n \\u0041', 'line\nfeed\ttab\rreturn\b\f', 'control \u0001 \u001f \u007f \u0085', 'separators \u2028 \u2029 \ufeff here',
  'emoji 👩‍🔬 𝔸 é e\u0301 ﬁ', '<script>&amp;</script> $1 %s {} []', 'null', '漢'.repeat(200), 'x'.repeat(200),
];
const PAPERS = 30;

export async function seedPaperWorld(server: TestServer): Promise<PaperWorld> {
  const readers = [await seedReader(server), await seedReader(server), await seedReader(server, 'CURATOR'), await seedReader(server)];
  await server.database.prisma.user.update({ where: { id: readers[1]!.rowId }, data: { displayName: '"Ada" \\ 👩‍🔬' } });
  const papers = await seedPapers(server, Array.from({ length: PAPERS }, (_, n) => recordOf(n, readers)));
  const [first, second] = readers as [Reader, Reader];
  await seedUpvotes(server, papers.flatMap((paper, n) => readers.slice(0, n % 4).map((reader) => [reader, paper] as const)));
  for (const paper of papers.filter((_, n) => n % 4 === 0).slice(1, 4)) await server.services.dismissals.add(first.rowId, paper.rowId);
  for (const slug of ['tag-0', 'tag-2', 'common']) await server.services.follows.addTag(first.rowId, slug);
  for (const id of [1, 3, 4]) await server.services.follows.addAuthor(first.rowId, id);
  await server.services.follows.addAuthor(second.rowId, 1);
  await seedComments(server);
  await seedShelves(server, readers, papers);
  await server.services.mutes.addTag(first.rowId, 'tag-1');
  for (const id of [2, 6]) await server.services.mutes.addAuthor(first.rowId, id);
  await server.services.mutes.addTag(second.rowId, 'common');
  await seedClaims(server, readers);
  await seedSources(server);
  return { readers, papers };
}

/** Authors who are readers, one of them twice, and claims of each state. */
async function seedClaims({ database }: TestServer, [first, second, third]: readonly Reader[]): Promise<void> {
  const odd = ODD_TEXTS.slice(0, 4).join(' ');
  await database.rows(sql`
    INSERT INTO authorship_claims (user_id, author_id, state, note, evidence_url, created_at, resolved_at, resolver_id, resolution_note)
    SELECT x.user_id, x.author_id, x.state::claim_state, ${odd}, CASE WHEN x.author_id % 2 = 0 THEN 'https://example.org/?q=%22' END, timestamptz '2026-01-23Z' + x.author_id * interval '1 ms',
      CASE WHEN x.state <> 'PENDING' THEN timestamptz '2026-01-24Z' + x.author_id / 2 * interval '1 ms' END,
      CASE WHEN x.state IN ('CONFIRMED', 'REJECTED') THEN ${third!.rowId}::int4 END, CASE WHEN x.state = 'REJECTED' THEN ${odd} END
    FROM (VALUES (${first!.rowId}::int4, 1, 'CONFIRMED'), (${first!.rowId}, 2, 'CONFIRMED'), (${first!.rowId}, 3, 'CONFIRMED'), (${second!.rowId}, 4, 'CONFIRMED'), (${second!.rowId}, 1, 'REJECTED'),
      (${second!.rowId}, 5, 'PENDING'), (${first!.rowId}, 5, 'PENDING'), (${second!.rowId}, 6, 'WITHDRAWN')) x (user_id, author_id, state)`);
}

/** Who follows whom, collections of either kind, and libraries. */
async function seedShelves({ database, services }: TestServer, readers: readonly Reader[], papers: readonly SeededPaper[]): Promise<void> {
  const [first, second, third] = readers as [Reader, Reader, Reader];
  for (const [reader, followed] of [[first, second], [first, third], [second, first], [third, first]] as const) await services.follows.addUser(reader.rowId, followed.rowId);
  for (const [n, owner] of [first, first, second].entries()) {
    const description = n === 0 ? ODD_TEXTS.slice(0, 4).join(' ') : null;
    const { rowId } = await services.collections.create(owner.rowId, { name: `Shelf ${n} ${ODD_TEXTS[n]!}`, description, isPublic: n % 2 === 0 });
    await database.rows(sql`
      INSERT INTO collection_papers (collection_id, paper_id, position, note, added_at)
      SELECT ${rowId}, id, id % 7 + 0.1, CASE WHEN id % 2 = 0 THEN (${[...ODD_TEXTS.slice(0, 2)]}::text[])[1 + id % 4 / 2] END, timestamptz '2026-01-22Z' + id % 3 * interval '1 ms'
      FROM papers WHERE id % 3 = ${n}::int4 OR id % 5 = 0`);
  }
  await services.libraryEntries.setNote(first.rowId, papers[3]!.rowId, ODD_TEXTS.join('\n'));
  for (const [n, state] of (['UNREAD', 'READING', 'READ'] as const).entries()) await services.libraryEntries.setState(first.rowId, papers[5 + n]!.rowId, state);
  await services.libraryEntries.setNote(second.rowId, papers[5]!.rowId, 'Not for others');
}

/** What only sources tell: of some papers, authors, repos and tags, each field also left out. */
async function seedSources({ database }: TestServer): Promise<void> {
  const odd = [...ODD_TEXTS];
  await database.rows(sql`
    UPDATE papers SET doi = '10.1234/paper.' || id, arxiv_version = id % 7, withdrawn_at = CASE WHEN id % 6 = 3 THEN timestamptz '2026-01-20Z' + id * interval '1 hour' END
    WHERE id % 7 > 0`);
  await database.rows(sql`UPDATE authors SET orcid = '0000-0001-0000-' || lpad(id::text, 4, '0') WHERE id % 3 = 0`);
  await database.rows(sql`
    UPDATE repos SET license = CASE WHEN id % 2 = 0 THEN 'Apache-2.0' END, is_archived = CASE id % 3 WHEN 0 THEN true WHEN 1 THEN false END,
      refreshed_at = CASE WHEN id % 3 < 2 THEN timestamptz '2026-01-21T01:02:03.456Z' END`);
  await database.rows(sql`INSERT INTO tag_aliases (slug, tag_id) SELECT a || '-of-' || slug, id FROM tags, unnest(ARRAY['one', 'another']) a WHERE id % 2 = 1`);
  await database.rows(sql`
    INSERT INTO paper_origins (source, external_id, paper_id, fields, facts, digest, first_seen_at, changed_at)
    SELECT 'source-' || s, p.id || ' ' || ((${odd}::text[])[1 + p.id % ${odd.length}::int4]), p.id, CASE WHEN s > 0 THEN (ARRAY['title', 'abstract', 'doi'])[1:s - 1] END,
      CASE WHEN s <> 1 THEN jsonb_build_object('said', (${odd}::text[])[1 + (p.id + s) % ${odd.length}::int4], 'score', p.id / 8.0, 'no', NULL, 'list', jsonb_build_array(true, s, jsonb_build_object())) END,
      sha256(p.id::text::bytea), timestamptz '2026-01-20Z' + s * interval '1 ms', timestamptz '2026-01-21Z'
    FROM papers p, generate_series(0, 3) s WHERE p.id % 5 > s`);
}

function recordOf(n: number, readers: readonly Reader[]): Parameters<typeof seedPapers>[1][number] {
  const odd = ODD_TEXTS[n % ODD_TEXTS.length]!;
  return {
    title: `Paper ${n} about models: ${odd}`,
    listedOn: `2026-01-${String(1 + (n % 11)).padStart(2, '0')}`,
    arxivId: n % 5 === 0 ? null : `2601.${String(n).padStart(5, '0')}`,
    abstract: n % 3 === 0 ? null : `Graphs of ${n}.\n${odd}`,
    publishedOn: n % 4 === 0 ? null : `${1900 + 4 * n}-02-28`,
    projectUrl: n % 3 === 1 ? `https://example.org/${n}?q="é ü"#%20` : null,
    statedAuthorCount: n % 7 === 0 ? 12 : null,
    originUpvoteCount: n % 2 === 0 ? n : null,
    submittedById: n % 3 === 2 ? null : readers[n % 3]!.rowId,
    authors: Array.from({ length: n % 6 }, (_, place) => (place === 3 ? odd : `Author ${(n + place) % 8}`)),
    tags: [...(n % 2 === 0 ? [{ slug: `tag-${n % 4}`, weight: 1 }, { slug: 'rare', weight: 1.25e-7 }] : []), ...(n % 5 === 4 ? [] : [{ slug: 'common', weight: 0.1 + 0.2 }, { slug: 'models', weight: 1 }])],
    repos: Array.from({ length: n % 4 }, (_, place) => ({
      url: `https://github.com/Lab.${n % 3}/repo_${place}-${n % 5}`, isOfficial: place === 1, ...(place > 0 && { stars: 10 * (n % 2) }),
    })),
  };
}

/** Discussions of every third paper: deep, odd, edited, deleted, hidden and voted for. */
async function seedComments({ database }: TestServer): Promise<void> {
  const odd = ODD_TEXTS.map((text) => text.slice(0, 100));
  for (let depth = 0; depth < 4; depth += 1) {
    await database.rows(sql`
      INSERT INTO comments (paper_id, parent_id, user_id, body, created_at, edited_at)
      SELECT x.paper_id, x.parent_id, u.id, (${odd}::text[])[1 + (x.n * 7 + u.id) % ${odd.length}::int4], timestamptz '2026-02-01Z' + x.n * interval '1 hour', CASE WHEN x.n % 3 = 0 THEN timestamptz '2026-03-01Z' END
      FROM (SELECT id AS paper_id, NULL::int4 AS parent_id, id AS n FROM papers WHERE id % 3 = 0 AND ${depth} = 0 UNION ALL SELECT paper_id, id, id FROM comments WHERE depth = ${depth} - 1) x
      CROSS JOIN (SELECT id FROM users ORDER BY id LIMIT 3) u WHERE (x.n + u.id) % 3 <> ${depth} % 3`);
  }
  await database.rows(sql`INSERT INTO comment_upvotes (user_id, comment_id) SELECT u.id, c.id FROM comments c JOIN users u ON u.id <> c.user_id WHERE (c.id * 5 + u.id) % 4 = 0`);
  await database.rows(sql`UPDATE comments SET deleted_at = '2026-03-01Z', body = '' WHERE id % 5 = 0`);
  await database.rows(sql`UPDATE comments SET hidden_at = '2026-03-01Z' WHERE id % 7 = 0`);
  await database.rows(sql`INSERT INTO comment_mentions SELECT c.id, u.id FROM comments c, users u WHERE c.deleted_at IS NULL AND (c.id + u.id) % 3 = 0`);
}
