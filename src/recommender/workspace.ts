import type { Features } from './features.js';
import { InfluenceScratch } from './influence.js';
import { PapersAbove } from './papersAbove.js';
import { walkAuthorWeightFor, walkTagWeightFor, type Parameters } from './parameters.js';
import { HistoryLinks, Reached, RowMass, System } from './scratch.js';
import { Tables } from './tables.js';
import type { TasteMatrix } from './tasteMatrix.js';
import { TouchedRows } from './touchedRows.js';

/** How much a caller wants each side of a score to count; 1 as served, 0 not at all. */
export interface Weights {
  /** Tags and authors. */
  readonly tags: number;
  /** Other readers' upvotes. */
  readonly votes: number;
  readonly freshness: number;
  readonly diversity: number;
}

export const SERVED_WEIGHTS: Weights = Object.freeze({ tags: 1, votes: 1, freshness: 1, diversity: 1 });

/** Tags or authors, with what a request notes of them. */
export interface FeatureSpace {
  readonly kind: 'TAG' | 'AUTHOR';
  readonly features: Features;
  /** Next to the history. */
  readonly rows: RowMass;
  /** 1 for a feature that the reader follows. */
  followed: Uint8Array;
  readonly touched: TouchedRows;
  /** By place in the system: what scales a paper's features to `rowNorm`. */
  unit: Float64Array;
  readonly rowNorm: number;
  readonly walkWeightFor: (parameters: Parameters, votes: number) => number;
}

/** What a request works with: the facts, what follows from them alone, and memory to write to. */
export interface Workspace {
  readonly matrix: TasteMatrix;
  readonly parameters: Parameters;
  weights: Weights;
  readonly tables: Tables;
  /** Readers next to the history. */
  readonly readers: RowMass;
  readonly links: HistoryLinks;
  readonly spaces: readonly FeatureSpace[];
  readonly reached: Reached;
  readonly system: System;
  readonly influence: InfluenceScratch;
  readonly above: PapersAbove;
}

const workspaces = new WeakMap<TasteMatrix, Workspace>();

/** The workspace of a matrix, made ready for a request with these parameters. Requests are synchronous, so one will do. */
export function workspaceOf(matrix: TasteMatrix, parameters: Parameters, weights: Weights = SERVED_WEIGHTS): Workspace {
  const known = workspaces.get(matrix);
  const workspace = known?.parameters === parameters ? known : newWorkspace(matrix, parameters);
  workspaces.set(matrix, workspace);
  workspace.weights = weights;
  workspace.tables.refresh(matrix);
  workspace.readers.fit(matrix.readers.count);
  workspace.links.fit(matrix.readers.count);
  workspace.reached.begin(matrix.papers.count);
  workspace.system.touchedReaders.fit(matrix.readers.count);
  for (const space of workspace.spaces) fitSpace(space);
  return workspace;
}

function newWorkspace(matrix: TasteMatrix, parameters: Parameters): Workspace {
  const space = { followed: new Uint8Array(0), unit: new Float64Array(0) };
  return {
    matrix,
    parameters,
    weights: SERVED_WEIGHTS,
    tables: new Tables(parameters),
    readers: new RowMass(),
    links: new HistoryLinks(),
    spaces: [
      { ...space, kind: 'TAG', features: matrix.tags, rows: new RowMass(), touched: new TouchedRows(), rowNorm: parameters.tagRowNorm, walkWeightFor: walkTagWeightFor },
      { ...space, kind: 'AUTHOR', features: matrix.authors, rows: new RowMass(), touched: new TouchedRows(), rowNorm: parameters.authorRowNorm, walkWeightFor: walkAuthorWeightFor },
    ],
    reached: new Reached(),
    system: new System(),
    influence: new InfluenceScratch(),
    above: new PapersAbove(),
  };
}

function fitSpace(space: FeatureSpace): void {
  const { count } = space.features.ids;
  space.rows.fit(count);
  space.touched.fit(count);
  if (space.followed.length < count) space.followed = new Uint8Array(2 * count);
}
