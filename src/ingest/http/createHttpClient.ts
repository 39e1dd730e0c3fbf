import { FailedAttempt, nameOf, withRetries, type RetryPlan } from './attempts.js';
import { decodeText } from './charset.js';
import { Download } from './download.js';
import { HttpError, type HttpClient, type StreamRequest, type TextAnswer, type TextRequest } from './httpClient.js';
import { Lanes } from './lanes.js';
import { createDispatcher, reasonOf, send, wholeBody, type Answer } from './transport.js';

const DEFAULT_ATTEMPTS = 5;
const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_STALL_MS = 60_000;

export interface HttpClientOptions {
  /** Who asks, and where to complain. */
  readonly userAgent: string;
  /** Multiplies every wait between requests, but no timeout; 1 when left out. */
  readonly delayScale?: number;
  /** Time without a byte after which a stream counts as cut, in milliseconds. */
  readonly stallMs?: number;
}

/** A client; its users keep the courtesy of each service together, so a process needs but one. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  return new ServiceClient(options);
}

class ServiceClient implements HttpClient {
  private readonly dispatcher = createDispatcher();
  private readonly lanes: Lanes;
  private readonly delayScale: number;

  constructor(private readonly options: HttpClientOptions) {
    this.delayScale = options.delayScale ?? 1;
    this.lanes = new Lanes(this.delayScale);
  }

  ask<Parsed>(request: TextRequest<Parsed>): Promise<Parsed> {
    const { url, body, attempts = DEFAULT_ATTEMPTS } = request;
    const plan = this.planOf(nameOf(body === undefined ? 'GET' : 'POST', url), attempts, request.signal);
    return withRetries(plan, async () => parsed(request, await this.inTurn(request, () => this.textOf(request))));
  }

  async stream(request: StreamRequest): Promise<{ totalBytes: number | null; body: AsyncIterable<Uint8Array> }> {
    const plan = this.planOf(nameOf('GET', request.url), DEFAULT_ATTEMPTS, request.signal);
    const download = new Download(plan, (headers) => this.inTurn(request, () => this.headOf(request, headers)));
    return { totalBytes: await download.open(), body: download.bytes() };
  }

  private async textOf(request: TextRequest<unknown>): Promise<TextAnswer> {
    const { url, body, headers, accept = [], timeoutMs = DEFAULT_TIMEOUT_MS } = request;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await send(this.dispatcher, {
        url,
        ...(body === undefined ? {} : { json: body }),
        headers: { 'user-agent': this.options.userAgent, 'accept-encoding': 'gzip', ...headers },
        accept,
        signal: request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]),
        silenceMs: timeoutMs,
      });
      return asText(answer, await wholeBody(answer));
    } catch (error) {
      if (timeout.aborted) throw new FailedAttempt(`did not answer in full within ${timeoutMs} ms`, null, { cause: error });
      throw failureOf(error);
    }
  }

  private async headOf({ url, headers, signal }: StreamRequest, more: Readonly<Record<string, string>>): Promise<Answer> {
    try {
      return await send(this.dispatcher, {
        url,
        // Packed by the service on the way, its length would not be that of the file, nor could a part be asked for.
        headers: { 'user-agent': this.options.userAgent, 'accept-encoding': 'identity', ...headers, ...more },
        accept: [],
        signal,
        silenceMs: this.options.stallMs ?? DEFAULT_STALL_MS,
      });
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** Runs one exchange when its turn comes; where the service wants to be left alone, everyone leaves it alone. */
  private async inTurn<Result>({ url, courtesyMs = 0, signal }: StreamRequest, exchange: () => Promise<Result>): Promise<Result> {
    const { origin } = new URL(url);
    try {
      return await this.lanes.run({ origin, courtesyMs, signal }, exchange);
    } catch (error) {
      if (error instanceof FailedAttempt) this.lanes.hold(origin, error.details.waitMs ?? 0);
      throw error;
    }
  }

  private planOf(what: string, attempts: number, signal: AbortSignal | undefined): RetryPlan {
    return { what, attempts, signal, delayScale: this.delayScale };
  }
}

function asText({ status, headers }: Answer, bytes: Uint8Array): TextAnswer {
  const text = decodeText(bytes, headers['content-type']);
  if (text !== null) return { status, headers, text };
  throw new FailedAttempt('answered with text that is neither UTF-8 nor in the character set that it names', status);
}

function parsed<Parsed>(request: TextRequest<Parsed>, answer: TextAnswer): Parsed {
  try {
    return request.parse(answer);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new FailedAttempt(`gave a broken answer (${error.message})`, answer.status, { cause: error });
  }
}

function failureOf(error: unknown): FailedAttempt {
  return error instanceof FailedAttempt ? error : new FailedAttempt(`could not be read: ${reasonOf(error)}`, null, { cause: error });
}
