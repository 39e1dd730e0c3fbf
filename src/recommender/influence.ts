import type { System } from './scratch.js';
import { grownFloats, grownInts } from './typedArrays.js';

/** Memory of `influenceOf`. */
export class InfluenceScratch {
  /** Lower triangle of A, then of its factor, by rows; above the diagonal, columns of the factor's inverse. */
  square = new Float64Array(0);
  /** Entries of each row of R that members have, as linked lists. */
  head = new Int32Array(0);
  next = new Int32Array(0);
  member = new Int32Array(0);
  value = new Float64Array(0);

  fit({ members, rows, entries }: { readonly members: number; readonly rows: number; readonly entries: number }): void {
    this.square = grownFloats(this.square, members * members);
    this.head = grownInts(this.head, rows);
    this.next = grownInts(this.next, entries);
    this.member = grownInts(this.member, entries);
    this.value = grownFloats(this.value, entries);
  }
}

/**
 * φ_i = 1 / (g_i (A⁻¹)_ii) with A = G + λI on these places of the system alone, in their order. EASE divides by P_ii;
 * −y_i g_i takes 1 / P_ii ≈ g_i, and φ corrects that by the papers that compete with i. Solved at request time on the
 * leaders, so that there is no estimate to keep and none to go stale: + 0.0027 of nDCG@20 for 0.15 ms.
 */
export function influenceOf(system: System, members: readonly number[], scratch: InfluenceScratch): Float64Array {
  const size = members.length;
  gram(system, members, scratch);
  factorise(scratch.square, size);
  const inverse = inverseDiagonal(scratch.square, size);
  return inverse.map((value, k) => 1 / ((system.vectors.diagonal[members[k] as number] as number) * value));
}

function gram(system: System, members: readonly number[], scratch: InfluenceScratch): void {
  const { from, row, value } = system;
  const size = members.length;
  const entries = members.reduce((sum, a) => sum + (from[a + 1] as number) - (from[a] as number), 0);
  scratch.fit({ members: size, rows: system.rows, entries });
  const { square, head, next } = scratch;
  square.fill(0, 0, size * size);
  head.fill(-1, 0, system.rows);
  let used = 0;
  members.forEach((a, k) => {
    const end = from[a + 1] as number;
    for (let e = from[a] as number; e < end; e += 1) {
      const at = row[e] as number;
      const entry = value[e] as number;
      for (let x = head[at] as number; x >= 0; x = next[x] as number) {
        const cell = k * size + (scratch.member[x] as number);
        square[cell] = (square[cell] as number) + entry * (scratch.value[x] as number);
      }
      scratch.member[used] = k;
      scratch.value[used] = entry;
      next[used] = head[at] as number;
      head[at] = used++;
    }
    square[k * size + k] = system.vectors.diagonal[a] as number;
  });
}

/** Cholesky's factor in place, lower triangle by rows. */
function factorise(square: Float64Array, size: number): void {
  for (let i = 0; i < size; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      let sum = square[i * size + j] as number;
      for (let k = 0; k < j; k += 1) sum -= (square[i * size + k] as number) * (square[j * size + k] as number);
      square[i * size + j] = i === j ? Math.sqrt(sum) : sum / (square[j * size + j] as number);
    }
  }
}

/** (A⁻¹)_jj = Σ_i (L⁻¹)_ij², column j of L⁻¹ by forward substitution. */
function inverseDiagonal(square: Float64Array, size: number): Float64Array {
  const diagonal = new Float64Array(size);
  for (let j = 0; j < size; j += 1) {
    const first = 1 / (square[j * size + j] as number);
    let sum = first * first;
    for (let i = j + 1; i < size; i += 1) {
      let value = (square[i * size + j] as number) * first;
      for (let k = j + 1; k < i; k += 1) value += (square[i * size + k] as number) * (square[j * size + k] as number);
      value /= -(square[i * size + i] as number);
      square[j * size + i] = value;
      sum += value * value;
    }
    diagonal[j] = sum;
  }
  return diagonal;
}
