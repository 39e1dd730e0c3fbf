import type { IngestTurns } from './ingestTurns.js';

export interface LeaseOptions {
  /** How long others believe that the run is alive without hearing of it. */
  readonly leaseMs: number;
  /** How often they hear of it. */
  readonly beatMs: number;
  /** Called once, when the run was stopped from outside, or may have been taken by another server. */
  readonly onLost: (reason: 'OVER' | 'LAPSED') => void;
  readonly onError: (error: unknown) => void;
}

// Given up before others may take it, so that the batch under way has time to end.
const GIVEN_UP_AFTER = 0.75;

/** Says at regular intervals that a run is alive, until the returned function is called. */
export function holdLease(turns: Pick<IngestTurns, 'hold'>, runId: number, { leaseMs, beatMs, onLost, onError }: LeaseOptions): () => void {
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
      if (await turns.hold(runId)) heardAt = askedAt;
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
