import { describe, expect, test } from '@jest/globals';
import type { TasteChange } from '../../src/recommender/change.js';
import type { Contribution } from '../../src/recommender/contributions.js';
import { DEFAULTS, type Parameters } from '../../src/recommender/parameters.js';
import { checksumOf } from '../../src/recommender/checksum.js';
import { recommend, type RecommendRequest, type Recommendation } from '../../src/recommender/recommend.js';
import { recommendAmong } from '../../src/recommender/recommendAmong.js';
import { supposing } from '../../src/recommender/supposing.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { SERVED_WEIGHTS, type Weights } from '../../src/recommender/workspace.js';
import { chance } from '../support/random.js';
import {
  AUTHORS, READERS, TAGS, applyChanges, author, authorFollow, authorMute, dismissal, finalState, livePaperIds, matrixOf, mutedPaperIds, paper, randomChanges, renamed, tag, tagFollow, tagMute, upvote,
} from '../support/tasteWorld.js';

const SEEDS = [11, 12, 13, 14, 15, 16];
const ALL = 1000;
// Little of everything, so that every limit is met.
const NARROW: Parameters = {
  ...DEFAULTS, candidates: 5, leaders: 3, mostHistory: 3, mostReaders: 2, trendCandidates: 3, diversePlaces: 3, authorWindow: 4, mostOfAuthor: 1, mostDismissals: 1, mostFollows: 1, walkBudget: 20,
};
const NO_CAP: Parameters = { ...DEFAULTS, mostOfAuthor: ALL };
const BOTH: [string, Parameters][] = [['default', DEFAULTS], ['narrow', NARROW]];

const idsOf = (items: readonly Recommendation[]): number[] => items.map((item) => item.paperId);
const ascending = (ids: readonly number[]): number[] => [...ids].sort((one, other) => one - other);
const ranked = (matrix: TasteMatrix, request: Omit<RecommendRequest, 'limit'>, parameters: Parameters = DEFAULTS): readonly Recommendation[] => recommend(matrix, { limit: ALL, ...request }, parameters).items;
const weighted = (weights: Partial<Weights>): Weights => ({ ...SERVED_WEIGHTS, ...weights });
const termsOf = (items: readonly Recommendation[]): Contribution[] => items.flatMap((item) => item.contributions);
const kindsOf = (items: readonly Recommendation[]): Set<string> => new Set(termsOf(items).map((term) => term.kind));
const outline = ({ contributions }: Recommendation): unknown[] => contributions.map(({ kind, sourceId, support }) => [kind, sourceId, support]);
/** No freshness and no diversity. */
const TASTE_ALONE = weighted({ freshness: 0, diversity: 0 });

describe('golden rankings of a hand-made set', () => {
  // Papers 1 to 3 are about tag 7, papers 4 to 6 about tag 8, paper 9 about nothing, by author 5 as 6 is, and listed two weeks later.
  const facts = [
    ...[1, 2, 3, 4, 5, 6].map((id) => paper(id)),
    paper(9, 14),
    ...[1, 2, 3].map((id) => tag(id, 7)),
    ...[4, 5, 6].map((id) => tag(id, 8)),
    ...[6, 9].map((id) => author(id, 5)),
    ...[[1, 1], [1, 2], [2, 1], [2, 2], [2, 4], [3, 4], [3, 5]].map(([reader, id]) => upvote(reader!, id!)),
  ];
  const matrix = matrixOf(facts);
  const withFacts = (...more: TasteChange[]): TasteMatrix => matrixOf([...facts, ...more]);

  test('from nothing: by trend, the age halving it, ties to the larger id', () => {
    // Readers: 2 of papers 1, 2 and 4; 1 of 5; none of 3, 6 and 9. ln 4 / ln 4 / 2 = 0.5 = ln 2 / ln 4 of the new paper 9.
    const { items, total, hasMore } = recommend(matrix, { limit: 10 });
    expect(idsOf(items)).toEqual([9, 4, 2, 1, 5, 6, 3]);
    expect(items[0]!.score).toBeCloseTo(DEFAULTS.trendWeight / 2, 6);
    expect(items[4]!.contributions).toEqual([{ kind: 'TRENDING', sourceId: null, support: 1, contribution: items[4]!.score }]);
    expect({ total, hasMore }).toEqual({ total: 7, hasMore: false });
  });

  test('from one paper: co-readers and the tag, then the tag alone, then co-readers alone, then the trend', () => {
    const items = ranked(matrix, { historyIds: [1], weights: TASTE_ALONE });
    expect(idsOf(items)).toEqual([2, 3, 4, 9, 5, 6]);
    expect(outline(items[0]!)).toEqual([['CO_UPVOTED', 1, 2], ['SHARED_TAG', 7, 1], ['TRENDING', null, 2]]);
    expect(outline(items[1]!)).toEqual([['SHARED_TAG', 7, 1], ['TRENDING', null, 0]]);
    expect(outline(items[2]!)).toEqual([['CO_UPVOTED', 1, 1], ['TRENDING', null, 2]]);
    // The walk's best has 1 of it; the trend comes on top.
    expect(items[0]!.score).toBeCloseTo(1 + DEFAULTS.trendWeight / 2, 6);
  });

  test('freshness adds a tenth of the best score to the latest paper, half of it to one of two weeks before', () => {
    const items = ranked(matrix, { historyIds: [1], weights: weighted({ diversity: 0 }) });
    const best = 1 + DEFAULTS.trendWeight / 2;
    const freshOf = (id: number): number => items.find(({ paperId }) => paperId === id)!.contributions.find(({ kind }) => kind === 'FRESH')!.contribution;
    expect(freshOf(9)).toBeCloseTo(DEFAULTS.freshness * best, 6);
    expect(freshOf(2)).toBeCloseTo((DEFAULTS.freshness * best) / 2, 6);
    expect(items[0]!.score).toBeCloseTo(best * (1 + DEFAULTS.freshness / 2), 6);
  });

  test('diversity takes from a paper what it repeats of those above', () => {
    const items = ranked(matrix, { historyIds: [1], weights: weighted({ freshness: 0 }) });
    const three = items.find(({ paperId }) => paperId === 3)!;
    expect(three.contributions.find(({ kind }) => kind === 'REPETITION')).toEqual({
      kind: 'REPETITION', sourceId: 2, support: 0, contribution: expect.closeTo(-DEFAULTS.diversity * (1 + DEFAULTS.trendWeight / 2), 6),
    });
    expect(items.find(({ paperId }) => paperId === 2)!.contributions.some(({ kind }) => kind === 'REPETITION')).toBe(false);
  });

  test('for a reader: what they upvoted counts, their own votes are not those of a co-reader', () => {
    expect(ranked(matrix, { readerId: 3, weights: TASTE_ALONE })[0]!.paperId).toBe(6);
    const fiveOf = (request: Omit<RecommendRequest, 'limit'>): Recommendation => ranked(matrix, request).find((item) => item.paperId === 5)!;
    expect(kindsOf([fiveOf({ historyIds: [4], readerId: 3 })])).not.toContain('CO_UPVOTED');
    expect(kindsOf([fiveOf({ historyIds: [4] })])).toContain('CO_UPVOTED');
  });

  test('a reader is who they are by their upvotes in the matrix, or by papers that stand for them', () => {
    const items = ranked(matrix, { readerId: 2 });
    expect(ranked(matrix, { readerId: 2, historyIds: [1, 2, 4] })).toEqual(items);
    expect(idsOf(ranked(matrix, { readerId: 2, historyIds: [] }))).toEqual([9, 4, 2, 1, 5, 6, 3]);
  });

  test('from a followed tag alone: its papers, then the others by trend', () => {
    const items = ranked(withFacts(tagFollow(9, 8)), { readerId: 9, weights: TASTE_ALONE });
    // 5 and 6 are pulled alike, and 4 less, which has two votes.
    expect(idsOf(items)).toEqual([5, 6, 4, 9, 2, 1, 3]);
    expect(outline(items[0]!)).toEqual([['FOLLOWED_TAG', 8, 0], ['TRENDING', null, 1]]);
    expect(items[1]!.score).toBeCloseTo(1 + DEFAULTS.trendWeight / 4, 6);
    expect(outline(items[3]!)).toEqual([['TRENDING', null, 0]]);
  });

  test('from a followed author alone: their papers, the later first, then the others by trend', () => {
    const items = ranked(withFacts(authorFollow(9, 5)), { readerId: 9, weights: TASTE_ALONE });
    expect(idsOf(items)).toEqual([9, 6, 4, 2, 1, 5, 3]);
    expect(items.slice(0, 2).map(outline)).toEqual([[['FOLLOWED_AUTHOR', 5, 0], ['TRENDING', null, 0]], [['FOLLOWED_AUTHOR', 5, 0], ['TRENDING', null, 0]]]);
  });

  test('a followed tag that one paper alone has leads to it', () => {
    const items = ranked(withFacts(tag(3, 77), tagFollow(9, 77)), { readerId: 9 });
    expect(items[0]!.paperId).toBe(3);
    expect(kindsOf(items.slice(0, 1))).toContain('FOLLOWED_TAG');
  });

  test('from a dismissed paper alone: never it, and those like it lower', () => {
    const items = ranked(withFacts(dismissal(9, 6)), { readerId: 9, weights: TASTE_ALONE });
    // Without: 9, 4, 2, 1, 5, 3. Paper 9 shares an author with 6, which is little of it, 4 and 5 share a tag, which is most.
    expect(idsOf(items)).toEqual([2, 1, 9, 4, 3, 5]);
    const [four, two] = [4, 2].map((id) => items.find(({ paperId }) => paperId === id)!);
    expect(four!.contributions.find(({ kind }) => kind === 'DISMISSED')).toMatchObject({ sourceId: 6, support: 0 });
    expect(four!.score).toBeLessThan(two!.score);
    expect(kindsOf([two!])).toEqual(new Set(['TRENDING']));
  });

  test('a dismissed paper takes half of the best score from one that equals it', () => {
    // Paper 10 is paper 3 once more.
    const items = ranked(withFacts(paper(10), tag(10, 7), dismissal(9, 3)), { readerId: 9, historyIds: [1], weights: TASTE_ALONE });
    const best = ranked(withFacts(paper(10), tag(10, 7)), { historyIds: [1], weights: TASTE_ALONE })[0]!.score;
    const term = items.find(({ paperId }) => paperId === 10)!.contributions.find(({ kind }) => kind === 'DISMISSED')!;
    expect(term).toEqual({ kind: 'DISMISSED', sourceId: 3, support: 0, contribution: expect.closeTo(-DEFAULTS.dismissal * best, 6) });
  });

  test('an author has three papers in a row at most, while there are others', () => {
    const ofAuthor = [21, 22, 23, 24, 25].flatMap((id) => [paper(id, 14), author(id, 55)]);
    const items = ranked(withFacts(...ofAuthor, authorFollow(9, 55)), { readerId: 9 });
    expect(idsOf(items).slice(0, 3).every((id) => id > 20)).toBe(true);
    expect(idsOf(items).slice(3, 10).every((id) => id < 20)).toBe(true);
    expect(items.slice(10).map((item) => item.contributions.some(({ kind }) => kind === 'AUTHOR_CAP'))).toEqual([true, true]);
  });
});

describe.each(SEEDS)('every ranking (seed %i)', (seed) => {
  const changes = randomChanges(seed, 600);
  const matrix = matrixOf(changes);
  const live = livePaperIds(matrix);
  // Readers of all kinds: with everything, with papers that stand for their upvotes, nobody, one of one vote, of follows, of dismissals and of mutes alone, and
  // one who muted what they upvoted; a viewer of what is like a paper.
  const extra = [
    upvote(101, live[0]!),
    ...TAGS.slice(0, 3).map((id) => tagFollow(102, id)),
    authorFollow(103, AUTHORS[0]!),
    dismissal(104, live[1]!),
    dismissal(104, live[2]!),
    upvote(105, live[3]!), dismissal(105, live[3]!),
    tagMute(106, TAGS[0]!), tagMute(106, TAGS[1]!), authorMute(106, AUTHORS[1]!),
    ...live.slice(0, 4).map((id) => upvote(107, id)), tagMute(107, TAGS[2]!), authorMute(107, AUTHORS[2]!), dismissal(107, live[5]!),
  ];
  applyChanges(matrix, extra);
  const requests: Omit<RecommendRequest, 'limit'>[] = [
    {},
    { historyIds: live.slice(0, 1) },
    { historyIds: live.slice(0, 9), readerId: 3 },
    ...[...READERS, 101, 102, 103, 104, 105, 106, 107].map((readerId) => ({ readerId })),
    { historyIds: live.slice(0, 1), unwantedBy: 107 },
  ];
  const knownTo = ({ readerId = null, historyIds }: Omit<RecommendRequest, 'limit'>): number[] =>
    [...(historyIds ?? (readerId === null ? [] : matrix.historyOf(readerId))), ...(readerId === null ? [] : [...matrix.dismissalsOf(readerId), ...matrix.unlearnedOf(readerId)])];
  const unwantedIn = ({ readerId = null, unwantedBy = null }: Omit<RecommendRequest, 'limit'>): number[] => [
    ...(unwantedBy === null ? [] : matrix.dismissalsOf(unwantedBy)),
    ...mutedPaperIds(matrix, unwantedBy ?? readerId ?? -1),
  ];
  const unknownTo = (request: Omit<RecommendRequest, 'limit'>): number[] => ascending(live.filter((id) => ![...knownTo(request), ...unwantedIn(request)].includes(id)));

  test.each(BOTH)('has each live paper that the reader neither knows nor muted once, the highest score first (%s)', (_, parameters) => {
    for (const request of requests) {
      const { items, total } = recommend(matrix, { ...request, limit: ALL }, parameters);
      expect(ascending(idsOf(items))).toEqual(unknownTo(request));
      expect(total).toBe(items.length);
      const misplaced = items.filter((below, place) => {
        const above = items[place - 1];
        return above !== undefined && !(above.score > below.score || (above.score === below.score && above.paperId > below.paperId));
      });
      expect(misplaced).toEqual([]);
    }
  });

  test.each(BOTH)('has scores that are the sum of their contributions, the largest first (%s)', (_, parameters) => {
    for (const request of requests) {
      for (const { score, contributions } of ranked(matrix, request, parameters)) {
        const values = contributions.map((term) => term.contribution);
        const sizes = values.map((value) => Math.abs(value));
        expect(Math.abs(values.reduce((sum, value) => sum + value, 0) - score)).toBeLessThanOrEqual(1e-9 * Math.max(...sizes));
        expect(sizes).toEqual([...sizes].sort((one, other) => other - one));
        expect(sizes.every((size) => Number.isFinite(size) && size > 0)).toBe(true);
        expect(new Set(contributions.map((term) => `${term.kind} ${String(term.sourceId)}`)).size).toBe(contributions.length);
      }
    }
  });

  test.each(BOTH)('speaks of what is there: of upvoted papers and followed, shared and related features (%s)', (_, parameters) => {
    for (const request of requests) {
      const history = request.historyIds ?? (request.readerId == null ? [] : matrix.historyOf(request.readerId));
      const follows = (space: 'tags' | 'authors', id: number): boolean => request.readerId != null && matrix[space].followedBy.has(matrix.readerAt(request.readerId), matrix[space].ids.at(id));
      const ofPaper = (space: 'tags' | 'authors', paperId: number, id: number): boolean => matrix[space].ofPaper.has(matrix.paperAt(paperId), matrix[space].ids.at(id));
      for (const { paperId, contributions } of ranked(matrix, request, parameters)) {
        for (const { kind, sourceId, contribution } of contributions) {
          if (kind === 'CO_UPVOTED') expect(history).toContain(sourceId);
          if (kind === 'DISMISSED') expect(matrix.dismissalsOf(request.readerId!)).toContain(sourceId);
          if (kind === 'DISMISSED' || kind === 'REPETITION' || kind === 'AUTHOR_CAP') expect(contribution).toBeLessThan(0);
          if (!kind.endsWith('_TAG') && !kind.endsWith('_AUTHOR')) continue;
          const space = kind.endsWith('_TAG') ? 'tags' : 'authors';
          expect(ofPaper(space, paperId, sourceId!)).toBe(true);
          if (kind.startsWith('FOLLOWED')) expect(follows(space, sourceId!)).toBe(true);
          if (kind.startsWith('SHARED')) expect(history.some((id) => ofPaper(space, id, sourceId!))).toBe(true);
        }
      }
    }
  });

  test.each(BOTH)('is the same page by page, over any size of page, with any weights (%s)', (_, parameters) => {
    for (const request of [requests[0]!, requests[2]!, requests[7]!, { ...requests[8]!, weights: { tags: 0.5, votes: 2, freshness: 3, diversity: 10 } }, { readerId: 102 }, { readerId: 104 }, { readerId: 106 }, { readerId: 107 }, requests.at(-1)!]) {
      const whole = ranked(matrix, request, parameters);
      for (const limit of [1, 3, 7, whole.length]) {
        const pages: Recommendation[] = [];
        for (let after: { score: number; paperId: number } | null = null; pages.length <= whole.length; ) {
          const page = recommend(matrix, { ...request, limit, after }, parameters);
          expect(page.total).toBe(whole.length);
          pages.push(...page.items);
          if (!page.hasMore) break;
          after = page.items.at(-1)!;
        }
        expect(pages).toEqual(whole);
      }
    }
  });

  test('is the same, to 1e-9, whatever the ids are', () => {
    const rename = (id: number): number => 7_000_000_000 + 3 * id;
    const twin = applyChanges(new TasteMatrix(), [...changes, ...extra].map((change) => renamed(change, rename)));
    const scoresOf = (items: readonly Recommendation[], nameOf: (id: number) => number): Map<string, number> =>
      new Map(items.flatMap(({ paperId, score, contributions }) => [
        [String(nameOf(paperId)), score] as const,
        ...contributions.map(({ kind, sourceId, contribution }) => [`${nameOf(paperId)} ${kind} ${sourceId === null ? '' : nameOf(sourceId)}`, contribution] as const),
      ]));
    for (const request of requests) {
      const expected = scoresOf(ranked(matrix, request), rename);
      const found = scoresOf(ranked(twin, { ...request, ...(request.historyIds && { historyIds: request.historyIds.map(rename) }), ...(request.readerId != null && { readerId: rename(request.readerId) }), ...(request.unwantedBy != null && { unwantedBy: rename(request.unwantedBy) }) }), (id) => id);
      expect([...found].filter(([key, value]) => Math.abs(value - (expected.get(key) ?? 0)) > 1e-9)).toEqual([]);
      expect([...expected].filter(([key, value]) => Math.abs(value - (found.get(key) ?? 0)) > 1e-9)).toEqual([]);
    }
  });

  test.each(BOTH)('is one of the allowed papers alone where some are not (%s)', (_, parameters) => {
    const allowed = (id: number): boolean => id % 2 === 0;
    for (const request of requests) {
      const { items, total } = recommend(matrix, { ...request, limit: ALL, allowed }, parameters);
      expect(ascending(idsOf(items))).toEqual(unknownTo(request).filter(allowed));
      expect(total).toBe(items.length);
    }
  });

  test.each(BOTH)('is, but for papers whose upvotes teach nothing, that of readers who never gave them (%s)', (_, parameters) => {
    const unlearned = READERS.flatMap((subject) => matrix.unlearnedOf(subject).map((object): TasteChange => ({ kind: 'UPVOTE', subject, object, value: null })));
    expect(unlearned).not.toEqual([]);
    const untold = applyChanges(matrix.copy(), unlearned);
    for (const readerId of READERS) {
      const kept = matrix.unlearnedOf(readerId);
      expect(ranked(matrix, { readerId }, parameters)).toEqual(ranked(untold, { readerId }, parameters).filter(({ paperId }) => !kept.includes(paperId)));
      expect(recommendAmong(matrix, { readerId, amongIds: livePaperIds(matrix), limit: ALL }, parameters)).toEqual(recommendAmong(untold, { readerId, amongIds: livePaperIds(matrix), limit: ALL }, parameters));
    }
  });

  test('says nothing of a side that weighs nothing, and is the served one where all weigh 1', () => {
    for (const request of requests) {
      const kinds = (weights: Partial<Weights>): string[] => [...kindsOf(ranked(matrix, { ...request, weights: weighted(weights) }))];
      expect(kinds({ votes: 0 }).filter((kind) => kind === 'CO_UPVOTED' || kind === 'OTHER_READERS')).toEqual([]);
      expect(kinds({ tags: 0 }).filter((kind) => kind.endsWith('_TAG') || kind.endsWith('_AUTHOR'))).toEqual([]);
      expect(kinds({ diversity: 0 })).not.toContain('REPETITION');
      expect(kinds({ freshness: 0 })).not.toContain('FRESH');
      const neither = ranked(matrix, { ...request, weights: { tags: 0, votes: 0, freshness: 0, diversity: 0 } });
      expect(neither.every(({ score, contributions }) => Number.isFinite(score) && contributions.every(({ kind }) => kind === 'TRENDING' || kind === 'AUTHOR_CAP'))).toBe(true);
      expect(ranked(matrix, { ...request, weights: weighted({}) })).toEqual(ranked(matrix, request));
    }
  });

  test('does not lower the double of a paper that is upvoted', () => {
    const random = chance(seed);
    for (let round = 0; round < 20; round += 1) {
      const history = random.sample(live, 1 + random.below(4));
      const added = random.pick(live.filter((id) => !history.includes(id)));
      // Paper 999 has the tags, the authors, the readers and the day of `added`.
      const facts = finalState([...changes, ...extra]);
      const double = facts.flatMap((fact): TasteChange[] => {
        if (fact.kind === 'UPVOTE' && fact.object === added) return [{ ...fact, object: 999 }];
        return (fact.kind === 'PAPER' || fact.kind === 'TAG' || fact.kind === 'AUTHOR') && fact.subject === added ? [{ ...fact, subject: 999 }] : [];
      });
      const twin = matrixOf([...facts, ...double]);
      const place = (historyIds: number[]): number => idsOf(ranked(twin, { historyIds, weights: TASTE_ALONE })).indexOf(999);
      expect(place([...history, added])).toBeLessThanOrEqual(place(history));
    }
  });

  test('does not lower the best paper of a tag that is followed', () => {
    for (const readerId of READERS) {
      const before = ranked(matrix, { readerId, weights: TASTE_ALONE });
      for (const id of TAGS) {
        const [index, reader] = [matrix.tags.ids.at(id), matrix.readerAt(readerId)];
        if (index < 0 || matrix.tags.followedBy.has(reader, index) || matrix.tags.mutedBy.has(reader, index)) continue;
        const best = (items: readonly Recommendation[]): number => items.findIndex(({ paperId }) => matrix.tags.ofPaper.has(matrix.paperAt(paperId), index));
        const follower = applyChanges(matrix.copy(), [tagFollow(readerId, id)]);
        expect(best(ranked(follower, { readerId, weights: TASTE_ALONE }))).toBeLessThanOrEqual(best(before));
      }
    }
  });

  // A mute chooses papers and says nothing of them: what is left ranks as it does among what is allowed.
  test.each(BOTH)('is that of the papers without a muted tag or author, and after the mute the very same as before it (%s)', (_, parameters) => {
    for (const readerId of [...READERS.slice(0, 6), 101, 102, 104, 106, 107, 99_999]) {
      const before = recommend(matrix, { readerId, limit: ALL }, parameters);
      const sum = checksumOf(matrix);
      for (const mute of [tagMute(readerId, TAGS[3]!), authorMute(readerId, AUTHORS[3]!)]) {
        const space = mute.kind === 'TAG_MUTE' ? matrix.tags : matrix.authors;
        const isMuted = (id: number): boolean => space.ofPaper.has(matrix.paperAt(id), space.ids.at(mute.object));
        const allowed = recommend(matrix, { readerId, limit: ALL, allowed: (id) => !isMuted(id) }, parameters);
        const muted = supposing(matrix, [mute], () => recommend(matrix, { readerId, limit: ALL }, parameters));
        expect(idsOf(muted.items).filter(isMuted)).toEqual([]);
        expect(muted).toEqual(allowed);
        expect(recommend(matrix, { readerId, limit: ALL }, parameters)).toEqual(before);
        expect(checksumOf(matrix)).toBe(sum);
      }
    }
  });

  test('lifts no paper by a dismissal, and the likest least of all', () => {
    let likened = 0;
    for (const readerId of READERS.slice(0, 5)) {
      const taste = { readerId, weights: TASTE_ALONE };
      for (const id of idsOf(ranked(matrix, taste)).slice(0, 3)) {
        const before = ranked(matrix, { ...taste, allowed: (other) => other !== id }, NO_CAP);
        const after = ranked(applyChanges(matrix.copy(), [dismissal(readerId, id)]), taste, NO_CAP);
        const lossOf = ({ contributions }: Recommendation): number => contributions.find(({ kind, sourceId }) => kind === 'DISMISSED' && sourceId === id)?.contribution ?? 0;
        for (const item of after) expect(item.score - lossOf(item)).toBeCloseTo(before.find(({ paperId }) => paperId === item.paperId)!.score, 12);
        const likest = after.reduce((one, other) => (lossOf(other) < lossOf(one) ? other : one));
        expect(idsOf(after).indexOf(likest.paperId)).toBeGreaterThanOrEqual(idsOf(before).indexOf(likest.paperId));
        if (lossOf(likest) < 0) likened += 1;
      }
    }
    expect(likened).toBeGreaterThan(5);
  });

  test('repeats itself after requests with other readers, parameters and weights', () => {
    const expected = requests.map((request) => ranked(matrix, request));
    for (const request of requests) ranked(matrix, { ...request, weights: weighted({ votes: 0, tags: 0.3 }) }, NARROW);
    expect(requests.map((request) => ranked(matrix, request))).toEqual(expected);
    expect(requests.toReversed().map((request) => ranked(matrix, request)).reverse()).toEqual(expected);
  });
});

// Two servers rank one page each: a score that differs in its last bit moves a paper past the cursor between the pages.
test.each(SEEDS.flatMap((seed) => BOTH.map(([name, parameters]) => ({ seed, name, parameters }))))(
  'a ranking is the same, to the last bit, between 2,000 changes and from what is left of them (seed $seed, $name)',
  ({ seed, parameters }) => {
    const changes = randomChanges(seed, 2000);
    const followed = new TasteMatrix();
    for (let end = 100; end <= changes.length; end += 100) {
      applyChanges(followed, changes.slice(end - 100, end));
      const fresh = matrixOf(finalState(changes.slice(0, end)));
      for (const readerId of READERS.slice(0, 4)) expect(ranked(followed, { readerId }, parameters)).toEqual(ranked(fresh, { readerId }, parameters));
    }
  },
);

describe('borders', () => {
  test('an empty matrix recommends nothing', () => {
    expect(recommend(new TasteMatrix(), { historyIds: [1, 2], readerId: 3, limit: 10 })).toEqual({ items: [], hasMore: false, total: 0 });
  });

  test('a matrix whose papers the reader all knows recommends nothing', () => {
    const matrix = matrixOf([paper(1), paper(2), upvote(1, 1), dismissal(1, 2), tagFollow(1, 7)]);
    expect(recommend(matrix, { readerId: 1, limit: 10 })).toEqual({ items: [], hasMore: false, total: 0 });
  });

  test('a reader who has muted alone gets the trend without what was muted, and one whose all papers are muted nothing', () => {
    const facts = [1, 2, 3, 4].flatMap((id) => [paper(id), tag(id, id % 2), author(id, 9)]);
    const matrix = matrixOf([...facts, tagMute(5, 0), authorMute(6, 9), tagMute(7, 404)]);
    const trend = ranked(matrix, {});
    expect(ranked(matrix, { readerId: 5 })).toEqual(trend.filter(({ paperId }) => paperId % 2 === 1));
    expect(recommend(matrix, { readerId: 6, limit: 10 })).toEqual({ items: [], hasMore: false, total: 0 });
    expect(ranked(matrix, { readerId: 7 })).toEqual(trend);
  });

  test('a paper with several muted tags and authors, upvoted or removed besides, is left out once', () => {
    const matrix = matrixOf([...[1, 2, 3].map((id) => paper(id)), tag(1, 7), tag(1, 8), author(1, 9), tag(2, 7), tagMute(1, 7), tagMute(1, 8), authorMute(1, 9), upvote(1, 1)]);
    expect(recommend(matrix, { readerId: 1, limit: 10 })).toMatchObject({ items: [{ paperId: 3 }], total: 1 });
    matrix.setPaper(2, null);
    expect(recommend(matrix, { readerId: 1, limit: 10 })).toMatchObject({ items: [{ paperId: 3 }], total: 1 });
  });

  test('a paper is muted as soon as it has the tag, and no longer', () => {
    const matrix = matrixOf([paper(1), paper(2), tagMute(1, 7)]);
    expect(idsOf(ranked(matrix, { readerId: 1 }))).toEqual([2, 1]);
    matrix.setTag(2, 7, 0.1);
    expect(idsOf(ranked(matrix, { readerId: 1 }))).toEqual([1]);
    matrix.setTag(2, 7, null);
    expect(idsOf(ranked(matrix, { readerId: 1 }))).toEqual([2, 1]);
  });

  test('what is like a paper is for its viewer what it is for all, less what they dismissed or muted', () => {
    const matrix = matrixOf([...[1, 2, 3, 4, 5].flatMap((id) => [paper(id), tag(id, 7)]), tag(4, 8), upvote(9, 5), dismissal(9, 2), tagMute(9, 8)]);
    expect(ascending(idsOf(ranked(matrix, { historyIds: [1] })))).toEqual([2, 3, 4, 5]);
    expect(recommend(matrix, { historyIds: [1], unwantedBy: 9, limit: 10 })).toEqual(recommend(matrix, { historyIds: [1], allowed: (id) => id !== 2 && id !== 4, limit: 10 }));
    expect(ranked(matrix, { historyIds: [1], unwantedBy: 404 })).toEqual(ranked(matrix, { historyIds: [1] }));
  });

  test('a paper that is both upvoted and dismissed is known once', () => {
    const matrix = matrixOf([paper(1), paper(2), upvote(1, 1), dismissal(1, 1)]);
    expect(recommend(matrix, { readerId: 1, limit: 10 })).toMatchObject({ items: [{ paperId: 2 }], total: 1 });
  });

  test('unknown, removed and repeated papers of a history count for nothing', () => {
    const matrix = matrixOf(randomChanges(1, 300));
    const [known] = livePaperIds(matrix);
    const removed = Array.from(matrix.papers.ids.subarray(0, matrix.papers.count)).filter((id) => matrix.paperAt(id) < 0);
    expect(removed.length).toBeGreaterThan(0);
    expect(ranked(matrix, { historyIds: [known!, known!, 999, -1, ...removed], readerId: 12345 })).toEqual(ranked(matrix, { historyIds: [known!] }));
  });

  test('a removed paper is never recommended, even while its votes are there, and back when it is listed again', () => {
    const matrix = matrixOf([...[1, 2, 3].map((id) => paper(id)), ...[1, 2].flatMap((id) => [upvote(1, id), upvote(2, id)])]);
    matrix.setPaper(2, null);
    expect(idsOf(ranked(matrix, { historyIds: [1] }))).toEqual([3]);
    matrix.setPaper(2, 0);
    expect(idsOf(ranked(matrix, { historyIds: [1] }))).toEqual([2, 3]);
  });

  test('a ranking follows each change at once', () => {
    const matrix = matrixOf([1, 2, 3].map((id) => paper(id)));
    const first = (): Recommendation => recommend(matrix, { historyIds: [1], readerId: 9, limit: 1 }).items[0]!;
    expect(first().paperId).toBe(3);
    applyChanges(matrix, [upvote(8, 1), upvote(8, 2)]);
    expect(first().paperId).toBe(2);
    matrix.setUpvote(8, 1, false);
    expect(kindsOf([first()])).not.toContain('CO_UPVOTED');
    applyChanges(matrix, [dismissal(9, 2)]);
    expect(first().paperId).toBe(3);
  });

  test('a tag that all papers have, a tag of one paper and a paper of 500 authors are ranked by finite scores', () => {
    const all = [1, 2, 3, 4].flatMap((id) => [paper(id), tag(id, 7), tag(id, 10 + id)]);
    const matrix = matrixOf([...all, ...Array.from({ length: 500 }, (_, index) => [author(1, index), author(2, index)]).flat(), upvote(1, 1), upvote(1, 3), upvote(2, 1), upvote(2, 4)]);
    for (const request of [{ historyIds: [1] }, { historyIds: [1, 3] }, { readerId: 1 }]) {
      const items = ranked(matrix, request);
      expect(items.map(({ score }) => score).filter((score) => !Number.isFinite(score))).toEqual([]);
      expect(items.some(({ paperId, contributions }) => paperId === 2 && contributions.some(({ kind }) => kind === 'SHARED_AUTHOR'))).toBe(true);
    }
  });

  test('ties go to the larger id, and pages go on in the middle of them', () => {
    const matrix = matrixOf([5, 3, 9, 1].map((id) => paper(id)));
    const first = recommend(matrix, { limit: 2 });
    expect(first).toMatchObject({ hasMore: true, total: 4, items: [{ paperId: 9 }, { paperId: 5 }] });
    expect(recommend(matrix, { limit: 2, after: first.items[1]! })).toMatchObject({ hasMore: false, items: [{ paperId: 3 }, { paperId: 1 }] });
  });

  test('papers of decades ago are in their order too, after those of taste', () => {
    const matrix = matrixOf([paper(1, 20_000), paper(2, 5000), paper(3, 0), paper(4, -9000), paper(5, 4999)]);
    expect(idsOf(ranked(matrix, { historyIds: [] }))).toEqual([1, 2, 5, 3, 4]);
    expect(idsOf(ranked(matrix, { historyIds: [2] }))).toEqual([1, 5, 3, 4]);
  });

  test('reasons are given for as many leading items as are asked for, and change no score', () => {
    const matrix = matrixOf(randomChanges(2, 600));
    const whole = recommend(matrix, { readerId: 3, limit: 6 }).items;
    const some = recommend(matrix, { readerId: 3, limit: 6, reasons: 2 }).items;
    expect(some).toEqual(whole.map((item, index) => (index < 2 ? item : { ...item, contributions: [] })));
  });

  test('a filter that throws leaves the next request as it was', () => {
    const matrix = matrixOf(randomChanges(3, 600));
    const before = ranked(matrix, { readerId: 3 });
    for (const calls of [0, 5, 20]) {
      let left = calls;
      const allowed = (): boolean => {
        if (left === 0) throw new Error('no');
        left -= 1;
        return true;
      };
      expect(() => ranked(matrix, { readerId: 3, allowed })).toThrow('no');
      expect(ranked(matrix, { readerId: 3 })).toEqual(before);
    }
  });

  test('a limit of none gives none, and says whether there is more', () => {
    const matrix = matrixOf([paper(1)]);
    expect(recommend(matrix, { limit: 0 })).toEqual({ items: [], hasMore: true, total: 1 });
  });
});
