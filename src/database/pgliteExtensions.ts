import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';

/** What PGlite must bring when it opens a database whose migrations create these extensions. */
export const EXTENSIONS = { pg_trgm };
