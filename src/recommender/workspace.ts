import { InfluenceScratch } from './influence.js';
import type { Parameters } from './parameters.js';
import { HistoryRows, Reached, System } from './scratch.js';
import { Tables } from './tables.js';
import type { TasteMatrix } from './tasteMatrix.js';
import { TrendOrder } from './trend.js';

/** What a request works with: the facts, what follows from them alone, and memory to write to. */
export interface Workspace {
  readonly matrix: TasteMatrix;
  readonly parameters: Parameters;
  readonly tables: Tables;
  readonly rows: HistoryRows;
  readonly reached: Reached;
  readonly system: System;
  readonly influence: InfluenceScratch;
  readonly trend: TrendOrder;
}

const workspaces = new WeakMap<TasteMatrix, Workspace>();

/** The workspace of a matrix, made ready for a request with these parameters. Requests are synchronous, so one will do. */
export function workspaceOf(matrix: TasteMatrix, parameters: Parameters): Workspace {
  const known = workspaces.get(matrix);
  const workspace: Workspace = known?.parameters === parameters ? known : {
    matrix,
    parameters,
    tables: new Tables(),
    rows: new HistoryRows(),
    reached: new Reached(),
    system: new System(),
    influence: new InfluenceScratch(),
    trend: new TrendOrder(matrix, parameters),
  };
  workspaces.set(matrix, workspace);
  workspace.tables.refresh(matrix, parameters);
  workspace.rows.fit(matrix.readerIds.length, matrix.tagIds.length);
  workspace.reached.begin(matrix.paperIds.length);
  workspace.system.fitMatrix(matrix.readerIds.length, matrix.tagIds.length);
  return workspace;
}
