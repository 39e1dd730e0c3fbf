import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** Each name is a plan that every connection keeps, about 50 kB of the server's memory. */
const MOST_NAMES = 300;
/** Statements that are counted until they come often, and their characters together: a page with all edges has up to 20,000. */
const MOST_COUNTED = 2000;
const MOST_CHARACTERS = 8_000_000;
const USES_BEFORE_NAME = 5;

/**
 * Names for statements that come often, so that each connection parses and plans them once: half of the database's time
 * for a page. A name is for ever, as connections keep what they prepared; so only so many are given.
 */
export class StatementNames {
  private readonly names = new Map<string, string>();
  private readonly uses = new LRUCache<string, number>({ max: MOST_COUNTED, maxSize: MOST_CHARACTERS, sizeCalculation: (_, text) => text.length });

  /** The name to send a statement under; undefined for one that is not to be kept. */
  of(text: string): string | undefined {
    const name = this.names.get(text);
    if (name !== undefined || this.names.size === MOST_NAMES) return name;
    const used = (this.uses.get(text) ?? 0) + 1;
    if (used < USES_BEFORE_NAME) {
      this.uses.set(text, used);
      return undefined;
    }
    this.uses.delete(text);
    const made = `dp_${createHash('sha256').update(text).digest('base64url').slice(0, 24)}`;
    this.names.set(text, made);
    return made;
  }
}
