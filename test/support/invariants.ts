import { expect } from '@jest/globals';
import { sql, type Reader } from '../../src/database/database.js';

// What holds after whatever was done, by whom and how much at once.

/** Every counter beside the number of the rows that it counts, and what excludes each other; a row of the result is a fault. */
export const WRONG = sql`
  SELECT 'user' AS what, id, upvote_count::float8 AS counter FROM users u WHERE upvote_count <> (SELECT count(*) FROM upvotes JOIN listed_papers p ON p.id = paper_id WHERE user_id = u.id)
  UNION ALL SELECT 'paper upvotes', id, upvote_count FROM papers p WHERE upvote_count <> (SELECT count(*) FROM upvotes WHERE paper_id = p.id)
  UNION ALL SELECT 'paper flagged upvotes', id, flagged_upvote_count FROM papers p WHERE flagged_upvote_count <> (SELECT count(*) FROM upvotes WHERE paper_id = p.id AND flagged_at IS NOT NULL)
  UNION ALL SELECT 'upvoted and refused', paper_id, user_id FROM upvotes JOIN refused_upvotes USING (user_id, paper_id)
  UNION ALL SELECT 'paper authors', id, named_author_count FROM papers p WHERE named_author_count <> (SELECT count(*) FROM paper_authors WHERE paper_id = p.id)
  UNION ALL SELECT 'paper tags', id, tag_count FROM papers p WHERE tag_count <> (SELECT count(*) FROM paper_tags WHERE paper_id = p.id)
  UNION ALL SELECT 'paper repos', id, repo_count FROM papers p WHERE repo_count <> (SELECT count(*) FROM paper_repos WHERE paper_id = p.id)
  UNION ALL SELECT 'paper comments', id, comment_count FROM papers p WHERE comment_count <> (SELECT count(*) FROM comments c WHERE c.paper_id = p.id AND comment_is_shown(c))
  UNION ALL SELECT 'comment upvotes', id, upvote_count FROM comments c WHERE upvote_count <> (SELECT count(*) FROM comment_upvotes WHERE comment_id = c.id)
  UNION ALL SELECT 'replies', id, reply_count FROM comments c WHERE reply_count <> (SELECT count(*) FROM comments r WHERE r.parent_id = c.id AND comment_is_listed(r))
  UNION ALL SELECT 'author', id, paper_count FROM authors a WHERE paper_count <> (SELECT count(*) FROM paper_authors JOIN listed_papers p ON p.id = paper_id WHERE author_id = a.id)
  UNION ALL SELECT 'tag', id, paper_count FROM tags t WHERE paper_count <> (SELECT count(*) FROM paper_tags JOIN listed_papers p ON p.id = paper_id WHERE tag_id = t.id)
  UNION ALL SELECT 'repo', id, paper_count FROM repos r WHERE paper_count <> (SELECT count(*) FROM paper_repos JOIN listed_papers p ON p.id = paper_id WHERE repo_id = r.id)
  UNION ALL SELECT 'collection', id, paper_count FROM collections c WHERE paper_count <> (SELECT count(*) FROM collection_papers JOIN listed_papers p ON p.id = paper_id WHERE collection_id = c.id)
  UNION ALL SELECT 'author followers', id, follower_count FROM authors a WHERE follower_count <> (SELECT count(*) FROM author_follows WHERE author_id = a.id)
  UNION ALL SELECT 'tag followers', id, follower_count FROM tags t WHERE follower_count <> (SELECT count(*) FROM tag_follows WHERE tag_id = t.id)
  UNION ALL SELECT 'user followers', id, follower_count FROM users u WHERE follower_count <> (SELECT count(*) FROM user_follows WHERE followed_id = u.id)
  UNION ALL SELECT 'upvoted and dismissed', paper_id, user_id FROM upvotes JOIN dismissals USING (user_id, paper_id)
  UNION ALL SELECT 'followed and muted tag', tag_id, user_id FROM tag_follows JOIN tag_mutes USING (user_id, tag_id)
  UNION ALL SELECT 'followed and muted author', author_id, user_id FROM author_follows JOIN author_mutes USING (user_id, author_id)
  UNION ALL SELECT 'trend', id, trending_score FROM papers WHERE abs(trending_score
    - (log(1 + upvote_count - flagged_upvote_count::float8) + extract(epoch FROM listed_at - timestamptz '2020-01-01Z')::float8 / (3 * 86400))) > 1e-9`;

/** What the recommender learns from, as the tables have it; the log of changes tells the same. */
export const LEARNT = sql`
  SELECT concat_ws(' ', 'PAPER', id) AS key, extract(epoch FROM listed_at)::float8 AS value FROM listed_papers
  UNION ALL SELECT concat_ws(' ', 'TAG', paper_id, tag_id), weight FROM paper_tags
  UNION ALL SELECT concat_ws(' ', 'AUTHOR', paper_id, author_id), 1 FROM paper_authors
  UNION ALL SELECT concat_ws(' ', 'UPVOTE', paper_id, user_id), CASE WHEN flagged_at IS NULL AND unlearned_at IS NULL THEN 1 ELSE 0 END FROM upvotes
  UNION ALL SELECT concat_ws(' ', 'DISMISSAL', paper_id, user_id), 1 FROM dismissals
  UNION ALL SELECT concat_ws(' ', 'TAG_FOLLOW', tag_id, user_id), 1 FROM tag_follows
  UNION ALL SELECT concat_ws(' ', 'AUTHOR_FOLLOW', author_id, user_id), 1 FROM author_follows
  UNION ALL SELECT concat_ws(' ', 'TAG_MUTE', tag_id, user_id), 1 FROM tag_mutes
  UNION ALL SELECT concat_ws(' ', 'AUTHOR_MUTE', author_id, user_id), 1 FROM author_mutes`;
const LOG = sql`SELECT concat_ws(' ', kind, paper_id, author_id, tag_id, user_id) AS key, value, previous FROM changes ORDER BY id`;

interface Fact {
  readonly key: string;
  readonly value: number | null;
}

interface LoggedChange extends Fact {
  readonly previous: number | null;
}

/** What is there after all changes, each of which must say what was there before it. */
function replay(log: readonly LoggedChange[]): Map<string, number> {
  const state = new Map<string, number>();
  for (const { key, value, previous } of log) {
    if (previous !== (state.get(key) ?? null)) throw new Error(`${key} was ${state.get(key) ?? null}, and the log says ${previous}`);
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
  return state;
}

/** Expects the log to tell what the tables have. Where an account was deleted, its changes are in no log. */
export async function expectReplayable(database: Reader): Promise<void> {
  const tables = await database.rows<Fact>(LEARNT);
  const state = replay(await database.rows<LoggedChange>(LOG));
  expect(Object.fromEntries([...state].sort())).toEqual(Object.fromEntries(tables.map(({ key, value }) => [key, value] as const).sort()));
}
