import { sql } from '../../src/database/database.js';
import { digestOf } from '../../src/submissions/paperOrigins.js';
import { checkedRecord } from '../../src/submissions/paperRecord.js';
import type { FakeAnswer, SeenRequest } from '../support/fakeService.js';
import { atomFeed, inventedPapers, oaiAnswer, oaiPage, oaiRecord, type FeedPaper } from './arxivFeeds.js';
import type { Asked, E2eWorld, Manners } from './e2eWorld.js';

/** A source with what a well-behaved service of its has. */
export interface Subject {
  readonly name: string;
  readonly asked: Asked | ((url: string) => Asked);
  readonly manners?: Manners;
  /** Paths whose answers can be spoilt, and how many answers of each stay well before. */
  readonly paths: readonly string[];
  readonly well: number;
  /** How many things the service has, and how many it gives at once (a file: 1). */
  readonly count: number;
  readonly atOnce: number;
  /** What stands before an import. */
  seed?(world: E2eWorld): Promise<void>;
  /** Has the service tell of the first things alone. */
  serve(world: E2eWorld, count: number): void;
  /** Counts of a run that did so many things. */
  readonly writes: 'added' | 'changed';
  /** An answer for when a token is no longer good; null where there are none. */
  readonly expiry: FakeAnswer | null;
}

const PER_PAGE = 4;
/** Titles beyond ASCII show what became of their bytes. */
const papers: readonly FeedPaper[] = inventedPapers(10, '2025-03-31').map((paper) => ({ ...paper, title: `Größe für ${paper.id}` }));
/** In the order of change, two a day. */
const changes = papers.map((paper, index) => ({ ...paper, day: `2025-03-${String(10 + (index >> 1))}` }));

const startIndex = (start: number): string => `</opensearch:totalResults><opensearch:startIndex>${start}</opensearch:startIndex>`;

const arxiv: Subject = {
  name: 'arxiv',
  asked: { source: 'arxiv', options: { search: 'cat:cs.LG', 'page-size': PER_PAGE } },
  paths: ['/arxiv'],
  well: 1,
  count: papers.length,
  atOnce: PER_PAGE,
  serve: ({ service }, count) => {
    service.on('/arxiv', ({ query }) => {
      const start = Number(query.get('start'));
      const page = papers.slice(0, count).slice(start, start + PER_PAGE);
      return { body: atomFeed(page, count).replace('</opensearch:totalResults>', startIndex(start)) };
    });
  },
  writes: 'added',
  expiry: null,
};

const arxivOai: Subject = {
  name: 'arxiv-oai',
  asked: { source: 'arxiv-oai', options: { set: 'cs' } },
  paths: ['/arxiv-oai'],
  well: 1,
  count: changes.length,
  atOnce: PER_PAGE,
  serve: ({ service }, count) => {
    service.on('/arxiv-oai', ({ query }) => {
      const [from = '', start = '0'] = (query.get('resumptionToken') ?? query.get('from') ?? '').split('/');
      const list = changes.slice(0, count).filter(({ day }) => day >= from);
      const next = Number(start) + PER_PAGE;
      const token = `<resumptionToken completeListSize="${list.length}">${next < list.length ? `${from}/${next}` : ''}</resumptionToken>`;
      return { body: oaiPage(list.slice(Number(start), next).map(oaiRecord), token) };
    });
  },
  writes: 'added',
  expiry: { body: oaiAnswer('<error code="badResumptionToken">it has ended</error>') },
};

const huggingface: Subject = {
  name: 'huggingface',
  asked: { source: 'huggingface', options: { date: '2025-03-31' } },
  manners: { token: 'secret' },
  paths: ['/huggingface/daily_papers'],
  well: 1,
  count: papers.length,
  atOnce: PER_PAGE,
  serve: ({ service }, count) => {
    service.on('/huggingface/daily_papers', ({ query }) => {
      const page = Number(query.get('p'));
      const next = (page + 1) * PER_PAGE;
      const list = papers.slice(0, count).slice(page * PER_PAGE, next);
      const body = list.map(({ id, title, created }) => ({
        paper: { id, title, publishedAt: `${created}T08:00:00.000Z`, authors: [{ name: 'Zoë Muster' }], ai_keywords: ['Tides'], upvotes: 3, githubRepo: `https://github.com/muster/n-${id}` },
        publishedAt: '2025-03-31T08:00:00.000Z',
      }));
      const link = `<${service.url}/huggingface/daily_papers?date=2025-03-31&p=${page + 1}&limit=100>; rel="next"`;
      return { body, headers: next < count ? { link } : {} };
    });
  },
  writes: 'added',
  expiry: { status: 401, body: { error: 'Invalid credentials' } },
};

const archive = papers.map(({ id, title = '', created }) => ({
  paper_url: `https://archive.example/paper/n-${id}`, arxiv_id: id, title, abstract: 'Water goes and comes.', authors: ['Zoë Muster'], tasks: ['Tide Prediction'], methods: [], date: created,
}));
const FILE = '/files/papers.json';

const papersWithCode: Subject = {
  name: 'papers-with-code',
  asked: (url) => ({ source: 'papers-with-code', options: { papers: `${url}${FILE}` } }),
  paths: [FILE],
  well: 0,
  count: archive.length,
  atOnce: 1,
  serve: ({ service }, count) => {
    service.on(FILE, { body: JSON.stringify(archive.slice(0, count)), headers: { 'content-type': 'application/json', etag: `"first ${count}"` }, takesRanges: true });
  },
  writes: 'added',
  expiry: { status: 403, body: 'this address has ended' },
};

/** Papers have twenty repos at most. */
const PER_PAPER = 20;
const NOW = new Date('2025-04-01T00:00:00Z');
const repoNames = (count: number): string[] => Array.from({ length: count }, (_, index) => `tool-${String(index).padStart(3, '0')}`);

async function seedRepos(world: E2eWorld, count: number): Promise<void> {
  const names = repoNames(count);
  const records = Array.from({ length: Math.ceil(count / PER_PAPER) }, (_, index) => {
    const repos = names.slice(index * PER_PAPER, (index + 1) * PER_PAPER).map((name) => ({ url: `https://github.com/lab/${name}` }));
    const record = checkedRecord({ title: `Tools ${index}`, publishedOn: '2025-03-01', repos }, NOW);
    return { externalId: `tools-${index}`, record, digest: digestOf(record) };
  });
  const voice = { source: 'test', ranks: new Map([['test', 5]]), now: NOW };
  await world.database.bulkTransaction((reader) => world.services.writer.write(reader, voice, records));
  // One statement links all, in the order of their names: so rows are in that order too.
  const rows = await world.database.rows<{ name: string }>(sql`SELECT name FROM repos ORDER BY id`);
  if (rows.some(({ name }, index) => name !== names[index])) throw new Error('repos are asked about in another order than is served');
}

const starsOf = (name: string): number => Number(name.slice('tool-'.length)) + 1;

const REST_COUNT = 25;
const githubRest: Subject = {
  name: 'github without a token',
  asked: { source: 'github', options: { 'older-than': 0 } },
  paths: repoNames(REST_COUNT).slice(PER_PAPER).map((name) => `/github/repos/lab/${name}`),
  well: 0,
  count: REST_COUNT,
  atOnce: PER_PAPER,
  seed: (world) => seedRepos(world, REST_COUNT),
  serve: ({ service }) => {
    for (const name of repoNames(REST_COUNT)) {
      service.on(`/github/repos/lab/${name}`, { body: { stargazers_count: starsOf(name), language: 'Zig', license: { spdx_id: 'MIT' }, archived: false, description: 'für alle' } });
    }
  },
  writes: 'changed',
  expiry: null,
};

const GRAPHQL_COUNT = 105;
const githubGraphql: Subject = {
  name: 'github with a token',
  asked: { source: 'github', options: { 'older-than': 0 } },
  manners: { token: 'secret' },
  paths: ['/github/graphql'],
  well: 1,
  count: GRAPHQL_COUNT,
  atOnce: 100,
  seed: (world) => seedRepos(world, GRAPHQL_COUNT),
  serve: ({ service }) => {
    service.on('/github/graphql', answerGraphql);
  },
  writes: 'changed',
  expiry: { status: 401, body: { message: 'Bad credentials' } },
};

function answerGraphql({ body }: SeenRequest): FakeAnswer {
  const { variables } = JSON.parse(body) as { variables: Record<string, string> };
  const repos = Object.entries(variables).filter(([key]) => key.startsWith('n')).map(([key, name]) => [
    `r${key.slice(1)}`,
    { stargazerCount: starsOf(name), primaryLanguage: { name: 'Zig' }, licenseInfo: { spdxId: 'MIT', name: 'für alle' }, isArchived: false },
  ]);
  return { body: { data: { ...Object.fromEntries(repos) as object, rateLimit: { remaining: 4000, resetAt: '2030-01-01T00:00:00Z' } } } };
}

export const SUBJECTS: readonly Subject[] = [arxiv, arxivOai, huggingface, papersWithCode, githubRest, githubGraphql];
