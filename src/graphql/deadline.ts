import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import { UnavailableError } from '../errors.js';
import type { Context } from './context.js';

interface Waiting {
  /** On the clock of `performance.now`. */
  readonly until: number;
  giveUp(): void;
}

/**
 * What each piece of work may take, in milliseconds. Since it is the same for all, they are late in the order in which they began, and one
 * timer, which looks at the first, does for all.
 */
export class Deadline {
  private readonly waiting = new Set<Waiting>();
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly milliseconds: number) {}

  /** The answer of `work`; where it takes longer than it may, what `late` says of it, which is given what still comes. */
  within<Answer>(work: Promise<Answer>, late: (rest: Promise<Answer>) => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const one: Waiting = {
        until: performance.now() + this.milliseconds,
        giveUp: () => { resolve(late(work)); },
      };
      this.waiting.add(one);
      this.timer ??= this.lookIn(this.milliseconds);
      const ended = <Value>(tell: (value: Value) => void) => (value: Value): void => {
        this.waiting.delete(one);
        tell(value);
      };
      work.then(ended(resolve), ended(reject));
    });
  }

  private look(): void {
    this.timer = null;
    for (const one of this.waiting) {
      const left = one.until - performance.now();
      if (left > 0) {
        this.timer = this.lookIn(left);
        return;
      }
      this.waiting.delete(one);
      one.giveUp();
    }
  }

  // Timers count whole milliseconds, and a part of one as none.
  private lookIn(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => { this.look(); }, Math.ceil(milliseconds)).unref();
  }
}

/** Throws where the request was answered already: what it would read from here on, nobody waits for. */
export function stopOver({ isOver }: Pick<Context, 'isOver'>): void {
  if (isOver) throw new UnavailableError('the request was answered before its end', 1);
}

/** Its place among what resolvers are given. */
const CONTEXT = 2;

/** Has no mutation begin whose request was answered already: its client was told that it is not known to be written. */
export function stopLateWrites(schema: GraphQLSchema): void {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (...asked) => {
      stopOver(asked[CONTEXT] as Context);
      return (await resolve(...asked));
    };
  }
}
