/**
 * Who upvoted what and what each paper is about, as the recommender sees it: dense indices inside, the caller's ids at
 * the border. Changes apply in place, in the order in which they happened; applying one twice changes nothing.
 */
export class TasteMatrix {
  private readonly paperIndex = new Map<number, number>();
  private readonly readerIndex = new Map<number, number>();
  private readonly tagIndex = new Map<number, number>();

  /** Ids by index. */
  readonly paperIds: number[] = [];
  readonly readerIds: number[] = [];
  readonly tagIds: number[] = [];

  /** Time of listing in seconds since 1970 by paper; NaN for a paper that was removed. */
  readonly listedSeconds: number[] = [];
  /** Readers who upvoted a paper, and papers that a reader upvoted: unordered, without repetition. */
  readonly readersOfPaper: number[][] = [];
  readonly papersOfReader: number[][] = [];
  /** Tags of a paper with their weights, and papers of a tag. */
  readonly tagsOfPaper: Map<number, number>[] = [];
  readonly papersOfTag: number[][] = [];

  private livePapers = 0;

  /** Number of papers that were listed and not removed. */
  get paperCount(): number {
    return this.livePapers;
  }

  /** Index of a paper that is there; -1 otherwise. */
  paperAt(id: number): number {
    const index = this.paperIndex.get(id);
    return index === undefined || !this.isLive(index) ? -1 : index;
  }

  tagAt(id: number): number {
    return this.tagIndex.get(id) ?? -1;
  }

  isLive(paper: number): boolean {
    return !Number.isNaN(this.listedSeconds[paper] ?? NaN);
  }

  /** Papers upvoted by a reader, by index; empty for an unknown one. */
  historyOf(readerId: number): readonly number[] {
    const reader = this.readerIndex.get(readerId);
    return reader === undefined ? [] : (this.papersOfReader[reader] ?? []);
  }

  /** Lists a paper at this time; null removes it. Its votes and tags are removed by changes of their own. */
  setPaper(paperId: number, listedSeconds: number | null): void {
    const paper = this.internPaper(paperId);
    const wasLive = this.isLive(paper);
    this.listedSeconds[paper] = listedSeconds ?? NaN;
    this.livePapers += Number(listedSeconds !== null) - Number(wasLive);
  }

  setUpvote(readerId: number, paperId: number, isPresent: boolean): void {
    const reader = this.internReader(readerId);
    const paper = this.internPaper(paperId);
    setMember(this.papersOfReader[reader] as number[], paper, isPresent);
    setMember(this.readersOfPaper[paper] as number[], reader, isPresent);
  }

  /** Gives a paper a tag with this weight; null takes it. */
  setTag(paperId: number, tagId: number, weight: number | null): void {
    const paper = this.internPaper(paperId);
    const tag = this.internTag(tagId);
    const tags = this.tagsOfPaper[paper] as Map<number, number>;
    setMember(this.papersOfTag[tag] as number[], paper, weight !== null);
    if (weight === null) tags.delete(tag);
    else tags.set(tag, weight);
  }

  private internPaper(id: number): number {
    return intern({ indexOf: this.paperIndex, ids: this.paperIds }, id, () => {
      this.listedSeconds.push(NaN);
      this.readersOfPaper.push([]);
      this.tagsOfPaper.push(new Map());
    });
  }

  private internReader(id: number): number {
    return intern({ indexOf: this.readerIndex, ids: this.readerIds }, id, () => this.papersOfReader.push([]));
  }

  private internTag(id: number): number {
    return intern({ indexOf: this.tagIndex, ids: this.tagIds }, id, () => this.papersOfTag.push([]));
  }
}

interface Interned {
  readonly indexOf: Map<number, number>;
  /** By index. */
  readonly ids: number[];
}

function intern({ indexOf, ids }: Interned, id: number, addRow: () => void): number {
  const known = indexOf.get(id);
  if (known !== undefined) return known;
  const index = ids.length;
  indexOf.set(id, index);
  ids.push(id);
  addRow();
  return index;
}

function setMember(members: number[], member: number, isPresent: boolean): void {
  const place = members.indexOf(member);
  if (isPresent && place < 0) members.push(member);
  if (!isPresent && place >= 0) {
    members[place] = members[members.length - 1] as number;
    members.pop();
  }
}
