/** A word of the vocabulary that may have been meant. */
export interface Candidate {
  readonly word: string;
  readonly uses: number;
}

/** Of a word of up to four letters one may be wrong, of a longer one two. */
const SHORT = 4;

/** The candidate that differs in the fewest letters, of these the one that is used most; null where all differ in too many. */
export function nearestOf(word: string, candidates: readonly Candidate[]): Candidate | null {
  const most = Array.from(word).length <= SHORT ? 1 : 2;
  let best: { readonly candidate: Candidate; readonly distance: number } | null = null;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate.word);
    if (distance === 0 || distance > most) continue;
    if (best === null || distance < best.distance || (distance === best.distance && candidate.uses > best.candidate.uses)) best = { candidate, distance };
  }
  return best?.candidate ?? null;
}

/** How many letters must be added, left out, replaced or swapped with the next one (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  const [a, b] = [Array.from(from), Array.from(to)];
  let [beforeLast, last]: [number[], number[]] = [[], b.map((_, place) => place).concat(b.length)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(Math.min(replaced, at(last, j) + 1, at(row, j - 1) + 1, isSwapped ? at(beforeLast, j - 2) + 1 : Infinity));
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], place: number): number {
  return row[place] ?? Infinity;
}
