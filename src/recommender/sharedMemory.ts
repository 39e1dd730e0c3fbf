// Typed arrays in memory that threads share. They grow to twice their room, so that growing costs a constant time an
// element; pages that nothing was written to take no memory.

type Numbers = Int32Array | Float64Array;

export function sharedInts(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}

export function sharedFloats(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}

/** The array, or a larger one with the same beginning where it is shorter than `length`. */
export function grownSharedInts(array: Int32Array, length: number): Int32Array {
  if (array.length >= length) return array;
  const next = sharedInts(Math.max(length, array.length * 2));
  next.set(array);
  return next;
}

export function grownSharedFloats(array: Float64Array, length: number): Float64Array {
  if (array.length >= length) return array;
  const next = sharedFloats(Math.max(length, array.length * 2));
  next.set(array);
  return next;
}

/** The typed arrays of a structure by the names of its fields, and those of the structures in it. */
export interface Parts {
  readonly [field: string]: Numbers | Parts;
}

/**
 * A structure whose state is typed arrays and other such structures, all in enumerable fields: so another thread can
 * work on the same memory. What a structure only refers to stands in a private (#) field, which is not enumerable.
 */
export abstract class SharedStructure {
  /** The arrays as they are: they go to another thread without a copy. */
  parts(): Parts {
    const parts: Record<string, Numbers | Parts> = {};
    for (const [field, value] of Object.entries(this)) {
      if (value instanceof SharedStructure) parts[field] = value.parts();
      else if (isNumbers(value)) parts[field] = value;
    }
    return parts;
  }

  /** Takes the arrays of another structure of this kind for its own. */
  attach(parts: Parts): void {
    for (const [field, value] of Object.entries(this)) {
      const part = parts[field];
      if (value instanceof SharedStructure && part !== undefined && !isNumbers(part)) value.attach(part);
    }
    Object.assign(this, Object.fromEntries(Object.entries(parts).filter(([, part]) => isNumbers(part))));
  }

  /** Bytes of all arrays, also of pages that were never written to. */
  byteLength(): number {
    return bytesOf(this.parts());
  }
}

/** The same contents in memory of its own. */
export function copiedParts(parts: Parts): Parts {
  return mapParts(parts, (array) => {
    const copy = array instanceof Int32Array ? sharedInts(array.length) : sharedFloats(array.length);
    copy.set(array);
    return copy;
  });
}

/** Whether both are the same memory. */
export function areSameParts(one: Parts, other: Parts): boolean {
  return Object.entries(one).every(([field, part]) => {
    const counterpart = other[field];
    if (counterpart === undefined) return false;
    if (isNumbers(part)) return isNumbers(counterpart) && part.buffer === counterpart.buffer;
    return !isNumbers(counterpart) && areSameParts(part, counterpart);
  });
}

function mapParts(parts: Parts, map: (array: Numbers) => Numbers): Parts {
  return Object.fromEntries(Object.entries(parts).map(([field, part]) => [field, isNumbers(part) ? map(part) : mapParts(part, map)]));
}

function bytesOf(parts: Parts): number {
  return Object.values(parts).reduce<number>((sum, part) => sum + (isNumbers(part) ? part.byteLength : bytesOf(part)), 0);
}

function isNumbers(value: unknown): value is Numbers {
  return value instanceof Int32Array || value instanceof Float64Array;
}
