import { withoutControls, type FeedDocument } from './feedDocument.js';

/** The feed in JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). */
export function jsonFeedOf({ title, homeUrl, selfUrl, entries }: FeedDocument): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: withoutControls(title),
    home_page_url: homeUrl,
    feed_url: selfUrl,
    items: entries.map((entry) => ({
      id: entry.id,
      ...(entry.url !== null && { url: entry.url }),
      title: withoutControls(entry.title),
      content_html: withoutControls(entry.html),
      summary: withoutControls(entry.summary),
      date_published: entry.publishedAt.toISOString(),
      date_modified: entry.updatedAt.toISOString(),
      authors: entry.authors.map((name) => ({ name: withoutControls(name) })),
      tags: entry.tags.map(({ name }) => withoutControls(name)),
    })),
  });
}
