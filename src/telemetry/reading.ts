/** How old values may be before they are read again: whoever asks more often than metrics are usually scraped gets the same. */
const KEPT_MS = 10_000;
/** A scraper gives up after ten seconds at most. */
const LIMIT_MS = 2000;

export interface ReadingOptions {
  readonly keptMs?: number;
  readonly limitMs?: number;
  /** Told of what went wrong. */
  readonly onFailure?: (error: unknown) => void;
}

/** Values that a statement must be sent for: at most one in ten seconds, and never waited for longer than two. */
export class Reading<Values> {
  private last: { readonly at: number; readonly values: Promise<Values | null> } | null = null;
  private readonly options: Required<ReadingOptions>;

  constructor(
    private readonly read: () => Promise<Values>,
    options: ReadingOptions = {},
  ) {
    this.options = { keptMs: KEPT_MS, limitMs: LIMIT_MS, onFailure: () => undefined, ...options };
  }

  /** Null where they could not be read in time; for so long as others are kept, nobody tries again. */
  current(): Promise<Values | null> {
    const now = performance.now();
    if (this.last === null || now - this.last.at >= this.options.keptMs) this.last = { at: now, values: this.attempt() };
    return this.last.values;
  }

  private async attempt(): Promise<Values | null> {
    const { limitMs, onFailure } = this.options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => { reject(new Error(`metrics were not read within ${limitMs} ms`)); }, limitMs).unref();
    });
    try {
      return await Promise.race([this.read(), late]);
    } catch (error) {
      onFailure(error);
      return null;
    } finally {
      clearTimeout(timer);
    }
  }
}
