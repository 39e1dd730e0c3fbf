import type { TagKind } from '../../generated/prisma/enums.js';
import type { RawTag } from '../../submissions/paperRecord.js';
import { slugOf } from '../../tags/slug.js';
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

/** A tag for each name of a closed list, aligned with it, also where several names make the same slug or none does. */
export function distinctTags(names: readonly string[]): RawTag[] {
  const slugs = names.map(slugOf);
  const taken = new Set(slugs);
  const seen = new Set<string>(['']);
  return names.map((name, index) => {
    let slug = slugs[index] ?? '';
    if (seen.has(slug)) {
      const base = slug === '' ? 'tag' : slug.slice(0, 60).replace(/-$/, '');
      for (let number = index; taken.has((slug = `${base}-${number}`)); ) number += names.length;
      taken.add(slug);
    }
    seen.add(slug);
    // A name may consist of signs, but not of nothing.
    const text = name.replace(/\s+/g, ' ').trim().slice(0, MAX_NAME_CHARACTERS);
    return { name: text === '' ? slug : text, kind: 'KEYWORD', slug };
  });
}

function brokenRule(name: string): string | null {
  if (name.length > MAX_NAME_CHARACTERS) return `must have at most ${MAX_NAME_CHARACTERS} characters`;
  // A tag's slug is made of these.
  return /[a-z0-9]/i.test(name.normalize('NFKD')) ? null : 'must have a Latin letter or a digit';
}
