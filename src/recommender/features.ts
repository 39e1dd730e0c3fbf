import { Adjacency } from './adjacency.js';
import { Ids } from './ids.js';
import { SharedStructure } from './sharedMemory.js';

/** What papers have in common beside readers: tags, or authors. Readers may follow a feature. */
export class Features extends SharedStructure {
  readonly ids = new Ids();
  /** With weights, above 0, at most 1. */
  readonly ofPaper = new Adjacency(this.ids, { isWeighted: true });
  readonly papersOf: Adjacency;
  /** Features that a reader follows, by reader. */
  readonly followedBy = new Adjacency(this.ids);

  constructor(papers: Ids) {
    super();
    this.papersOf = new Adjacency(papers);
  }

  intern(id: number): number {
    const index = this.ids.intern(id);
    while (this.papersOf.count <= index) this.papersOf.addList();
    return index;
  }

  /** Gives a paper the feature with a weight; null takes it. Whether that changed anything. */
  set(paper: number, feature: number, weight: number | null): boolean {
    if (weight === null) return this.ofPaper.remove(paper, feature) && this.papersOf.remove(feature, paper);
    if (!this.ofPaper.set(paper, feature, weight)) return false;
    this.papersOf.set(feature, paper);
    return true;
  }

  setFollow(reader: number, feature: number, isPresent: boolean): boolean {
    return isPresent ? this.followedBy.set(reader, feature) : this.followedBy.remove(reader, feature);
  }

  beginLoading(): void {
    for (const lists of [this.ofPaper, this.papersOf, this.followedBy]) lists.beginLoading();
  }

  endLoading(): void {
    for (const lists of [this.ofPaper, this.papersOf, this.followedBy]) lists.endLoading();
  }
}
