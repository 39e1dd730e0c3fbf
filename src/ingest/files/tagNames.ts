import type { TagKind } from '../../generated/prisma/enums.js';
import type { RawTag } from '../../submissions/paperRecord.js';
import type { Fault } from '../source.js';

const MAX_NAME_CHARACTERS = 80;

/** Tags by name, each once; names that no tag can have are left out, which `leftOut` is told. */
export function tagsOf(names: readonly string[], kind: TagKind, leftOut: Fault[]): RawTag[] {
  const tidied = new Set(names.map((name) => name.replace(/\s+/g, ' ').trim()).filter((name) => name !== ''));
  return Array.from(tidied).flatMap((name) => {
    const rule = brokenRule(name);
    if (rule === null) return [{ name, kind, weight: 1 }];
    leftOut.push({ field: 'tags', rule, received: name.slice(0, 200) });
    return [];
  });
}

function brokenRule(name: string): string | null {
  if (name.length > MAX_NAME_CHARACTERS) return `must have at most ${MAX_NAME_CHARACTERS} characters`;
  // A tag's slug is made of these.
  return /[a-z0-9]/i.test(name.normalize('NFKD')) ? null : 'must have a Latin letter or a digit';
}
