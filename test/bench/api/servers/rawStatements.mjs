// The fewest steps from tables to an answer: one statement an operation that gives the very text to send. Sets are read by
// `= ANY (ARRAY (…))`, which took 1.7 ms where a subselect for each paper took 2.4 to 4.1 ms; text is joined rather than
// built as JSON (0.61 against 0.71 ms a page of 20), and tags are looked up one by one, where the planner would hash all
// of them (0.49 against 0.61 ms).

const INSTANT = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;
const VIEWER = '(SELECT user_id FROM viewer)';
const SESSION = 'viewer AS (SELECT user_id FROM sessions WHERE token_hash = $1 AND expires_at > now())';
const OF_PAGE = 'ANY (ARRAY (SELECT id FROM page))';

const AUTHORS = `authors_of AS (
  SELECT l.paper_id, string_agg('{"name":' || to_json(a.name)::text || '}', ',' ORDER BY l.position) AS text
  FROM paper_authors l CROSS JOIN LATERAL (SELECT name FROM authors WHERE id = l.author_id OFFSET 0) a
  WHERE l.paper_id = ${OF_PAGE} AND l.position < 5 GROUP BY l.paper_id)`;

const TAGS = `tags_of AS (
  SELECT l.paper_id, string_agg('{"weight":' || l.weight::text || ',"node":{"slug":"' || t.slug || '","name":' || to_json(t.name)::text || '}}', ',' ORDER BY l.weight DESC, l.tag_id) AS text
  FROM paper_tags l CROSS JOIN LATERAL (SELECT slug, name FROM tags WHERE id = l.tag_id OFFSET 0) t
  WHERE l.paper_id = ${OF_PAGE} GROUP BY l.paper_id)`;

const REPOS = `repos_of AS (
  SELECT l.paper_id, string_agg('{"url":"https://' || r.host || '/' || r.owner || '/' || r.name || '","stars":' || coalesce(r.stars::text, 'null') || '}', ',' ORDER BY l.is_official DESC, coalesce(r.stars, -1) DESC, l.repo_id DESC) AS text
  FROM paper_repos l CROSS JOIN LATERAL (SELECT host, owner, name, stars FROM repos WHERE id = l.repo_id OFFSET 0) r
  WHERE l.paper_id = ${OF_PAGE} GROUP BY l.paper_id)`;

const VOTES = `votes_of AS (SELECT paper_id FROM upvotes WHERE user_id = ${VIEWER} AND paper_id = ${OF_PAGE})`;

/** Each answers with `text`, the body to send, and `viewer`, null where the token stands for nobody. $1: the token's hash. */
export const STATEMENTS = {
  feed: feedStatement(''),
  // $2 and $3: the last paper of the page before.
  feedAfter: feedStatement('WHERE (trending_score, id) < ($2::float8, $3::int4)'),
};

function feedStatement(where) {
  return `WITH ${SESSION},
    ${pageOf({ where, orderBy: 'trending_score DESC, id DESC' })},
    ${AUTHORS}, ${TAGS}, ${REPOS}, ${VOTES}
    SELECT '{"data":{"papers":{"nodes":[' || string_agg(
        '{"id":"' || p.id || '","title":' || to_json(p.title)::text || ',"upvoteCount":' || p.upvote_count
        || ',"listedAt":"' || to_char(p.listed_at AT TIME ZONE 'UTC', ${INSTANT})
        || '","viewerHasUpvoted":' || CASE WHEN v.paper_id IS NULL THEN 'false' ELSE 'true' END
        || ',"authors":{"nodes":[' || coalesce(a.text, '') || ']},"tags":{"edges":[' || coalesce(t.text, '')
        || ']},"repos":{"nodes":[' || coalesce(r.text, '') || ']}}', ',' ORDER BY p.trending_score DESC, p.id DESC)
      || '],"pageInfo":' || (SELECT text FROM page_info) || '}}}' AS text, ${VIEWER} AS viewer
    FROM page p LEFT JOIN authors_of a ON a.paper_id = p.id LEFT JOIN tags_of t ON t.paper_id = p.id
      LEFT JOIN repos_of r ON r.paper_id = p.id LEFT JOIN votes_of v ON v.paper_id = p.id`;
}

/** A page of 20 and whether there is more. Limits are literals: a parameter would have each call planned anew. */
function pageOf({ where, orderBy }) {
  return `found AS MATERIALIZED (SELECT id, title, upvote_count, listed_at, trending_score FROM papers ${where} ORDER BY ${orderBy} LIMIT 21),
    page AS MATERIALIZED (SELECT * FROM found ORDER BY ${orderBy} LIMIT 20),
    page_info AS (
      SELECT '{"hasNextPage":' || (SELECT count(*) > 20 FROM found)::text || ',"endCursor":"' || trending_score::text || '_' || id || '"}' AS text
      FROM page ORDER BY trending_score, id LIMIT 1)`;
}
