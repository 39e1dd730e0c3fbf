import { describe, expect, test } from '@jest/globals';
import { dailyPaperItem } from '../../src/ingest/huggingface/dailyPaper.js';
import type { Fault, Item } from '../../src/ingest/source.js';

const NOW = new Date('2025-03-10T12:00:00Z');

const PAPER = {
  id: '2503.04567',
  authors: [
    { _id: 'a1', name: 'Ada  Quill', hidden: false, status: 'claimed_verified' },
    { _id: 'a2', name: 'Hidden Person', hidden: true },
    { _id: 'a3', name: 'Bo Tern', hidden: false },
  ],
  publishedAt: '2025-03-06T23:30:00.000Z',
  submittedOnDailyAt: '2025-03-08T00:00:00.000Z',
  submittedOnDailyBy: { _id: 'u1', name: 'quillkeeper', fullname: 'Quill Keeper', type: 'user', isPro: false },
  title: 'Sparrow:\n  Small Routers for Large Nests',
  summary: 'We route\nnests.',
  upvotes: 42,
  discussionId: 'd0d0',
  githubRepo: 'https://github.com/nestlab/sparrow',
  githubRepoAddedBy: 'auto',
  githubStars: 321,
  projectPage: 'https://sparrow.example.org',
  ai_summary: 'Routers become small.',
  ai_summary_model: 'summariser-1',
  ai_keywords: ['Routing', 'mixture of nests', 'routing'],
  organization: { _id: 'o1', name: 'nestlab', fullname: 'Nest Laboratory', avatar: 'https://images.example/o1.png' },
  withdrawnAt: '2025-03-09T01:00:00+02:00',
};
const ELEMENT = {
  paper: PAPER,
  publishedAt: '2025-03-07T10:00:00.000Z',
  title: 'The title of the element',
  summary: 'The summary of the element',
  thumbnail: 'https://images.example/sparrow.png',
  numComments: 3,
  submittedBy: { name: 'somebody-else', fullname: 'Somebody Else' },
  isAuthorParticipating: true,
  mediaUrls: ['https://media.example/sparrow.mp4'],
};

function itemOf(answer: unknown): Item {
  return dailyPaperItem(answer, { place: 'here', now: NOW });
}

function paperOf(answer: unknown): Extract<Item, { kind: 'PAPER' }> {
  const item = itemOf(answer);
  if (item.kind !== 'PAPER') throw new Error(`not a paper: ${JSON.stringify(item)}`);
  return item;
}

test('each field of an element has its place in the record', () => {
  expect(itemOf(ELEMENT)).toEqual({
    kind: 'PAPER',
    place: 'here',
    record: {
      externalId: '2503.04567',
      arxivId: '2503.04567',
      title: 'Sparrow: Small Routers for Large Nests',
      abstract: 'We route nests.',
      publishedOn: '2025-03-06',
      listedOn: '2025-03-08',
      withdrawnOn: '2025-03-08',
      authors: ['Ada Quill', 'Bo Tern'],
      namedTags: [
        { name: 'Routing', kind: 'KEYWORD', weight: 1 },
        { name: 'mixture of nests', kind: 'KEYWORD', weight: 1 },
      ],
      repos: [{ url: 'https://github.com/nestlab/sparrow', isOfficial: null, stars: 321 }],
      projectUrl: 'https://sparrow.example.org/',
      originUpvoteCount: 42,
      facts: {
        submitter: { name: 'quillkeeper', fullname: 'Quill Keeper' },
        isAuthorParticipating: true,
        numComments: 3,
        discussionId: 'd0d0',
        aiSummary: 'Routers become small.',
        aiSummaryModel: 'summariser-1',
        githubRepoAddedBy: 'auto',
        organization: { name: 'nestlab', fullname: 'Nest Laboratory' },
        mediaUrls: ['https://media.example/sparrow.mp4'],
        thumbnail: 'https://images.example/sparrow.png',
      },
    },
  });
});

test('what a paper has not said is taken from its element', () => {
  const { submittedOnDailyAt, submittedOnDailyBy, title, summary, ...rest } = PAPER;
  const { record } = paperOf({ ...ELEMENT, paper: rest });
  expect(record).toMatchObject({
    title: 'The title of the element',
    abstract: 'The summary of the element',
    listedOn: '2025-03-07',
    facts: { submitter: { name: 'somebody-else', fullname: 'Somebody Else' } },
  });
});

test('a paper alone has its totals of what links it, and no day of a feed but its own', () => {
  const { submittedOnDailyAt, ...rest } = PAPER;
  const { record } = paperOf({ ...rest, linkedModels: [], numTotalModels: 5, numTotalDatasets: 0, numTotalSpaces: 2 });
  expect(record).toMatchObject({ publishedOn: '2025-03-06', listedOn: null });
  expect(record.facts).toMatchObject({ linkedModels: 5, linkedDatasets: 0, linkedSpaces: 2 });
});

test('an older answer names the submitter as user', () => {
  const { record, leftOut } = paperOf({ ...ELEMENT, paper: { ...PAPER, submittedOnDailyBy: { user: 'oldhand', fullname: 'Old Hand' } } });
  expect(record.facts).toMatchObject({ submitter: { name: 'oldhand', fullname: 'Old Hand' } });
  expect(leftOut).toBeUndefined();
});

test('a paper of id and title alone is a paper', () => {
  const { record, leftOut } = paperOf({ paper: { id: '2503.00001', title: 'Bare', projectPage: '', githubRepo: null } });
  expect(record).toMatchObject({ title: 'Bare', abstract: null, authors: [], namedTags: [], repos: [], originUpvoteCount: null, facts: null });
  expect(leftOut).toBeUndefined();
});

describe('a field that breaks its rule is left out alone', () => {
  const INSTANT = 'must be an instant such as 2025-01-03T08:30:00.000Z between 1900-01-01 and today';
  const COUNT = 'must be a whole number from 0 to 1000000000';
  const URL_RULE = 'must be an http or https URL of at most 2000 characters';
  const TAG = 'must be text of at most 80 characters with a Latin letter or a digit';
  test.each<[string, object, Fault]>([
    ['summary', { summary: 7 }, { field: 'paper.summary', rule: 'must be well-formed text of 1 to 20000 characters', received: 7 }],
    ['upvotes', { upvotes: '42' }, { field: 'paper.upvotes', rule: COUNT, received: '42' }],
    ['negative upvotes', { upvotes: -1 }, { field: 'paper.upvotes', rule: COUNT, received: -1 }],
    ['publishedAt', { publishedAt: 'last week' }, { field: 'paper.publishedAt', rule: INSTANT, received: 'last week' }],
    ['a day of the future', { submittedOnDailyAt: '2025-03-11T00:00:00Z' }, { field: 'paper.submittedOnDailyAt', rule: INSTANT, received: '2025-03-11T00:00:00Z' }],
    ['withdrawnAt', { withdrawnAt: 1 }, { field: 'paper.withdrawnAt', rule: INSTANT, received: 1 }],
    ['authors', { authors: 'Ada' }, { field: 'paper.authors', rule: 'must be a list', received: 'Ada' }],
    ['an author', { authors: [{ name: 'Ada' }, 'Bo'] }, { field: 'paper.authors[1]', rule: 'must be an object', received: 'Bo' }],
    ["an author's name", { authors: [{ name: 1 }] }, { field: 'paper.authors[0].name', rule: 'must be well-formed text of 1 to 200 characters', received: 1 }],
    ['too many authors', { authors: Array(1001).fill({ name: 'Ada' }) }, { field: 'paper.authors', rule: 'must have at most 1000 items', received: 1001 }],
    ['a keyword too long', { ai_keywords: ['x'.repeat(81)] }, { field: 'paper.ai_keywords[0]', rule: TAG, received: 'x'.repeat(81) }],
    ['a keyword without a slug', { ai_keywords: ['fine', '路由'] }, { field: 'paper.ai_keywords[1]', rule: TAG, received: '路由' }],
    ['githubRepo', { githubRepo: 'https://github.com/nestlab' }, { field: 'paper.githubRepo', rule: 'must be the address of a repository such as https://github.com/owner/name', received: 'https://github.com/nestlab' }],
    ['githubStars', { githubStars: 1.5 }, { field: 'paper.githubStars', rule: COUNT, received: 1.5 }],
    ['projectPage', { projectPage: 'javascript:alert(1)' }, { field: 'paper.projectPage', rule: URL_RULE, received: 'javascript:alert(1)' }],
    ['discussionId', { discussionId: 'a\0b' }, { field: 'paper.discussionId', rule: 'must be well-formed text of 1 to 100 characters', received: 'a\0b' }],
    ['organization', { organization: [] }, { field: 'paper.organization', rule: 'must be an object', received: [] }],
    ['mediaUrls', { mediaUrls: ['nowhere'] }, { field: 'paper.mediaUrls[0]', rule: URL_RULE, received: 'nowhere' }],
  ])('%s', (_name, change, fault) => {
    const { record, leftOut } = paperOf({ ...ELEMENT, paper: { ...PAPER, ...change } });
    expect(leftOut).toEqual([fault]);
    expect(record).toMatchObject({ externalId: '2503.04567', title: 'Sparrow: Small Routers for Large Nests' });
  });

  test('and so many authors as a paper can have stay', () => {
    const { record } = paperOf({ paper: { ...PAPER, authors: Array.from({ length: 1001 }, (_, index) => ({ name: `Author ${index}` })) } });
    expect(record.authors).toHaveLength(1000);
    expect(record.authors?.at(-1)).toBe('Author 999');
  });

  test('and those of the list that keep it stay', () => {
    const { record } = paperOf({ paper: { ...PAPER, authors: [{ name: 'Ada' }, 'Bo', { name: 'Cy' }], ai_keywords: ['fine', '路由'] } });
    expect(record).toMatchObject({ authors: ['Ada', 'Cy'], namedTags: [{ name: 'fine' }] });
  });
});

describe('without a title or an id there is no paper', () => {
  const TITLE = 'must be well-formed text of 1 to 500 characters';
  const ID = 'must be an arXiv id such as 2412.01234';
  test.each<[string, unknown, { title: string | null; fault: Fault }]>([
    ['no id', { paper: { title: 'Lost' } }, { title: 'Lost', fault: { field: 'paper.id', rule: ID, received: undefined } }],
    ['an id of another form', { paper: { ...PAPER, id: '../admin' } }, { title: 'Sparrow: Small Routers for Large Nests', fault: { field: 'paper.id', rule: ID, received: '../admin' } }],
    ['no title', { paper: { id: '2503.00001' } }, { title: null, fault: { field: 'paper.title', rule: TITLE, received: undefined } }],
    ['a title too long', { paper: { id: '2503.00001', title: 'x'.repeat(501) } }, { title: null, fault: { field: 'paper.title', rule: TITLE, received: 'x'.repeat(501) } }],
    ['no object', 'oops', { title: null, fault: { field: 'item', rule: 'must be an object', received: 'oops' } }],
    ['nothing', null, { title: null, fault: { field: 'item', rule: 'must be an object', received: null } }],
    ['an empty paper', { paper: null }, { title: null, fault: { field: 'paper.id', rule: ID, received: undefined } }],
  ])('%s', (_name, answer, rejection) => {
    expect(itemOf(answer)).toEqual({ kind: 'REJECT', place: 'here', ...rejection });
  });
});
