/** At most one event in this time a paper: a hundred votes a second are four events. */
const WINDOW_MS = 250;

interface Window {
  readonly timer: NodeJS.Timeout;
  hasMore: boolean;
}

/** Tells of a paper's votes at once, and of those that come shortly after when the window is over. */
export class VoteWindows {
  private readonly windows = new Map<number, Window>();

  constructor(private readonly tell: (paperId: number) => void) {}

  voted(paperId: number): void {
    const window = this.windows.get(paperId);
    if (window !== undefined) {
      window.hasMore = true;
      return;
    }
    this.tell(paperId);
    this.windows.set(paperId, { timer: setTimeout(() => { this.over(paperId); }, WINDOW_MS).unref(), hasMore: false });
  }

  clear(): void {
    for (const { timer } of this.windows.values()) clearTimeout(timer);
    this.windows.clear();
  }

  private over(paperId: number): void {
    const hasMore = this.windows.get(paperId)?.hasMore ?? false;
    this.windows.delete(paperId);
    if (hasMore) this.voted(paperId);
  }
}
