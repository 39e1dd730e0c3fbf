import { z } from 'zod';
import { SourceError, type Item, type Json, type Parcel, type Reading, type SourceContext } from '../source.js';
import { listPages, paperOf } from './pages.js';

/** Papers that are asked for one by one and written together. */
const IDS_PER_PARCEL = 20;

/** The list that is read next, from which page on (null: its first); no list at the end. */
const listCheckpoint = z.object({ list: z.string().nullable(), page: z.string().startsWith('?').nullable(), done: z.int().min(0) });
const idsCheckpoint = z.object({ done: z.int().min(0) });

/** Feeds, one after the other, a parcel a page. */
export function readLists(context: SourceContext, lists: readonly string[]): Reading {
  return {
    unit: 'records',
    total: null,
    async *read(checkpoint: Json): AsyncGenerator<Parcel> {
      const from = checkpoint === null ? { list: lists[0] ?? null, page: null, done: 0 } : checked(listCheckpoint, checkpoint);
      if (from.list === null) return;
      const start = lists.indexOf(from.list);
      if (start < 0) throw new SourceError(`the checkpoint must name a list that is asked for, received ${JSON.stringify(from.list)}`);
      let { done, page } = from;
      for (const [index, list] of lists.entries()) {
        if (index < start) continue;
        for await (const { items, next } of listPages(context, list, page)) {
          done += items.length;
          const following = next === null ? { list: lists[index + 1] ?? null, page: null } : { list, page: next };
          yield { items, checkpoint: { ...following, done }, done };
        }
        page = null;
      }
    },
  };
}

/** Papers by their ids. */
export function readIds(context: SourceContext, ids: readonly string[]): Reading {
  return {
    unit: 'records',
    total: ids.length,
    async *read(checkpoint: Json): AsyncGenerator<Parcel> {
      let { done } = checkpoint === null ? { done: 0 } : checked(idsCheckpoint, checkpoint);
      while (done < ids.length) {
        const items: Item[] = [];
        for (const id of ids.slice(done, done + IDS_PER_PARCEL)) items.push(await paperOf(context, id));
        done += items.length;
        yield { items, checkpoint: { done }, done };
      }
    },
  };
}

function checked<Checkpoint>(schema: z.ZodType<Checkpoint>, checkpoint: Json): Checkpoint {
  const parsed = schema.safeParse(checkpoint);
  if (!parsed.success) throw new SourceError(`the checkpoint must be one of this source, received ${JSON.stringify(checkpoint)}`);
  return parsed.data;
}
