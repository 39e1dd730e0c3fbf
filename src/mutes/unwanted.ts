import { sql, type Sql } from '../database/database.js';

// Of each paper its own tags are looked up, in the key (paper_id, tag_id) of paper_tags, and each of them in the key (user_id,
// tag_id) of tag_mutes; the same of authors. OFFSET 0: see UPVOTE_PROJECTION. What is asked of the viewer alone is asked once
// a statement: a reader without mutes pays for a look at each table, an anonymous one likewise.

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
  return sql`(EXISTS (SELECT FROM ${mutes} WHERE user_id = ${viewer} OFFSET 0) AND EXISTS (SELECT FROM ${links} x
    WHERE x.paper_id = ${paperId} AND EXISTS (SELECT FROM ${mutes} m WHERE m.user_id = ${viewer} AND m.${column} = x.${column} OFFSET 0) OFFSET 0))`;
}

/**
 * The condition on papers `p` that the viewer neither dismissed them nor muted a tag or an author of them: for lists that
 * bring papers which were not asked for by name. True for an anonymous viewer, who is null.
 */
export function notUnwantedBy(viewer: Sql): Sql {
  return sql`(NOT EXISTS (SELECT FROM dismissals x WHERE x.user_id = ${viewer} AND x.paper_id = p.id OFFSET 0) AND NOT ${hasMuted(viewer, sql`p.id`)})`;
}
