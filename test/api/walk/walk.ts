import { sql } from '../../../src/database/database.js';
import type { RawRecord } from '../../../src/submissions/paperRecord.js';
import { atomFeed } from '../../ingest/arxivFeeds.js';
import { startFakeService, type FakeService } from '../../support/fakeService.js';
import { PASSWORD, signUp } from '../../support/fullLife.js';
import { MailServer } from '../../support/mailServer.js';
import { seedPapers, type Reader } from '../../support/seed.js';
import { startIssuer, type OidcIssuer } from '../../support/oidcIssuer.js';
import { startTestServer, type TestServer } from '../../support/testServer.js';

/** Who walks. Ada, Ben and Cleo read; Cora becomes a curator, and the admin is there from the start. */
export type Name = 'ada' | 'ben' | 'cleo' | 'cora' | 'admin';

/** The papers of the week from Monday, 3 March 2025, and one of the week before. */
const PAPERS = {
  before: { title: 'Before the Week', listedOn: '2025-02-27', authors: ['Quinn Ames'] },
  sparse: {
    title: 'Sparse Attention at Length', listedOn: '2025-03-03', publishedOn: '2025-03-01', arxivId: '2503.00001', authors: ['Mia Lind', 'Noa Katz'], abstract: 'Pruned keys keep long contexts cheap.',
    tags: [{ slug: 'attention', weight: 1 }, { slug: 'language', weight: 0.5 }], repos: [{ url: 'https://github.com/lab/sparse', isOfficial: true }],
  },
  linear: {
    title: 'Linear Attention, Revisited', listedOn: '2025-03-04', publishedOn: '2024-12-24', arxivId: '2503.00002', authors: ['Mia Lind'], abstract: 'A view by <kernels> & its limits.',
    tags: [{ slug: 'attention', weight: 1 }],
  },
  small: { title: 'Attention on Small Devices', listedOn: '2025-03-05', authors: ['Omar Said'], tags: [{ slug: 'attention', weight: 1 }, { slug: 'hardware', weight: 1 }] },
  molecules: {
    title: 'Graph Networks for Molecules', listedOn: '2025-03-05', publishedOn: '2025-03-02', arxivId: '2503.00004', doi: '10.5555/molecules', authors: ['Noa Katz', 'Pia Roth'],
    tags: [{ slug: 'graphs', weight: 1 }, { slug: 'chemistry', weight: 0.5 }],
  },
  messages: { title: 'Message Passing without Messages', listedOn: '2025-03-06', authors: ['Pia Roth'], tags: [{ slug: 'graphs', weight: 1 }] },
  weather: { title: 'Diffusion for Weather', listedOn: '2025-03-06', authors: ['Quinn Ames'], tags: [{ slug: 'diffusion', weight: 1 }, { slug: 'climate', weight: 1 }] },
  advert: { title: 'Cheap Papers, Written Fast', listedOn: '2025-03-07' },
  twin: { title: 'Molecules by Graph Networks', listedOn: '2025-03-07', arxivId: '2503.00008', authors: ['Noa Katz'], tags: [{ slug: 'graphs', weight: 1 }] },
} satisfies Record<string, RawRecord>;
export type PaperName = keyof typeof PAPERS;

/** A course of the year before, of which one part is misspelt. */
const COURSE = [...Array.from({ length: 10 }, (_, n) => ({ title: `Lecture ${n + 1} on Light`, listedOn: '2024-06-01' })), { title: 'Lectrue on Shadow', listedOn: '2024-06-01' }];

/** What arXiv knows beside them. */
const AT_ARXIV = [{ id: '2503.00010', title: 'Otters at Rest', summary: 'What otters do when they do nothing.', created: '2025-03-08' }];

export const ADMIN_PASSWORD = 'only the admin knows';
export const SUNDAY = '2025-03-09';

/** What one who is refused is told, beside the words. */
export interface Refusal {
  readonly code: string;
  readonly field?: string;
}

/** A server, the people and papers on it, and what the steps before left for those after. */
export interface Walk {
  readonly server: TestServer;
  readonly mails: MailServer;
  readonly arxiv: FakeService;
  /** Where readers of a university sign in. */
  readonly provider: OidcIssuer;
  readonly paper: Readonly<Record<PaperName, string>>;
  /** Makes an account by the API. */
  signUp(name: Name, displayName?: string): Promise<Reader>;
  /** Lets a reader go on with another token. */
  enter(name: Name, reader: Reader): void;
  person(name: Name): Reader;
  /** Asks as one of them, or as nobody. */
  ask(name: Name | null, document: string, variables?: Record<string, unknown>): Promise<any>;
  /** The refusal of what is asked: the only error of the answer. */
  refused(name: Name | null, document: string, variables?: Record<string, unknown>): Promise<Refusal>;
  /** Notes what a later step goes on with. */
  keep(what: string, id: string): void;
  kept(what: string): string;
  /** Fetches what an address of the server leads to, also one under its public name. */
  fetch(address: string, init?: RequestInit): Promise<Response>;
  /** An instant between all that came before and all that comes after. */
  instant(): Promise<string>;
  stop(): Promise<void>;
}

/** Where links begin by the configuration of tests. */
const PUBLIC = 'https://papers.example';

/** By another way to the same server, which asks what it is asked to in a way of its own. */
export type Detour = (server: TestServer) => TestServer;

export async function startWalk(detour: Detour = (server) => server): Promise<Walk> {
  const mails = await new MailServer().listen();
  const arxiv = await startFakeService();
  arxiv.on('/query', ({ query }) => {
    const found = AT_ARXIV.filter(({ id }) => (query.get('id_list') ?? '').split(',').includes(id));
    return { body: atomFeed(found, found.length) };
  });
  const provider = await startIssuer();
  const server = detour(await startTestServer({
    oidc: provider.settings,
    // Four new accounts are as many as vote for one paper in this week.
    votes: { limits: { perMinute: 30, perDay: 1000 }, bursts: { votes: 5, minutes: 10, newAccountHours: 48 } },
    adminPassword: ADMIN_PASSWORD, submissionLookup: true, mail: { smtpUrl: mails.url, from: 'Daily Papers <daily@papers.example>' },
    ingest: { sources: new Map([['arxiv', { schedule: null, options: [], url: `${arxiv.url}/query`, token: null }]]), contact: null },
  }));
  const seeded = await seedPapers(server, Object.values(PAPERS));
  await seedPapers(server, COURSE);
  const paper = Object.fromEntries(Object.keys(PAPERS).map((name, place) => [name, seeded[place]!.id])) as Record<PaperName, string>;
  const people = new Map<Name, Reader>();
  const notes = new Map<string, string>();
  const optionsOf = (name: Name | null, variables: Record<string, unknown>): { token: string | null; variables: Record<string, unknown> } => ({ token: name === null ? null : personOf(name).token, variables });
  const personOf = (name: Name): Reader => {
    const person = people.get(name);
    if (person === undefined) throw new Error(`${name} has not come yet`);
    return person;
  };
  return {
    server,
    mails,
    arxiv,
    provider,
    paper,
    signUp: async (name, displayName) => {
      const reader = await signUp(server, name, displayName ?? null);
      people.set(name, reader);
      return reader;
    },
    enter: (name, reader) => { people.set(name, reader); },
    person: personOf,
    ask: (name, document, variables = {}) => server.query(document, optionsOf(name, variables)),
    refused: async (name, document, variables = {}) => (await server.error(document, optionsOf(name, variables))).extensions,
    keep: (what, id) => { notes.set(what, id); },
    kept: (what) => {
      const id = notes.get(what);
      if (id === undefined) throw new Error(`no step before has left ${what}`);
      return id;
    },
    fetch: (address, init) => fetch(new URL(address.replace(PUBLIC, ''), server.url), init),
    instant: async () => {
      await pause();
      const now = new Date().toISOString();
      await pause();
      return now;
    },
    stop: async () => {
      await server.stop();
      await mails.close();
      await arxiv.close();
      await provider.close();
    },
  };
}

const pause = (): Promise<void> => new Promise((resolve) => { setTimeout(resolve, 5); });

/** What makes an answer's sum right: a score is the sum of its reasons. */
export const sumOf = (reasons: readonly { readonly contribution: number }[]): number => reasons.reduce((sum, { contribution }) => sum + contribution, 0);
export const titlesOf = ({ nodes }: { readonly nodes: readonly { readonly title: string }[] }): string[] => nodes.map(({ title }) => title);
/** An id of a type whose row is not there. */
export const nobodys = (type: string): string => Buffer.from(`${type}:999999`).toString('base64url');
/** What is refused for want of a viewer. */
export const ANONYMOUS: Refusal = { code: 'UNAUTHENTICATED' };
export const bad = (field: string): Refusal => ({ code: 'BAD_USER_INPUT', field });
export const missing = (field: string): Refusal => ({ code: 'NOT_FOUND', field });
export const forbidden = (field: string): Refusal => ({ code: 'FORBIDDEN', field });
export const conflict = (field: string): Refusal => ({ code: 'CONFLICT', field });
export { PASSWORD, sql };
