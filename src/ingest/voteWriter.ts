import type { Reader } from '../database/database.js';
import { badInput, InputError } from '../errors.js';
import { checkedArxivId, checkedDoi } from '../inputRules.js';
import { matchAll, type MatchKey } from '../submissions/paperMatching.js';
import type { Voice } from '../submissions/paperWriter.service.js';
import type { UpvoteService } from '../upvotes/upvote.service.js';
import type { UserService } from '../users/user.service.js';
import { countsOf, EMPTY, rejectOf, sumOf, type BatchOutcome } from './batchOutcome.js';
import type { Item, PaperKey } from './source.js';

export type Vote = Item & { readonly kind: 'VOTE' };

/** Writes votes that sources tell of, of readers and papers that they name. */
export class VoteWriter {
  constructor(private readonly services: { readonly users: UserService; readonly upvotes: UpvoteService }) {}

  /** A vote of an unknown reader, or for a paper that is not here, is a reject. */
  async write(reader: Reader, voice: Voice, votes: readonly Vote[]): Promise<BatchOutcome> {
    if (votes.length === 0) return EMPTY;
    const { users, upvotes } = this.services;
    const simulated = votes.filter(({ isSimulated }) => isSimulated).map((vote) => vote.reader);
    const real = votes.filter(({ isSimulated }) => !isSimulated).map((vote) => vote.reader);
    const userIds = {
      real: await users.idsOf(reader, real, { makesSimulated: false }),
      simulated: await users.idsOf(reader, simulated, { makesSimulated: true }),
    };
    const { keyed, rejects } = keysOf(votes);
    const matches = await matchAll(reader, voice.source, keyed.map(({ key }) => key));
    const found = keyed.flatMap(({ vote }, index) => {
      const [userId, paperId] = [userIds[vote.isSimulated ? 'simulated' : 'real'].get(vote.reader), matches[index]?.paperId ?? undefined];
      if (userId === undefined) rejects.push(rejectOf(vote, badInput('reader', 'must be the username of a reader', vote.reader), true));
      else if (paperId === undefined) rejects.push(rejectOf(vote, badInput('paper', 'must be a paper that is here', saidOf(vote.paper)), true));
      else return [{ userId, paperId, at: vote.at ?? voice.now }];
      return [];
    });
    const added = await upvotes.addAll(reader, found);
    const outcomes = found.map(({ userId, paperId }) => (added.delete(`${userId} ${paperId}`) ? 'added' : 'unchanged'));
    return sumOf([{ ...EMPTY, ...countsOf(outcomes) }, { ...EMPTY, rejects }]);
  }
}

function keysOf(votes: readonly Vote[]) {
  const rejects: BatchOutcome['rejects'][number][] = [];
  const keyed = votes.flatMap((vote) => {
    try {
      return [{ vote, key: checkedKey(vote.paper) }];
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      rejects.push(rejectOf(vote, error, true));
      return [];
    }
  });
  return { keyed, rejects };
}

function checkedKey({ externalId = null, arxivId = null, doi = null, title = null, firstAuthor = null }: PaperKey): MatchKey {
  return {
    externalId,
    arxivId: arxivId === null ? null : checkedArxivId('arxivId', arxivId),
    doi: doi === null ? null : checkedDoi('doi', doi),
    title: title === null || title.includes('\0') ? null : title.toWellFormed(),
    firstAuthor,
  };
}

function saidOf(key: PaperKey): string {
  return key.arxivId ?? key.doi ?? key.title ?? key.externalId ?? '';
}
