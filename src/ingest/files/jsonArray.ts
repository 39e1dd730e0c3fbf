import { JSONParser } from '@streamparser/json';
import { SourceError } from '../source.js';
import type { OpenedInput } from './input.js';

/** An element of an array. */
export interface Element {
  /** From 1. */
  readonly number: number;
  readonly value: unknown;
  /** What it takes in the unpacked file, to the nearest chunk. */
  readonly bytes: number;
}

// The largest rows of known files have some 30 KB. An element without end must not fill the memory.
const MAX_ELEMENT_BYTES = 16 * 1024 * 1024;
const SPACE = /^[\uFEFF\s]*/;

/**
 * The elements of a JSON array, one after the other. What is no JSON, or no array, ends in SourceError with the number
 * of the element, after all elements before it.
 */
export async function* elementsOf({ name, chunks }: OpenedInput): AsyncGenerator<Element> {
  const parser = new JSONParser({ paths: ['$.*'], keepStack: false, stringBufferSize: 64 * 1024 });
  const found: unknown[] = [];
  let number = 0;
  let failure: Error | null = null;
  parser.onValue = ({ value }) => { found.push(value); };
  parser.onError = (error) => { failure ??= error; };
  const error = (rule: string, received: string): SourceError => new SourceError(`${name} must be a JSON array: element ${number + 1} ${rule}, received: ${received}`);
  let isArray = false;
  let waiting = 0;
  for await (const chunk of chunks) {
    if (!isArray) isArray = startsArray(chunk, name);
    // The parser can go on after an error, with what it then makes of the rest.
    parser.write(chunk);
    waiting += chunk.length;
    const bytes = Math.ceil(waiting / Math.max(found.length, 1));
    if (found.length > 0) waiting = 0;
    for (const value of found.splice(0)) yield { number: (number += 1), value, bytes };
    const reason = failure as Error | null;
    if (reason !== null) throw error('must be JSON', reason.message);
    if (waiting > MAX_ELEMENT_BYTES) throw error(`must have at most ${MAX_ELEMENT_BYTES} bytes`, `more than ${waiting}`);
  }
  if (!parser.isEnded) throw error('or the end of the array must follow', 'the end of the file');
}

/** Whether the array begins in this first chunk of the file; false where it is white space alone. */
function startsArray(chunk: Uint8Array, name: string): boolean {
  const text = Buffer.from(chunk).toString('utf8').replace(SPACE, '');
  if (text === '') return false;
  if (!text.startsWith('[')) throw new SourceError(`${name} must be a JSON array, received ${JSON.stringify(text.slice(0, 40))} at its start`);
  return true;
}
