import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { UnavailableError } from '../errors.js';
import { mediaTypeFor } from './mediaType.js';

/** How long a request may wait for its turn: a burst passes in this time, and no client gives up before. */
const BURST_MS = 500;
/** How long once there was no room for `BURST_MS`: then it is no burst, and to wait longer would only be to be answered later. */
const STANDING_MS = 25;
/** How many may wait for each that may be under way. */
const WAITING_A_PLACE = 4;
const RETRY_AFTER_SECONDS = 1;
const MESSAGE = `the server is busy: come again in ${RETRY_AFTER_SECONDS} s`;
const REFUSAL = JSON.stringify({ errors: [{ message: MESSAGE, extensions: { code: 'UNAVAILABLE', retryAfter: RETRY_AFTER_SECONDS } }] });

interface Waiting {
  enter(): void;
}

/**
 * Lets so many operations be under way at a time. Four times as many wait in a line, for half a second at most, and where the line
 * stands for longer than that, for a moment (as CoDel does with packets: Nichols and Jacobson, ACM Queue 2012). What comes beyond is
 * refused at once, which costs what Node and the kernel take for any answer (0.1 ms) and 14 µs, so that a load that is too much costs no
 * memory, and those who are inside little.
 */
export class Gate {
  private inside = 0;
  private refused = 0;
  private readonly line = new Set<Waiting>();
  /** When there was room last, as far as anybody looked. */
  private roomAt = 0;

  /** `most`: 0 lets everybody in. */
  constructor(private readonly most: number) {}

  /** Operations that are executed now. */
  get underWay(): number {
    return this.inside;
  }

  /** Operations that wait for their turn. */
  get waiting(): number {
    return this.line.size;
  }

  /** How many were refused since the start. */
  get shed(): number {
    return this.refused;
  }

  /** Refuses before a body is read, where it would be refused anyway. */
  readonly atTheDoor: onRequestHookHandler = (request, reply, done) => {
    if (!this.isFull()) {
      done();
      return;
    }
    this.refused += 1;
    // The text as it is: an error would be made, thrown, formatted and written.
    void reply.code(503).header('content-type', mediaTypeFor(request.headers.accept)).header('retry-after', String(RETRY_AFTER_SECONDS)).send(REFUSAL);
  };

  /** Puts all routes that are added to this part of the server from here on behind the gate. */
  guard(part: FastifyInstance): void {
    const run = <Result>(work: () => Promise<Result>): Promise<Result> => this.run(work);
    part.addHook('onRequest', this.atTheDoor);
    part.addHook('onRoute', (route) => {
      const { handler } = route;
      route.errorHandler = (error, _request, reply) => {
        // A database in trouble is told as elsewhere.
        if (!(error instanceof NoRoom)) throw error;
        void reply.code(503).header('retry-after', String(error.retryAfter)).type('application/json; charset=utf-8').send(REFUSAL);
      };
      route.handler = function (request, reply) {
        return run(() => Promise.resolve(handler.call(this, request, reply)));
      };
    });
  }

  /** Does the work when its turn comes; throws UnavailableError where that takes too long, or too many wait. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.hasRoom()) this.enter();
    else await this.turn();
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private enter(): void {
    this.inside += 1;
    // The last place is taken: from here on there is none.
    if (!this.hasRoom()) this.roomAt = performance.now();
  }

  private hasRoom(): boolean {
    return this.most === 0 || this.inside < this.most;
  }

  private isFull(): boolean {
    return !this.hasRoom() && this.line.size >= WAITING_A_PLACE * this.most;
  }

  private turn(): Promise<void> {
    if (this.isFull()) return Promise.reject(this.refusal());
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        enter: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const giveUp = (): void => { if (this.line.delete(waiting)) reject(this.refusal()); };
      // After what has come meanwhile: where the event loop was held up, it is what the places are waited for from.
      const timer = setTimeout(() => { setImmediate(giveUp); }, this.patience());
      this.line.add(waiting);
    });
  }

  private patience(): number {
    return performance.now() - this.roomAt > BURST_MS ? STANDING_MS : BURST_MS;
  }

  /** Hands the place on to who came first. */
  private leave(): void {
    const [next] = this.line;
    if (next === undefined) {
      this.inside -= 1;
      this.roomAt = performance.now();
      return;
    }
    this.line.delete(next);
    next.enter();
  }

  private refusal(): NoRoom {
    this.refused += 1;
    return new NoRoom(MESSAGE, RETRY_AFTER_SECONDS);
  }
}

/** Too many are inside, and in the line. */
class NoRoom extends UnavailableError {}
