import DataLoader from 'dataloader';
import { perRequest } from '../graphql/loaders.js';
import type { TasteService } from './taste.service.js';

export type TasteLoaders = ReturnType<typeof tasteLoaders>;

export function tasteLoaders(taste: TasteService) {
  // Of the viewer alone: one a request.
  return perRequest(() => ({ profileByReaderId: new DataLoader((ids: readonly number[]) => Promise.all(ids.map((id) => usable(taste, id)))) }));
}

/** What the recommender reads of a reader, as sets to look signals up in. */
async function usable(taste: TasteService, readerId: number) {
  const profile = await taste.profile(readerId);
  const { upvoted, dismissed, tags, authors } = profile;
  return { profile, upvoted: new Set(upvoted), dismissed: new Set(dismissed), tags: new Set(tags), authors: new Set(authors) };
}
