import XmlBuilder from 'fast-xml-builder';
import { withoutControls, type FeedDocument, type FeedEntry } from './feedDocument.js';

const builder = new XmlBuilder({ ignoreAttributes: false, attributeNamePrefix: '@', suppressEmptyNode: true });

/** The feed in Atom (RFC 4287). */
export function atomOf({ id, title, homeUrl, selfUrl, updatedAt, entries }: FeedDocument): string {
  const feed = {
    '@xmlns': 'http://www.w3.org/2005/Atom',
    id,
    title: withoutControls(title),
    updated: updatedAt.toISOString(),
    // Of entries whose authors are not known.
    author: { name: 'Daily Papers', uri: homeUrl },
    generator: 'Daily Papers',
    link: [
      { '@rel': 'self', '@type': 'application/atom+xml', '@href': selfUrl },
      { '@rel': 'alternate', '@type': 'text/html', '@href': homeUrl },
    ],
    entry: entries.map(entryOf),
  };
  return `<?xml version="1.0" encoding="utf-8"?>\n${builder.build({ feed })}\n`;
}

function entryOf({ id, title, url, publishedAt, updatedAt, authors, tags, summary, html }: FeedEntry): object {
  return {
    id,
    title: withoutControls(title),
    published: publishedAt.toISOString(),
    updated: updatedAt.toISOString(),
    author: authors.map((name) => ({ name: withoutControls(name) })),
    category: tags.map(({ slug, name }) => ({ '@term': slug, '@label': withoutControls(name) })),
    ...(url !== null && { link: { '@rel': 'alternate', '@href': withoutControls(url) } }),
    summary: withoutControls(summary),
    content: { '@type': 'html', '#text': withoutControls(html) },
  };
}
