import type { Fault } from '../source.js';

const MAX_ABSTRACT_CHARACTERS = 20_000;

/** An abstract that fits, or null; `leftOut` is told what was cut off. */
export function abstractOf(text: string | null | undefined, leftOut: Fault[]): string | null {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return null;
  if (trimmed.length > MAX_ABSTRACT_CHARACTERS) {
    leftOut.push({ field: 'abstract', rule: `must have at most ${MAX_ABSTRACT_CHARACTERS} characters: the rest is cut off`, received: trimmed.length });
  }
  return trimmed.slice(0, MAX_ABSTRACT_CHARACTERS).toWellFormed().replaceAll('\0', ' ');
}
