import { setTimeout as wait } from 'node:timers/promises';

/** When the origin of an address may be asked. */
interface Lane {
  /** Settles when the request that was queued last has ended. */
  last: Promise<unknown>;
  startedAt: number;
  notBefore: number;
}

/** How a request wants to share its origin with others. */
export interface Turn {
  readonly origin: string;
  /** Above 0: one request at a time, each started no sooner than so long after the start of the one before. */
  readonly courtesyMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Keeps requests to an origin apart, whoever makes them: services count those of one address together. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();

  /** Waits are multiplied by `delayScale`. */
  constructor(private readonly delayScale: number) {}

  /** Runs a request when its turn comes; an aborted one gives up its place at once. */
  run<Result>(turn: Turn, request: () => Promise<Result>): Promise<Result> {
    const lane = this.laneOf(turn.origin);
    if (turn.courtesyMs <= 0) return this.start(lane, turn, request);
    const result = lane.last.then(() => this.start(lane, turn, request));
    lane.last = result.catch(() => undefined);
    return turn.signal === undefined ? result : orAborted(result, turn.signal);
  }

  /** Lets nobody ask an origin before so many milliseconds have passed. */
  hold(origin: string, ms: number): void {
    const lane = this.laneOf(origin);
    lane.notBefore = Math.max(lane.notBefore, performance.now() + ms * this.delayScale);
  }

  private async start<Result>(lane: Lane, { courtesyMs, signal }: Turn, request: () => Promise<Result>): Promise<Result> {
    const pause = (): number => Math.max(lane.notBefore, lane.startedAt + courtesyMs * this.delayScale) - performance.now();
    // Timers may be a millisecond early, and a hold may come while this waits.
    for (let ms = pause(); ms > 0; ms = pause()) await wait(Math.ceil(ms), undefined, { signal });
    signal?.throwIfAborted();
    lane.startedAt = performance.now();
    return request();
  }

  private laneOf(origin: string): Lane {
    const lane = this.lanes.get(origin) ?? { last: Promise.resolve(), startedAt: -Infinity, notBefore: -Infinity };
    this.lanes.set(origin, lane);
    return lane;
  }
}

function orAborted<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      reject(signal.reason as Error);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', stop);
    });
  });
}
