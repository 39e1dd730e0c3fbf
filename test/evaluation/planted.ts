import { buildDataset, type Dataset, type DatasetParts, type Vote } from '../../src/evaluation/dataset.js';
import { randomSplit } from '../../src/evaluation/splits.js';
import { chance } from '../support/random.js';

// Readers a–d like papers 0–2, readers e–h papers 3–5; each has one of the other group's in nobody's library.
export const LIBRARIES = ['0 1', '0 1 2', '1 2', '0 2', '3 4', '3 4 5', '4 5', '3 5'];
export const votes: Vote[] = LIBRARIES.flatMap((papers, reader) => papers.split(' ').map((paper, time) => ({ reader: String(reader), paper, time })));
export const tags = [0, 1, 2, 3, 4, 5].map((paper) => ({ paper: String(paper), tag: paper < 3 ? 'left' : 'right' }));

export const READERS = 60;
export const PAPERS = 120;

/** Two communities: who belongs to one reads its papers, the better known ones more, and few of the other's. */
export function plantedVotes(seed: number): Vote[] {
  const random = chance(seed);
  return Array.from({ length: READERS }, (_, reader) =>
    Array.from({ length: PAPERS }, (_unused, paper): Vote => ({ reader: String(reader), paper: String(paper), time: random.below(1000) })).filter((vote) => {
      const isOwn = Number(vote.paper) % 2 === reader % 2;
      return random.number() < (isOwn ? 0.7 * Math.exp(-Number(vote.paper) / 40) : 0.02);
    }),
  ).flat();
}

/** Three tags a paper out of its community's eight. */
export function plantedTags(seed: number): DatasetParts['tags'] {
  const random = chance(seed);
  return Array.from({ length: PAPERS }, (_, paper) => random.sample([0, 1, 2, 3, 4, 5, 6, 7], 3).map((tag) => ({ paper: String(paper), tag: `${paper % 2}-${tag}` }))).flat();
}

/** A fifth of each reader's votes held out; `change` puts other parts in their place. */
export function plantedSet(seed: number, change: (parts: DatasetParts) => Partial<DatasetParts> = () => ({})): Dataset {
  const { train, test } = randomSplit(plantedVotes(seed), 0.2, seed);
  const parts: DatasetParts = { train, test, tags: plantedTags(seed) };
  return buildDataset({ ...parts, ...change(parts) });
}

/** A set by hand: `libraries[u]` and `tags[i]` are the papers of a reader and the tags of a paper. */
export function setOf(libraries: readonly (readonly number[])[], { tags = [], held = [] }: { tags?: readonly (readonly string[])[]; held?: readonly (readonly number[])[] } = {}): Dataset {
  const votes = (lists: readonly (readonly number[])[]): Vote[] =>
    lists.flatMap((papers, reader) => papers.map((paper) => ({ reader: String(reader), paper: String(paper), time: null })));
  return buildDataset({ train: votes(libraries), test: votes(held), tags: tags.flatMap((list, paper) => list.map((tag) => ({ paper: String(paper), tag }))) });
}
