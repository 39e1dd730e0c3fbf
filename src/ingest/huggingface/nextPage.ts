import { z } from 'zod';
import type { Fault } from '../source.js';

/** The parameters of the page that follows, or what is wrong with the link to it; neither where the list ends. */
export interface NextPage {
  readonly search: string | null;
  readonly fault: Fault | null;
}

export interface AskedPage {
  readonly url: string;
  /** The header `Link` of the answer. */
  readonly link: string | undefined;
  readonly isFull: boolean;
}

/**
 * Where a list goes on: by the link with rel="next", which may only lead to the same list, since the token goes with each
 * request; without one, after a full page, by counting on.
 */
export function nextPage({ url, link, isFull }: AskedPage): NextPage {
  const target = link === undefined ? null : linkNamed('next', link);
  if (target !== null) {
    const next = URL.canParse(target, url) ? new URL(target, url) : null;
    const here = new URL(url);
    if (next !== null && next.origin === here.origin && next.pathname === here.pathname) return { search: next.search, fault: null };
    const fault = { field: 'Link', rule: `must lead to a page of ${here.origin}${here.pathname}`, received: target };
    return { search: isFull ? countedOn(url) : null, fault };
  }
  return { search: link === undefined && isFull ? countedOn(url) : null, fault: null };
}

/** The target of the first link with this relation, as RFC 8288 writes the header. */
function linkNamed(relation: string, header: string): string | null {
  for (const [, target, parameters] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    const [, relations = ''] = /;\s*rel\s*=\s*"?([^";,]*)/i.exec(parameters ?? '') ?? [];
    if (relations.toLowerCase().split(/\s+/).includes(relation)) return target ?? null;
  }
  return null;
}

function countedOn(url: string): string | null {
  const { searchParams } = new URL(url);
  const page = z.coerce.number().int().min(0).safeParse(searchParams.get('p') ?? '');
  if (!page.success) return null;
  searchParams.set('p', String(page.data + 1));
  return `?${searchParams.toString()}`;
}
