import { sql, type Sql } from '../database/database.js';
import { hasRole, type Viewer } from '../graphql/context.js';

// Lists read the view listed_papers, which has no hidden papers. Who asks for a paper by its id or name may be one who still
// sees it: its submitter, or a curator.

/** Papers `p` that the viewer may see by id; null for an anonymous request. */
export function isVisibleTo(viewer: Viewer | null): Sql {
  if (viewer === null) return sql`p.hidden_at IS NULL`;
  return hasRole(viewer, 'CURATOR') ? sql`true` : sql`(p.hidden_at IS NULL OR p.submitted_by_id = ${viewer.id})`;
}

/** The same of papers by their ids, where their rows are not read: hidden ones are few, and read once by papers_hidden_id_idx. */
export function isListedId(id: Sql): Sql {
  return sql`${id} <> ALL (ARRAY (SELECT h.id FROM papers h WHERE h.hidden_at IS NOT NULL))`;
}

/** Papers `p` that the viewer may see, where the database finds out who asks: see jsonStatement.ts. */
export const IS_VISIBLE = sql`(p.hidden_at IS NULL OR p.submitted_by_id = (SELECT id FROM viewer)
  OR EXISTS (SELECT FROM users u WHERE u.id = (SELECT id FROM viewer) AND u.role <> 'READER'))`;
