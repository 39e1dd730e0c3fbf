import { feedPath, type FeedFormat, type FeedName } from './feedAddress.js';
import type { Syndication } from './syndication.type.js';

/** Addresses of feeds as readers reach them. */
export class FeedUrls {
  constructor(private readonly publicUrl: string) {}

  home(): string {
    return `${this.publicUrl}/`;
  }

  one(name: FeedName, format: FeedFormat): string {
    return `${this.publicUrl}${feedPath(name, format)}`;
  }

  of(name: FeedName): Syndication {
    return { atomUrl: this.one(name, 'atom'), jsonFeedUrl: this.one(name, 'json') };
  }
}
