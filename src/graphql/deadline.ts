import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import { UnavailableError } from '../errors.js';
import type { Context } from './context.js';

/** The answer of `work`; where it takes longer than `milliseconds`, what `late` says of it, which is given what still comes. */
export async function within<Answer>(milliseconds: number, work: Promise<Answer>, late: (rest: Promise<Answer>) => Answer): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<null>((resolve) => { timer = setTimeout(resolve, milliseconds, null); });
  try {
    const first = await Promise.race([work.then((answer) => ({ answer })), over]);
    return first === null ? late(work) : first.answer;
  } finally {
    clearTimeout(timer);
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
