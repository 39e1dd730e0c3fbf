import { setTimeout as wait } from 'node:timers/promises';
import { FailedAttempt, withRetries, type RetryPlan } from './attempts.js';
import { HttpError } from './httpClient.js';
import { reasonOf, type Answer } from './transport.js';

/** Cuts of a row that brought less than ENOUGH_BYTES each, after which the service is given up. */
const MAX_CUTS = 5;
const ENOUGH_BYTES = 1024 * 1024;
const CUT_PAUSE_MS = 1000;

/** A file that is read once, from its first byte to its last, over as many connections as it takes. */
export class Download {
  private answer: Answer | null = null;
  private total: number | null = null;
  /** What names this state of the file, for `If-Range`. */
  private validator: string | null = null;
  private done = 0;

  /** `send` makes one request with further headers. */
  constructor(
    private readonly plan: RetryPlan,
    private readonly send: (headers: Readonly<Record<string, string>>) => Promise<Answer>,
  ) {}

  /** Asks for the file; its length, where the service says it. */
  async open(): Promise<number | null> {
    const answer = await withRetries(this.plan, () => this.send({}));
    const { 'content-length': length, etag, 'last-modified': modified } = answer.headers;
    this.answer = answer;
    this.total = length === undefined ? null : Number(length);
    // A weak tag does not promise the same bytes.
    this.validator = (etag?.startsWith('W/') === true ? undefined : etag) ?? modified ?? null;
    return this.total;
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    for (let cuts = 0; ; ) {
      const start = this.done;
      const cut = yield* this.untilCut();
      if (cut === null) return;
      this.plan.signal?.throwIfAborted();
      cuts = this.done - start < ENOUGH_BYTES ? cuts + 1 : 1;
      if (cuts > MAX_CUTS) throw this.broken(cut, `${cuts} times in a row`);
      await wait(CUT_PAUSE_MS * this.plan.delayScale, undefined, { signal: this.plan.signal }).catch(() => undefined);
      this.plan.signal?.throwIfAborted();
      await this.resume(cut);
    }
  }

  /** The bytes of the present answer; what cut it, or null at its end. */
  private async *untilCut(): AsyncGenerator<Uint8Array, Error | null> {
    const chunks = (this.answer?.body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await nextOf(chunks);
        if ('cut' in next) return next.cut;
        if (next.chunk === null) return this.total === null || this.done === this.total ? null : new Error('the body ended');
        this.done += next.chunk.length;
        yield next.chunk;
      }
    } finally {
      // Also where the reader has had enough: the connection is not kept open for it.
      this.answer?.body.destroy();
    }
  }

  private async resume(cut: Error): Promise<void> {
    const { validator } = this;
    if (validator === null) throw this.broken(cut, 'and cannot be gone on with, since it has neither ETag nor Last-Modified');
    this.answer = await withRetries(this.plan, async () => {
      const answer = await this.send({ range: `bytes=${this.done}-`, 'if-range': validator });
      const from = /^bytes (\d+)-/.exec(answer.headers['content-range'] ?? '')?.[1];
      if (answer.status === 206 && Number(from) === this.done) return answer;
      answer.body.destroy();
      throw new FailedAttempt(
        `${this.progress(cut)}, and cannot be gone on with: it has changed, or the service does not send parts`,
        answer.status,
        { isLasting: true },
      );
    });
  }

  private broken(cut: Error, how: string): HttpError {
    return new HttpError(`${this.plan.what} ${this.progress(cut)}, ${how}`, this.answer?.status ?? null, { cause: cut });
  }

  private progress(cut: Error): string {
    return `broke off after ${this.done} of ${this.total ?? 'unknown'} bytes (${reasonOf(cut)})`;
  }
}

async function nextOf(chunks: AsyncIterator<Uint8Array>): Promise<{ chunk: Uint8Array | null } | { cut: Error }> {
  try {
    const next = await chunks.next();
    return { chunk: next.done === true ? null : next.value };
  } catch (cut) {
    return { cut: cut as Error };
  }
}
