// Arrays that grow to twice their room, so that growing costs a constant time an element.

export function grownInts(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const next = new Int32Array(Math.max(length, array.length * 2));
  next.set(array);
  return next;
}

export function grownFloats(array: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  if (array.length >= length) return array;
  const next = new Float64Array(Math.max(length, array.length * 2));
  next.set(array);
  return next;
}

/**
 * The nth largest of the first `count` keys, n from 1, which it reorders: Hoare, "Algorithm 65: Find", 1961, with the
 * median of three as pivot.
 */
export function nthLargest(keys: Float64Array, count: number, n: number): number {
  const target = n - 1;
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = medianOf(keys[low] as number, keys[(low + high) >> 1] as number, keys[high] as number);
    let left = low;
    let right = high;
    while (left <= right) {
      while ((keys[left] as number) > pivot) left += 1;
      while ((keys[right] as number) < pivot) right -= 1;
      if (left > right) break;
      const key = keys[left] as number;
      keys[left] = keys[right] as number;
      keys[right] = key;
      left += 1;
      right -= 1;
    }
    if (target <= right) high = right;
    else if (target >= left) low = left;
    else break;
  }
  return keys[target] as number;
}

function medianOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
