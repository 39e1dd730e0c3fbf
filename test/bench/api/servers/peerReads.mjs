// What the peers without an ORM read: named prepared statements of lean columns, a DataLoader an edge.
import { createHash } from 'node:crypto';
import DataLoader from 'dataloader';

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const SCALARS = `id, title, upvote_count AS "upvoteCount", to_char(listed_at AT TIME ZONE 'UTC', ${INSTANT}) AS "listedAt",
  named_author_count AS "authorCount", tag_count AS "tagCount", repo_count AS "repoCount"`;
const KEYS = { TRENDING: ['trending_score', 'float8'], NEWEST: ['listed_at', 'timestamptz'] };

const OF_PAPERS = {
  authors: 'SELECT l.paper_id, a.name FROM paper_authors l JOIN authors a ON a.id = l.author_id WHERE l.paper_id = ANY ($1::int4[]) ORDER BY l.paper_id, l.position',
  tags: 'SELECT l.paper_id, l.weight, t.slug, t.name FROM paper_tags l JOIN tags t ON t.id = l.tag_id WHERE l.paper_id = ANY ($1::int4[]) ORDER BY l.paper_id, l.weight DESC, l.tag_id',
  repos: `SELECT l.paper_id, 'https://' || r.host || '/' || r.owner || '/' || r.name AS url, r.stars FROM paper_repos l JOIN repos r ON r.id = l.repo_id
    WHERE l.paper_id = ANY ($1::int4[]) ORDER BY l.paper_id, l.is_official DESC, coalesce(r.stars, -1) DESC, r.id DESC`,
  upvotes: `SELECT p.id AS paper_id, to_char(v.created_at AT TIME ZONE 'UTC', ${INSTANT}) AS "upvotedAt", u.username FROM unnest($1::int4[]) p (id)
    CROSS JOIN LATERAL (SELECT * FROM upvotes WHERE paper_id = p.id ORDER BY created_at DESC, user_id DESC LIMIT 10) v JOIN users u ON u.id = v.user_id
    ORDER BY p.id, v.created_at DESC, v.user_id DESC`,
};

export function createReads(pool) {
  const rows = async (name, text, values) => (await pool.query({ name, text, values })).rows;
  return {
    findViewer: (authorization) => findViewer(rows, authorization),
    /** One page; `after` is the cursor of the last paper before it. */
    papers: (page) => papersOf(rows, page),
    paper: async (id) => (await rows('paper', `SELECT ${SCALARS}, abstract FROM papers WHERE id = $1`, [id]))[0] ?? null,
    upvote: (viewerId, paperId) => rows('upvote', 'INSERT INTO upvotes (user_id, paper_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [viewerId, paperId]),
    /** The loaders of one request. */
    loaders: (viewerId) => ({
      ...Object.fromEntries(Object.entries(OF_PAPERS).map(([name, text]) => [name, new DataLoader(async (ids) => listsOf(ids, await rows(name, text, [ids])))])),
      viewerHasUpvoted: new DataLoader((ids) => upvotedAmong(rows, viewerId, ids)),
    }),
  };
}

async function findViewer(rows, authorization) {
  if (authorization == null) return null;
  const hash = createHash('sha256').update(authorization.replace('Bearer ', '')).digest();
  const [session] = await rows('viewer', 'SELECT user_id FROM sessions WHERE token_hash = $1 AND expires_at > now()', [hash]);
  return session?.user_id ?? null;
}

function papersOf(rows, { first, after, orderBy, text }) {
  const [key, type] = KEYS[orderBy];
  // A literal: as a parameter it would have each call planned anew.
  const limit = Math.min(first, 100) + 1;
  const [values, conditions] = [[], []];
  if (after != null) conditions.push(`(${key}, id) < ($${values.push(after.split('_')[0])}::${type}, $${values.push(after.split('_')[1])}::int4)`);
  if (text != null) conditions.push(`id IN (SELECT paper_id FROM paper_search WHERE vector @@ websearch_to_tsquery('english', $${values.push(text)}))`);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const statement = `SELECT ${SCALARS}, ${key}::text AS key FROM papers ${where} ORDER BY ${key} DESC, id DESC LIMIT ${limit}`;
  return rows(`papers ${key} ${after != null} ${text != null} ${limit}`, statement, values);
}

async function upvotedAmong(rows, viewerId, ids) {
  const found = await rows('votes', 'SELECT paper_id FROM upvotes WHERE user_id = $1 AND paper_id = ANY ($2::int4[])', [viewerId, ids]);
  const upvoted = new Set(found.map((row) => row.paper_id));
  return ids.map((id) => upvoted.has(id));
}

function listsOf(ids, rows) {
  const lists = new Map(ids.map((id) => [id, []]));
  for (const row of rows) lists.get(row.paper_id).push(row);
  return ids.map((id) => lists.get(id));
}
