/** Why a stream ended that its client did not end. */
export class StreamEnd extends Error {
  override readonly name = 'StreamEnd';

  constructor(readonly reason: 'TOO_SLOW' | 'TOKEN_ENDED') {
    super(reason === 'TOO_SLOW' ? 'the client does not take its events' : 'the bearer token is unknown, expired or revoked: sign in again');
  }
}

/** What waits in memory for one subscriber; at 30 events a second, eight seconds of it. */
export const MOST_WAITING = 256;

const DONE = { done: true, value: undefined } as const;

/**
 * The events of one subscriber, from whoever pushes them to the one who takes them. It ends as soon as it is returned: an
 * async generator that waits for its next event would not.
 */
export class EventQueue<Event extends object> implements AsyncIterableIterator<Event, undefined> {
  private readonly waiting: Event[] = [];
  private takers: { readonly resolve: (result: IteratorResult<Event, undefined>) => void; readonly reject: (error: unknown) => void }[] = [];
  private isEnded = false;
  private fault: StreamEnd | null = null;

  constructor(private readonly onEnd: (queue: EventQueue<Event>) => void) {}

  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Adds an event, in place of one that waits and is said again by it. */
  push(event: Event, isSaidAgain: (waiting: Event) => boolean = () => false): void {
    if (this.isEnded) return;
    const taker = this.takers.shift();
    if (taker !== undefined) {
      taker.resolve({ done: false, value: event });
      return;
    }
    const place = this.waiting.findIndex(isSaidAgain);
    if (place >= 0) this.waiting[place] = event;
    else if (this.waiting.length < MOST_WAITING) this.waiting.push(event);
    else this.fail(new StreamEnd('TOO_SLOW'));
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    const { fault } = this;
    if (fault !== null) {
      this.fault = null;
      return Promise.reject(fault);
    }
    const event = this.waiting.shift();
    if (event !== undefined) return Promise.resolve({ done: false, value: event });
    if (this.isEnded) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => { this.takers.push({ resolve, reject }); });
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    this.end();
    return Promise.resolve(DONE);
  }

  /** Ends with an error, which the taker gets next. */
  fail(error: StreamEnd): void {
    const [first, ...others] = this.takers;
    this.takers = others;
    if (first === undefined) this.fault = error;
    else first.reject(error);
    this.end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.waiting.length = 0;
    for (const { resolve } of this.takers.splice(0)) resolve(DONE);
    this.onEnd(this);
  }
}
