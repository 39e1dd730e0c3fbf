import { readFile } from 'node:fs/promises';
import type pg from 'pg';

/** How large a community is: see community.sql. */
export interface CommunitySize {
  readonly papers: number;
  readonly readers: number;
}

/** Fills a migrated database of a PostgreSQL server. */
export async function fillCommunity(client: pg.Client, { papers, readers }: CommunitySize): Promise<void> {
  const script = await readFile(new URL('./community.sql', import.meta.url), 'utf8');
  await client.query(`SET community.papers = ${papers}; SET community.readers = ${readers}`);
  await client.query(script);
  await client.query('VACUUM (ANALYZE)');
}
