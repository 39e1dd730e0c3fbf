/** Of a reader: who sends the same twice, or thrice, is impatient; who sends it ten times has no use for ten answers. */
const MOST_OF_A_READER = 4;
/** Of all readers, on one server: an eighth of the places of its gate, as whoever waits holds one for as long as another mutation is slow. */
const MOST = 25;

/** Counts the requests that wait for others. */
export class Waiters {
  private readonly byReader = new Map<number, number>();
  private count = 0;

  /** Whether there is room for one more, which is taken until `leave`. */
  enter(readerId: number): boolean {
    const own = this.byReader.get(readerId) ?? 0;
    if (own >= MOST_OF_A_READER || this.count >= MOST) return false;
    this.byReader.set(readerId, own + 1);
    this.count += 1;
    return true;
  }

  leave(readerId: number): void {
    const own = this.byReader.get(readerId) ?? 0;
    if (own > 1) this.byReader.set(readerId, own - 1);
    else this.byReader.delete(readerId);
    this.count -= 1;
  }
}
