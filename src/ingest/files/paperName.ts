import { createHash } from 'node:crypto';
import { checkedArxivId } from '../../inputRules.js';

/** A title in the form in which two spellings of it are one: as the column `title_key`. */
export function titleKey(title: string): string {
  const lower = title.toLowerCase();
  return lower.replace(/[^\p{Letter}\p{Mark}\p{Number}]+/gu, '') || lower.trim();
}

/** Names a paper that its file gives no name: by its title, and by what else tells it from others of that title. */
export function titleName(title: string, besides = ''): string {
  const key = besides === '' ? titleKey(title) : `${titleKey(title)}\n${titleKey(besides)}`;
  return `title:${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
}

/** An arXiv id without its version, or null where the text is none. */
export function findArxivId(text: string | null | undefined): string | null {
  if (text == null) return null;
  try {
    return checkedArxivId('arxivId', text);
  } catch {
    return null;
  }
}
