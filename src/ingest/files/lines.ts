import type { Fault } from '../source.js';
import type { OpenedInput } from './input.js';

/** A line of a file, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** Null where the line breaks a rule that each line has. */
  readonly text: string | null;
  readonly fault: Fault | null;
  /** What it takes in the unpacked file, its end included. */
  readonly bytes: number;
  /** Where the next line begins; null where a file cannot be entered there. */
  readonly nextByte: number | null;
}

/** Where reading begins: after that many lines. */
export interface LineStart {
  readonly lines: number;
  readonly byte: number;
}

export const MAX_LINE_CHARACTERS = 1_000_000;
// A character of JavaScript's takes 3 bytes of UTF-8 at most. More is not kept, so that no line fills the memory.
const MAX_LINE_BYTES = MAX_LINE_CHARACTERS * 3;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const MARK = [0xef, 0xbb, 0xbf];
const SHOWN_CHARACTERS = 80;

/** The lines of a file, ended by LF or CRLF, the last one with or without an end; a byte order mark is passed over. */
export async function* linesOf(opened: OpenedInput, start: LineStart): AsyncGenerator<Line> {
  let number = start.lines;
  let byte = start.byte;
  let kept: Uint8Array[] = [];
  let length = 0;
  const finish = (bytes: number): Line => {
    number += 1;
    byte += bytes;
    const whole = kept.length === 1 ? (kept[0] as Uint8Array) : Buffer.concat(kept);
    const line = { number, ...textOf(whole, length, number), bytes, nextByte: opened.canSeek ? byte : null };
    kept = [];
    length = 0;
    return line;
  };
  for await (const chunk of opened.chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      kept.push(chunk.subarray(from, end));
      length += end - from;
      from = end + 1;
      yield finish(length + 1);
    }
    const rest = chunk.subarray(from);
    if (rest.length > 0 && length <= MAX_LINE_BYTES) kept.push(rest);
    length += rest.length;
  }
  if (length > 0) yield finish(length);
}

/** The text of a line of `length` bytes, of which `bytes` are known. */
function textOf(bytes: Uint8Array, length: number, number: number): { text: string | null; fault: Fault | null } {
  const from = number === 1 && MARK.every((part, index) => bytes[index] === part) ? MARK.length : 0;
  const to = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
  const refused = (rule: string, received: unknown): { text: null; fault: Fault } => ({ text: null, fault: { field: 'line', rule, received } });
  const tooLong = `must have at most ${MAX_LINE_CHARACTERS} characters`;
  if (length > MAX_LINE_BYTES) return refused(tooLong, `${length} bytes`);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
  if (text.length > MAX_LINE_CHARACTERS) return refused(tooLong, text.length);
  // Only a text with replacement characters can have come from bytes that are none: the dear check is for those.
  if (text.includes('\uFFFD') && !isText(bytes.subarray(from, to))) return refused('must be text in UTF-8', text.slice(0, SHOWN_CHARACTERS));
  return { text, fault: null };
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
