import type { Adjacency } from './adjacency.js';
import type { Ids } from './ids.js';
import type { TasteMatrix } from './tasteMatrix.js';

/**
 * 64 bits that are equal for matrices that say the same, whatever the order in which it came: the sum of the hashes of all
 * facts, taken from the arrays as they are, in both directions (Bellare and Micciancio, "A new paradigm for
 * collision-free hashing", EUROCRYPT 1997, with a hash for errors rather than for enemies). As 16 hexadecimal digits.
 */
export function checksumOf(matrix: TasteMatrix): string {
  const sum = new Sum();
  for (let paper = 0; paper < matrix.papers.count; paper += 1) {
    if (matrix.isLive(paper)) sum.add(1, [matrix.paperIdOf(paper), matrix.listedSeconds[paper] as number]);
  }
  addLists(sum, { salt: 2, of: matrix.readers, lists: matrix.papersOfReader, values: matrix.papers });
  addLists(sum, { salt: 3, of: matrix.papers, lists: matrix.readersOfPaper, values: matrix.readers });
  addLists(sum, { salt: 4, of: matrix.readers, lists: matrix.dismissedBy, values: matrix.papers });
  addLists(sum, { salt: 13, of: matrix.readers, lists: matrix.unlearnedBy, values: matrix.papers });
  [matrix.tags, matrix.authors].forEach((features, space) => {
    addLists(sum, { salt: 5 + 3 * space, of: matrix.papers, lists: features.ofPaper, values: features.ids });
    addLists(sum, { salt: 6 + 3 * space, of: features.ids, lists: features.papersOf, values: matrix.papers });
    addLists(sum, { salt: 7 + 3 * space, of: matrix.readers, lists: features.followedBy, values: features.ids });
    addLists(sum, { salt: 11 + space, of: matrix.readers, lists: features.mutedBy, values: features.ids });
  });
  return sum.toString();
}

interface Lists {
  /** Tells the kinds of facts apart. */
  readonly salt: number;
  readonly of: Ids;
  readonly lists: Adjacency;
  readonly values: Ids;
}

function addLists(sum: Sum, { salt, of, lists, values }: Lists): void {
  for (let list = 0; list < lists.count; list += 1) {
    const start = lists.start[list] as number;
    const end = start + lists.sizeOf(list);
    const id = of.ids[list] as number;
    for (let at = start; at < end; at += 1) sum.add(salt, [id, values.ids[lists.pool[at] as number] as number, lists.weightAt(at)]);
  }
}

const TWO_TO_32 = 4_294_967_296;

class Sum {
  private high = 0;
  private low = 0;
  private readonly float = new Float64Array(1);
  private readonly words = new Uint32Array(this.float.buffer);

  add(salt: number, numbers: readonly number[]): void {
    let [one, other] = [salt, ~salt];
    for (const number of numbers) {
      this.float[0] = number;
      for (const word of this.words) {
        one = mixed(one ^ word);
        other = mixed((other + word) ^ 0x9e3779b9);
      }
    }
    this.high = (this.high + (one >>> 0)) % TWO_TO_32;
    this.low = (this.low + (other >>> 0)) % TWO_TO_32;
  }

  toString(): string {
    return [this.high, this.low].map((half) => half.toString(16).padStart(8, '0')).join('');
  }
}

/** Appleby's finaliser of MurmurHash3. */
function mixed(word: number): number {
  let bits = word | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
