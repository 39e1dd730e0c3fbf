import type { Fault, Item } from '../source.js';
import type { OpenedInput } from './input.js';
import { type LineStart, linesOf } from './lines.js';
import type { Step } from './passes.js';

/** A line that holds something. */
export interface FullLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** `line 12` */
  readonly place: string;
}

/** A step for each line that is not empty; a line that is broken itself becomes a REJECT. */
export async function* lineSteps(opened: OpenedInput, start: LineStart, itemsOf: (line: FullLine) => readonly Item[]): AsyncGenerator<Step> {
  for await (const { number, text, fault, bytes, nextByte } of linesOf(opened, start)) {
    if (text?.trim() === '') continue;
    const place = `line ${number}`;
    const items = (): readonly Item[] => (text === null ? [rejected(place, fault)] : itemsOf({ number, text, place }));
    yield { records: number, nextByte, bytes, items };
  }
}

function rejected(place: string, fault: Fault | null): Item {
  return { kind: 'REJECT', place, title: null, fault: fault ?? { field: 'line', rule: 'must be text', received: null } };
}
