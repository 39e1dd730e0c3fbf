import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';

/** By what a client tells that it has a document already. */
export interface Validators {
  /** Of the text itself: the same from every server. */
  readonly etag: string;
  /** Null within the second in which the document changed twice, which no date could tell. */
  readonly lastModified: Date | null;
}

interface Seen {
  readonly etag: string;
  readonly at: number;
}

const SECOND_MS = 1000;
const MOST_DOCUMENTS = 10_000;

/**
 * Since when documents are as they are: since this server first saw them so. What they say of themselves would not do, since
 * votes, tags and what drops out of a list change them too. After a start, or on another server, the date is later than it
 * could be, never earlier.
 */
export class DocumentHistory {
  private readonly seen = new LRUCache<string, Seen>({ max: MOST_DOCUMENTS });

  validatorsOf(key: string, text: string, now: Date): Validators {
    const etag = `"${createHash('sha256').update(text).digest('base64url')}"`;
    const known = this.seen.get(key);
    const second = Math.floor(now.getTime() / SECOND_MS) * SECOND_MS;
    const at = known === undefined ? second : known.etag === etag ? known.at : Math.max(second, known.at + SECOND_MS);
    this.seen.set(key, { etag, at });
    return { etag, lastModified: at <= now.getTime() ? new Date(at) : null };
  }
}

/** Whether a client that sent these headers has the document (RFC 9110, 13.2.2). */
export function isKnown(headers: { readonly 'if-none-match'?: string | undefined; readonly 'if-modified-since'?: string | undefined }, { etag, lastModified }: Validators): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) return tags.trim() === '*' || tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return lastModified !== null && !Number.isNaN(since) && lastModified.getTime() <= since;
}
