import { z } from 'zod';
import { SourceError, type Item, type Json, type Parcel, type Reading, type Source, type SourceContext, type StaleRepo } from '../source.js';
import { GraphqlRepos } from './graphqlRepos.js';
import type { Wait } from './limits.js';
import { COURTESY_MS, RestRepos } from './restRepos.js';

const HOST = 'github.com';
const DAY_MS = 86_400_000;

const options = z.strictObject({
  'older-than': z.number().min(0).max(3650).default(7).describe('Days since a repository was last asked about, at least'),
  limit: z.int().min(1).optional().describe('Repositories at most'),
});

export type GithubOptions = z.infer<typeof options>;

/** The last row that is done, how many were asked about, and what counts as stale: what the run itself refreshes is not. */
const checkpointSchema = z.object({ before: z.iso.datetime(), afterRowId: z.int().min(0), done: z.int().min(0) });

/** Stars, language, licence and archival of the repositories that papers link. */
export function githubSource(wait: Wait): Source<GithubOptions> {
  return {
    name: 'github',
    description: 'Stars, language, licence and archival of the repositories on GitHub that papers link.',
    url: 'https://api.github.com',
    courtesyMs: COURTESY_MS,
    rank: 7,
    hasSince: false,
    options,
    open: (given, context) => Promise.resolve(readStale(given, context, wait)),
  };
}

function readStale(given: GithubOptions, context: SourceContext, wait: Wait): Reading {
  const { limit = Number.POSITIVE_INFINITY, 'older-than': olderThanDays } = given;
  return {
    unit: 'records',
    total: null,
    async *read(checkpoint: Json): AsyncGenerator<Parcel> {
      const { token } = context;
      const asker = token === null ? new RestRepos(context, wait) : new GraphqlRepos(context, token, wait);
      const start = new Date(context.now.getTime() - olderThanDays * DAY_MS).toISOString();
      const { before, ...reached } = checkpoint === null ? { before: start, afterRowId: 0, done: 0 } : checked(checkpoint);
      let { afterRowId, done } = reached;
      const staleAfter = (rowId: number, count: number): Promise<StaleRepo[]> =>
        context.staleRepos({ host: HOST, before: new Date(before), afterRowId: rowId, limit: count });
      while (done < limit) {
        const stale = await staleAfter(afterRowId, Math.min(asker.batchSize, limit - done));
        const last = stale.at(-1);
        if (last === undefined) return;
        const askable = stale.filter(isAskable);
        const { items, askedCount, usedUpUntil } = askable.length === 0 ? NOTHING : await asker.ask(askable);
        done += askedCount;
        // Behind the last one that was asked, what cannot be asked is looked at again, which costs nothing.
        afterRowId = askedCount === askable.length ? last.rowId : (askable[askedCount - 1]?.rowId ?? afterRowId);
        const isShort = usedUpUntil !== null && done < limit && (await staleAfter(afterRowId, 1)).length > 0;
        const told = isShort ? [...items, usedUp(context.url, usedUpUntil)] : items;
        yield { items: told, checkpoint: { before, afterRowId, done }, done };
        if (usedUpUntil !== null) return;
      }
    },
  };
}

const NOTHING = { items: [], askedCount: 0, usedUpUntil: null };

/** Whether the address can be one of GitHub's: there are no groups in groups, and no path leads elsewhere. */
function isAskable({ address: { owner, name } }: StaleRepo): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,38}$/.test(owner) && /^[A-Za-z0-9_.-]{1,100}$/.test(name) && !/^\.{1,2}$/.test(name);
}

/** Says why the run ends before its time; the repos that are left are the first ones of the next run. */
function usedUp(url: string, until: Date): Item {
  const rule = `must be above 0 to go on: what is left is for a run after ${until.toISOString()}, or for one with a token`;
  return { kind: 'REJECT', place: url, title: null, fault: { field: 'x-ratelimit-remaining', rule, received: 0 } };
}

function checked(checkpoint: Json): z.infer<typeof checkpointSchema> {
  const parsed = checkpointSchema.safeParse(checkpoint);
  if (!parsed.success) throw new SourceError(`the checkpoint must be one of this source, received ${JSON.stringify(checkpoint)}`);
  return parsed.data;
}
