import { Adjacency } from './adjacency.js';
import { Ids } from './ids.js';
import { SharedStructure, grownSharedFloats, sharedFloats } from './sharedMemory.js';

/** What papers have in common beside readers: tags, or authors. Readers may follow a feature, or mute it. */
export class Features extends SharedStructure {
  readonly ids = new Ids();
  /** With weights, above 0, at most 1. */
  readonly ofPaper = new Adjacency(this.ids, { isWeighted: true });
  readonly papersOf: Adjacency;
  /** ln of the number of papers by feature, 0 for none: requests read it for each entry that they touch. */
  logPapers = sharedFloats(64);
  /** Features that a reader follows, by reader. */
  readonly followedBy = new Adjacency(this.ids);
  /** Features that a reader wants to see nothing of, by reader. */
  readonly mutedBy = new Adjacency(this.ids);

  constructor(papers: Ids) {
    super();
    this.papersOf = new Adjacency(papers);
  }

  intern(id: number): number {
    const index = this.ids.intern(id);
    while (this.papersOf.count <= index) this.papersOf.addList();
    this.logPapers = grownSharedFloats(this.logPapers, index + 1);
    return index;
  }

  /** Gives a paper the feature with a weight; null takes it. Whether that changed anything. */
  set(paper: number, feature: number, weight: number | null): boolean {
    const isChanged = weight === null ? this.ofPaper.remove(paper, feature) : this.ofPaper.set(paper, feature, weight);
    if (!isChanged) return false;
    if (weight === null) this.papersOf.remove(feature, paper);
    else this.papersOf.set(feature, paper);
    this.logPapers[feature] = Math.log(Math.max(1, this.papersOf.sizeOf(feature)));
    return true;
  }

  setFollow(reader: number, feature: number, isPresent: boolean): boolean {
    return isPresent ? this.followedBy.set(reader, feature) : this.followedBy.remove(reader, feature);
  }

  setMute(reader: number, feature: number, isPresent: boolean): boolean {
    return isPresent ? this.mutedBy.set(reader, feature) : this.mutedBy.remove(reader, feature);
  }

  addReader(): void {
    this.followedBy.addList();
    this.mutedBy.addList();
  }

  beginLoading(): void {
    for (const lists of [this.ofPaper, this.papersOf, this.followedBy, this.mutedBy]) lists.beginLoading();
  }

  endLoading(): void {
    for (const lists of [this.ofPaper, this.papersOf, this.followedBy, this.mutedBy]) lists.endLoading();
  }
}
