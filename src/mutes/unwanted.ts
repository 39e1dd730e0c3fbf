import { sql, type Sql } from '../database/database.js';

// Each paper is looked up by itself, which OFFSET 0 says (see UPVOTE_PROJECTION): in the key (user_id, paper_id) of dismissals;
// its tags in the key (paper_id, tag_id) of paper_tags, and each of them in the key (user_id, tag_id) of tag_mutes; its authors
// likewise. What is asked of the viewer alone is asked once a statement, so that who dismissed and muted nothing pays for one
// look at each table, whatever the page: min() looks in the key, where EXISTS would read the table for a reader of many rows.

/** Whether the viewer muted a tag or an author of a paper; `viewer` and `paperId` are expressions. */
export function hasMuted(viewer: Sql, paperId: Sql): Sql {
  return sql`(${hasMutedOne(viewer, paperId, { mutes: sql`tag_mutes`, links: sql`paper_tags`, column: sql`tag_id` })}
    OR ${hasMutedOne(viewer, paperId, { mutes: sql`author_mutes`, links: sql`paper_authors`, column: sql`author_id` })})`;
}

interface Muted {
  readonly mutes: Sql;
  readonly links: Sql;
  readonly column: Sql;
}

function hasMutedOne(viewer: Sql, paperId: Sql, { mutes, links, column }: Muted): Sql {
  return sql`((SELECT min(${column}) FROM ${mutes} WHERE user_id = ${viewer}) IS NOT NULL AND EXISTS (SELECT FROM ${links} link
    WHERE link.paper_id = ${paperId} AND EXISTS (SELECT FROM ${mutes} mute WHERE mute.user_id = ${viewer} AND mute.${column} = link.${column} OFFSET 0) OFFSET 0))`;
}

/**
 * The condition on papers `p` that the viewer neither dismissed them nor muted a tag or an author of them: for lists that
 * bring papers which were not asked for by name. True for an anonymous viewer, who is null.
 */
export function notUnwantedBy(viewer: Sql): Sql {
  const hasDismissed = sql`((SELECT min(paper_id) FROM dismissals WHERE user_id = ${viewer}) IS NOT NULL
    AND EXISTS (SELECT FROM dismissals x WHERE x.user_id = ${viewer} AND x.paper_id = p.id OFFSET 0))`;
  return sql`NOT (${hasDismissed} OR ${hasMuted(viewer, sql`p.id`)})`;
}
