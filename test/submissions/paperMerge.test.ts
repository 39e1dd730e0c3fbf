import { describe, expect, test } from '@jest/globals';
import { EDIT, mergeOf, SUBMISSION, type PresentPaper } from '../../src/submissions/paperMerge.js';
import { checkedRecord, type PaperRecord, type RawRecord } from '../../src/submissions/paperRecord.js';

const NOW = new Date('2026-06-30T00:00:00Z');
const RANKS = new Map([['archive', 8], ['feed', 6], ['mirror', 6], ['library', 2]]);

const paper = (fields: Partial<PresentPaper> = {}): PresentPaper => ({
  title: 'A title', arxivId: null, doi: null, abstract: 'An abstract of some length', publishedAt: null, listedAt: new Date('2026-03-01T00:00:00Z'), projectUrl: null,
  statedAuthorCount: null, originUpvoteCount: null, arxivVersion: null, withdrawnAt: null, namedAuthorCount: 2, ...fields,
});
const record = (fields: Partial<RawRecord>): PaperRecord => checkedRecord({ title: 'A title', ...fields }, NOW);
const merge = (source: string, said: Partial<RawRecord>, { owners = {}, present = {} }: { owners?: Record<string, string>; present?: Partial<PresentPaper> } = {}) =>
  mergeOf(paper(present), record(said), { source, owners: new Map(Object.entries(owners)), ranks: RANKS });

describe('what a source changes of a paper', () => {
  test.each<[what: string, source: string, owners: Record<string, string>, isTaken: boolean]>([
    ['an unknown value is filled', 'library', {}, true],
    ['a higher rank replaces a lower one', 'archive', { abstract: 'feed' }, true],
    ['a lower rank does not replace a higher one', 'library', { abstract: 'feed' }, false],
    ['a source corrects itself', 'library', { abstract: 'library' }, true],
    ['a submission gives way to where papers are published', 'feed', { abstract: SUBMISSION }, true],
    ['a submission does not give way to a reader’s library', 'library', { abstract: SUBMISSION }, false],
    ['what was edited gives way to nobody', 'archive', { abstract: EDIT }, false],
    ['a source that nobody knows any more has no say', 'library', { abstract: 'gone' }, true],
  ])('%s', (...[what, source, owners, isTaken]) => {
    const present = what.startsWith('an unknown') ? { abstract: null } : {};
    const { columns, owned } = merge(source, { abstract: 'Other words' }, { owners, present });
    expect('abstract' in columns).toBe(isTaken);
    expect(owned.includes('abstract')).toBe(isTaken);
  });

  test('what was emptied here stays empty', () => {
    const emptied = { owners: { abstract: EDIT, authors: EDIT }, present: { abstract: null, namedAuthorCount: 0 } };
    const { columns, takesAuthors } = merge('archive', { abstract: 'Words', authors: ['Ada'] }, emptied);
    expect([columns, takesAuthors]).toEqual([{}, false]);
  });

  test('of two of one rank the longer text stays, whichever comes first', () => {
    expect(merge('mirror', { abstract: 'Short' }, { owners: { abstract: 'feed' } }).columns).toEqual({});
    expect(merge('mirror', { abstract: 'Longer than the one that is there by far' }, { owners: { abstract: 'feed' } }).columns).toHaveProperty('abstract');
  });

  test('what a source does not say stays', () => {
    const present = { doi: '10.1000/1', projectUrl: 'https://example.org/', publishedAt: NOW };
    expect(merge('archive', {}, { owners: { doi: 'archive', projectUrl: 'archive' }, present }).columns).toEqual({});
  });

  test('a paper that its source no longer calls withdrawn is back; another source does not bring it back', () => {
    const present = { withdrawnAt: NOW };
    expect(merge('archive', {}, { owners: { withdrawnAt: 'archive' }, present }).columns).toEqual({ withdrawnAt: null });
    expect(merge('feed', {}, { owners: { withdrawnAt: 'archive' }, present }).columns).toEqual({});
  });

  test('the day of listing is the earliest that anybody says; one that nobody said gives way', () => {
    expect(merge('library', { listedOn: '2026-02-01' }, { owners: { listedAt: 'archive' } }).columns).toEqual({ listedAt: new Date('2026-02-01T00:00:00Z') });
    expect(merge('archive', { listedOn: '2026-04-01' }, { owners: { listedAt: 'library' } }).columns).toEqual({});
    expect(merge('library', { listedOn: '2026-04-01' }).columns).toEqual({ listedAt: new Date('2026-04-01T00:00:00Z') });
  });

  test('a byline is taken by the same rules, by its length', () => {
    expect(merge('feed', { authors: ['Ada'] }, { owners: { authors: 'archive' } }).takesAuthors).toBe(false);
    expect(merge('archive', { authors: ['Ada'] }, { owners: { authors: 'feed' } }).takesAuthors).toBe(true);
    expect(merge('mirror', { authors: ['Ada', 'Alan', 'Grace'] }, { owners: { authors: 'feed' } }).takesAuthors).toBe(true);
    expect(merge('library', { authors: ['Ada'] }, { present: { namedAuthorCount: 0 } }).takesAuthors).toBe(true);
    expect(merge('archive', {}, { owners: { authors: 'archive' } }).takesAuthors).toBe(false);
  });

  test('a record that only tells something more corrects nothing that its source has said, and fills what is unknown', () => {
    const owners = new Map(Object.entries({ title: 'feed', abstract: 'library' }));
    const { columns, owned } = mergeOf(paper(), record({ title: 'Of the link', abstract: 'Other words', doi: '10.1000/1' }), { source: 'feed', owners, ranks: RANKS, isPart: true });
    expect(columns).toEqual({ abstract: 'Other words', doi: '10.1000/1' });
    expect(owned).not.toContain('title');
  });

  test('a value that is the same changes hands without changing', () => {
    const { columns, owned } = merge('archive', { abstract: 'An abstract of some length' }, { owners: { abstract: 'feed' } });
    expect(columns).toEqual({});
    expect(owned).toContain('abstract');
  });
});
