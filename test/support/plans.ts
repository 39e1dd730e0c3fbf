import type pg from 'pg';

/** A node of a plan as EXPLAIN (ANALYZE, FORMAT JSON) gives it. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

export interface RecordedStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** A plan for these very values, or the one that PostgreSQL keeps for all. */
export const PLAN_KINDS = ['custom', 'generic'] as const;
export type PlanKind = (typeof PLAN_KINDS)[number];

/** Runs a statement as a prepared one, under a plan of this kind, and gives the plan's nodes. */
export async function planOf(client: pg.Client, { text, values }: RecordedStatement, kind: PlanKind): Promise<PlanNode[]> {
  await client.query(`SET plan_cache_mode = force_${kind}_plan`);
  await client.query(`PREPARE planned AS ${text}`);
  try {
    const literals = values.map((value) => literal(client, value)).join(', ');
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE planned${values.length === 0 ? '' : `(${literals})`}`,
    );
    return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => nodesOf(Plan)));
  } finally {
    await client.query('DEALLOCATE planned');
  }
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function literal(client: pg.Client, value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`;
  if (Array.isArray(value)) return client.escapeLiteral(`{${value.map((item) => JSON.stringify(item)).join(',')}}`);
  return typeof value === 'string' ? client.escapeLiteral(value) : JSON.stringify(value);
}
