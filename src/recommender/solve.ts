import type { System } from './scratch.js';
import { gathered, throughRows } from './system.js';

/** Residuals this far below the history are rounding; further steps would divide it by itself. */
const SOLVED = 1e-28;

/**
 * EASE (Steck, WWW 2019) at request time: (G + λI) y = x, x the history, by conjugate gradients with the diagonal g
 * as preconditioner (Hestenes and Stiefel, 1952), from y = 0, on the system's papers alone. EASE's score of paper i is
 * −y_i / P_ii with P = (G + λI)⁻¹; `ridge` becomes −y_i g_i, which takes 1 / P_ii ≈ g_i, and influence.ts corrects it.
 *
 * Outside the history −y_i g_i is exactly Σ_{j≠i} G_ij π_j, `pi` being the search directions, each times its closing
 * weight: the terms of one pass through R are the terms of the whole solve.
 */
export function solve(system: System, steps: number): void {
  const { vectors, count, candidates } = system;
  const { y, diagonal, ridge, pi } = vectors;
  const { alphas, betas } = conjugateGradients(system, steps);
  pi.fill(0, 0, count);
  closingWeights(alphas, betas).forEach((theta, k) => {
    addTo(pi, { factor: theta, vector: system.directions[k] as Float64Array }, count);
  });
  for (let a = 0; a < candidates; a += 1) ridge[a] = -(y[a] as number) * (diagonal[a] as number);
}

function conjugateGradients(system: System, steps: number): { alphas: number[]; betas: number[] } {
  const { vectors, count } = system;
  const { y, p } = vectors;
  const alphas: number[] = [];
  const betas: number[] = [];
  const first = startAtHistory(system);
  let rho = first;
  for (let k = 0; k < steps && rho > first * SOLVED; k += 1) {
    throughRows(system, p, system.z);
    const alpha = rho / curvature(system);
    alphas.push(alpha);
    addTo(y, { factor: alpha, vector: p }, count);
    if (k === steps - 1) break;
    system.direction(k).set(p.subarray(0, count));
    const next = residualAfter(system, alpha);
    const beta = next / rho;
    betas.push(beta);
    rho = next;
    turn(vectors, beta, count);
  }
  return { alphas, betas };
}

/** y = 0, r = x, p = r / g; returns rᵀp. */
function startAtHistory({ vectors, count, candidates }: System): number {
  const { y, r, p, diagonal } = vectors;
  let rho = 0;
  for (let a = 0; a < count; a += 1) {
    const x = a < candidates ? 0 : 1;
    y[a] = 0;
    r[a] = x;
    p[a] = x / (diagonal[a] as number);
    rho += x * (p[a] as number);
  }
  return rho;
}

/** pᵀ(G + λI)p, with R p in z. */
function curvature({ vectors, z, rows, count }: System): number {
  const { p, ownDiagonal } = vectors;
  let sum = 0;
  for (let row = 0; row < rows; row += 1) sum += (z[row] as number) * (z[row] as number);
  for (let a = 0; a < count; a += 1) sum += (ownDiagonal[a] as number) * (p[a] as number) * (p[a] as number);
  return sum;
}

/** r ← r − α (G + λI) p, q = r / g; returns rᵀq. */
function residualAfter(system: System, alpha: number): number {
  const { vectors, z, count } = system;
  const { r, p, q, diagonal, ownDiagonal } = vectors;
  let rho = 0;
  for (let a = 0; a < count; a += 1) {
    const left = (r[a] as number) - alpha * (gathered(system, z, a) + (ownDiagonal[a] as number) * (p[a] as number));
    r[a] = left;
    q[a] = left / (diagonal[a] as number);
    rho += left * (q[a] as number);
  }
  return rho;
}

/** p ← q + β p */
function turn({ p, q }: System['vectors'], beta: number, count: number): void {
  for (let a = 0; a < count; a += 1) p[a] = (q[a] as number) + beta * (p[a] as number);
}

function addTo(target: Float64Array, { factor, vector }: { readonly factor: number; readonly vector: Float64Array }, count: number): void {
  for (let a = 0; a < count; a += 1) target[a] = (target[a] as number) + factor * (vector[a] as number);
}

/**
 * θ, the weight of each search direction but the last. With ρ = r_i and P = g_i p_i, for i outside the history
 * ρ₀ = P₀ = 0, ρ ← ρ − α_j (b_j + P_j) and P_{j+1} = ρ + β_j P_j, where b_j = Σ_{l≠i} G_il p_j,l: a scalar recursion,
 * linear in the b_j and the same for every paper, so that −g_i y_i = −Σ α_m P_m = Σ θ_j b_j.
 */
export function closingWeights(alphas: readonly number[], betas: readonly number[]): number[] {
  return alphas.slice(0, -1).map((alpha, j) => {
    let rho = -alpha;
    let direction = rho;
    let sum = (alphas[j + 1] as number) * direction;
    for (let m = j + 1; m + 1 < alphas.length; m += 1) {
      rho -= (alphas[m] as number) * direction;
      direction = rho + (betas[m] as number) * direction;
      sum += (alphas[m + 1] as number) * direction;
    }
    return -sum;
  });
}
