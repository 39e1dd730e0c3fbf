import { LRUCache } from 'lru-cache';

/** Callers that are remembered; of more, those that have been away longest start with a full budget again. */
const MOST_CALLERS = 100_000;
const MINUTE_MS = 60_000;

/** How a budget stands. */
export interface Balance {
  /** Points that it holds at most, and that come in a minute. */
  readonly limit: number;
  readonly remaining: number;
  /** When it is full again, unless something is asked meanwhile. */
  readonly resetAt: Date;
}

/** What came of asking for points. */
export interface Spent extends Balance {
  readonly isGranted: boolean;
  /** Seconds until there are enough; 0 where they were granted. */
  readonly retryAfter: number;
}

interface Bucket {
  points: number;
  /** When it held so many. */
  at: number;
}

/** A budget for each caller that refills evenly, within a minute from empty to full; what is saved up can be spent at once. */
export class Budgets {
  private readonly buckets = new LRUCache<string, Bucket>({ max: MOST_CALLERS });

  constructor(
    /** Points a minute. */
    readonly limit: number,
    private readonly now: () => number = () => performance.timeOrigin + performance.now(),
  ) {}

  /** Takes the points where there are so many, and none otherwise. */
  spend(caller: string, points: number): Spent {
    const bucket = this.filled(caller);
    // A hair less is enough: parts of points are sums of floats.
    const isGranted = bucket.points > points - 1e-6;
    if (isGranted) bucket.points = Math.max(0, bucket.points - points);
    const perMs = this.limit / MINUTE_MS;
    return {
      limit: this.limit,
      remaining: Math.floor(bucket.points),
      resetAt: new Date(bucket.at + (this.limit - bucket.points) / perMs),
      isGranted,
      retryAfter: isGranted ? 0 : Math.ceil((points - bucket.points) / perMs / 1000),
    };
  }

  private filled(caller: string): Bucket {
    const now = this.now();
    const known = this.buckets.get(caller);
    const bucket = known ?? { points: this.limit, at: now };
    if (known === undefined) this.buckets.set(caller, bucket);
    // A clock that is set back takes nothing away.
    bucket.points = Math.min(this.limit, bucket.points + (Math.max(0, now - bucket.at) * this.limit) / MINUTE_MS);
    bucket.at = now;
    return bucket;
  }
}
