/** How long a job counts as alive after it last said so. */
export const LEASE_MS = 60_000;

export interface LeaseOptions {
  /** How long others believe that the job is alive without hearing of it. */
  readonly leaseMs: number;
  /** How often they hear of it. */
  readonly beatMs: number;
  /** Called once, when the job was stopped from outside, or may have been taken by another server. */
  readonly onLost: (reason: 'OVER' | 'LAPSED') => void;
  readonly onError: (error: unknown) => void;
}

// Given up before others may take it, so that what is under way has time to end.
const GIVEN_UP_AFTER = 0.75;

/** Says that a job is alive; false where it is over or stopped. */
export interface LeaseHolder {
  hold(jobId: number): Promise<boolean>;
}

/** Says at regular intervals that a job is alive, until the returned function is called. */
export function holdLease(turns: LeaseHolder, jobId: number, { leaseMs, beatMs, onLost, onError }: LeaseOptions): () => void {
  let heardAt = now();
  let isAsking = false;
  const lose = (reason: 'OVER' | 'LAPSED'): void => {
    clearInterval(timer);
    onLost(reason);
  };
  const beat = async (): Promise<void> => {
    const askedAt = now();
    isAsking = true;
    try {
      if (await turns.hold(jobId)) heardAt = askedAt;
      else lose('OVER');
    } catch (error) {
      onError(error);
    } finally {
      isAsking = false;
    }
  };
  const timer = setInterval(() => {
    // Looked at first: a process that was held up wakes to its timers, and must not speak for what others have by now.
    if (sinceThen(heardAt) > leaseMs * GIVEN_UP_AFTER) lose('LAPSED');
    else if (!isAsking) void beat();
  }, beatMs).unref();
  return () => { clearInterval(timer); };
}

interface Instant {
  readonly wall: number;
  readonly steady: number;
}

function now(): Instant {
  return { wall: Date.now(), steady: performance.now() };
}

// One clock may be set back, the other may stand still while the machine sleeps.
function sinceThen(then: Instant): number {
  const { wall, steady } = now();
  return Math.max(wall - then.wall, steady - then.steady);
}
