/** A feed before it is written in a format. All texts are plain. */
export interface FeedDocument {
  /** A tag: URI that stays the same. */
  readonly id: string;
  readonly title: string;
  readonly homeUrl: string;
  readonly selfUrl: string;
  readonly updatedAt: Date;
  readonly entries: readonly FeedEntry[];
}

export interface FeedEntry {
  /** A tag: URI that stays the same. */
  readonly id: string;
  readonly title: string;
  /** Where the paper can be read; null where it is not known. */
  readonly url: string | null;
  readonly publishedAt: Date;
  readonly updatedAt: Date;
  readonly authors: readonly string[];
  readonly tags: readonly { readonly slug: string; readonly name: string }[];
  readonly summary: string;
  readonly html: string;
}

const NOT_IN_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** Without what no XML can have, not even as a reference: most control characters, and halves of characters. */
export function withoutControls(text: string): string {
  return text.replace(NOT_IN_XML, '');
}

export function escapedHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
