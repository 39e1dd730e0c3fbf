import type { FailureKind } from './failure.js';

type Write = (kind: FailureKind, error: unknown, count: number) => void;

const EVERY_MS = 1_000;

/** Writes failures at most once a second for each kind, with how many there were since: all requests meet the same at once. */
export class FailureLog {
  private readonly held = new Map<FailureKind, { count: number; error: unknown }>();

  constructor(private readonly write: Write) {}

  note(kind: FailureKind, error: unknown): void {
    const held = this.held.get(kind);
    if (held === undefined) {
      this.write(kind, error, 1);
      this.hold(kind);
      return;
    }
    held.count += 1;
    held.error = error;
  }

  private hold(kind: FailureKind): void {
    const held = { count: 0, error: null as unknown };
    this.held.set(kind, held);
    setTimeout(() => {
      this.held.delete(kind);
      if (held.count === 0) return;
      this.write(kind, held.error, held.count);
      this.hold(kind);
    }, EVERY_MS).unref();
  }
}
