import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { busy, cutChunked, cutShort, drip, instead, mislabelled, reset, silent, type FakeAnswer, type Misbehaviour } from '../support/fakeService.js';
import { contentOf } from '../support/ingestWorld.js';
import { halvesOf, startE2eWorld, type Asked, type E2eWorld, type Ended } from './e2eWorld.js';
import { SUBJECTS, type Subject } from './e2eSubjects.js';

let world: E2eWorld;
beforeAll(async () => { world = await startE2eWorld(); });
afterAll(() => world.stop());

const asItIs: Misbehaviour = (response, answer) => { instead(answer)(response, answer); };
const halfOf = (answer: FakeAnswer): FakeAnswer => {
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  return { ...answer, headers: { 'content-type': 'application/json', ...answer.headers }, body: text.slice(0, text.length >> 1) };
};

/** What a misbehaviour comes to: that the run does not mind it, or how it says that it failed. */
type Outcome = 'passes' | RegExp;

interface Kind {
  readonly name: string;
  /** `first` is the answer that the address gave first. */
  readonly misbehave: (response: ServerResponse, answer: FakeAnswer, context: { readonly first: FakeAnswer; readonly subject: Subject }) => void;
  readonly once: Outcome;
  readonly always: Outcome;
  readonly timeoutMs?: number;
}

const asked = (reason: string): RegExp => new RegExp(`^(GET|POST) http://127\\.0\\.0\\.1:\\d+/\\S+ ${reason}`);
const broken = asked('gave a broken answer \\(.+\\), after 5 attempts$');
const unread = asked('could not be read: .+, after 5 attempts$');
const slow = asked('did not answer in full within 150 ms, after 5 attempts$');

const KINDS: readonly Kind[] = [
  { name: '429 with Retry-After', misbehave: busy(429, '1'), once: 'passes', always: asked('answered 429 with Retry-After 1, after 5 attempts$') },
  { name: '503', misbehave: busy(503), once: 'passes', always: asked('answered 503, after 5 attempts$') },
  { name: 'a body that breaks off', misbehave: cutShort(), once: 'passes', always: unread },
  { name: 'a chunked body that breaks off', misbehave: cutChunked(), once: 'passes', always: unread },
  { name: 'a body that drips', misbehave: drip(500, 1), once: 'passes', always: 'passes' },
  { name: 'a body that stops', misbehave: drip(0, 0), once: 'passes', always: slow, timeoutMs: 150 },
  { name: 'no answer', misbehave: silent(), once: 'passes', always: slow, timeoutMs: 150 },
  { name: 'UTF-8 called latin1', misbehave: mislabelled('utf8', 'iso-8859-1'), once: 'passes', always: 'passes' },
  { name: 'latin1 called UTF-8', misbehave: mislabelled('latin1', 'utf-8'), once: 'passes', always: asked('answered with text that is neither UTF-8 nor in the character set that it names, after 5 attempts$') },
  { name: 'a reset connection', misbehave: reset(), once: 'passes', always: unread },
  { name: 'a page of HTML with 200', misbehave: instead({ headers: { 'content-type': 'text/html' }, body: '<!DOCTYPE html><html><body><p>Over capacity</body></html>' }), once: 'passes', always: broken },
  { name: 'half a document with 200', misbehave: (response, answer) => { asItIs(response, halfOf(answer)); }, once: 'passes', always: broken },
  { name: 'nothing with 200', misbehave: instead({ body: '' }), once: 'passes', always: broken },
  { name: 'the page before', misbehave: (response, _, { first }) => { asItIs(response, first); }, once: 'passes', always: broken },
  { name: 'that the token has ended', misbehave: (response, _, { subject }) => { asItIs(response, subject.expiry!); }, once: asked('answered 40[13]$'), always: asked('answered 40[13]$') },
];

interface Difference {
  readonly once?: Outcome;
  readonly always: Outcome;
  /** The file is then of another length, so that the run cannot go on with it: a new one does. */
  readonly changesLength?: boolean;
}
type Differences = Readonly<Record<string, Difference | null>>;

// A file is read as it comes: what is wrong within it shows when it is too late to ask for all of it again.
const noArray = /^http:\S+ must be a JSON array, received ".*" at its start$/;
const noText = /^http:\S+ must be a JSON array: element 1 must be JSON, received: The encoded data was not valid for encoding utf-8$/;
const noEnd = /^http:\S+ must be a JSON array: element \d+ or the end of the array must follow, received: the end of the file$/;
const OF_A_FILE: Differences = {
  'a body that breaks off': { always: asked('broke off after \\d+ of \\d+ bytes \\(.+\\), 6 times in a row$') },
  'a chunked body that breaks off': { always: asked('broke off after \\d+ of unknown bytes \\(.+\\), 6 times in a row$'), changesLength: true },
  'a body that stops': { always: asked('broke off after \\d+ of \\d+ bytes \\(.+\\), 6 times in a row$') },
  'no answer': { always: unread },
  'latin1 called UTF-8': { once: noText, always: noText },
  'a page of HTML with 200': { once: noArray, always: noArray },
  'half a document with 200': { once: noEnd, always: noEnd, changesLength: true },
  'nothing with 200': { once: noEnd, always: noEnd },
  'the page before': null,
};
const OF_GITHUB: Differences = {
  '429 with Retry-After': { always: /^GitHub refused 5 times in a row, last for 1 s$/ },
  'the page before': null,
};
const DIFFERENCES: Readonly<Record<string, Differences>> = {
  'arxiv-oai': { 'that the token has ended': { once: 'passes', always: /^resumptionToken must hold until a day is read, received one that ended before 4 times from .+ on$/ } },
  'papers-with-code': OF_A_FILE,
  'github without a token': OF_GITHUB,
  'github with a token': OF_GITHUB,
};

type Case = readonly [kind: string, outcome: Outcome, what: Kind & Pick<Difference, 'changesLength'>];
function casesOf(subject: Subject, when: 'once' | 'always'): Case[] {
  return KINDS.filter(({ name }) => subject.expiry !== null || name !== 'that the token has ended').flatMap((kind): Case[] => {
    const difference = DIFFERENCES[subject.name]?.[kind.name];
    return difference === null ? [] : [[kind.name, difference?.[when] ?? kind[when], { ...kind, changesLength: difference?.changesLength ?? false }]];
  });
}

describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
  const url = (): string => world.service.url;
  const request = (): Asked => (typeof subject.asked === 'function' ? subject.asked(url()) : subject.asked);
  const run = (timeoutMs?: number): Promise<Ended> => world.run(request(), { ...subject.manners, ...(timeoutMs !== undefined && { timeoutMs }) });

  /** How each path answers now; as it should where nothing is said. */
  const spoilers = new Map<string, Misbehaviour>();
  beforeAll(() => {
    for (const path of subject.paths) world.service.spoil(path, (response, answer) => { (spoilers.get(path) ?? asItIs)(response, answer); });
  });
  afterEach(() => { spoilers.clear(); });
  function spoil(kind: Kind, times: number): void {
    for (const path of subject.paths) {
      let count = 0;
      let first: FakeAnswer = {};
      spoilers.set(path, (response, answer) => {
        count += 1;
        if (count === 1) first = answer;
        if (count > subject.well && count <= subject.well + times) kind.misbehave(response, answer, { first, subject });
        else asItIs(response, answer);
      });
    }
  }

  async function start(count = subject.count): Promise<void> {
    await world.clear();
    await subject.seed?.(world);
    subject.serve(world, count);
  }

  const references = new Map<number, string[]>();
  /** What an unbroken import of the first things leaves. */
  async function contentOfFirst(count: number): Promise<string[]> {
    const known = references.get(count);
    if (known !== undefined) return known;
    await start(count);
    const asked = request();
    const ended = count === 0 ? null : await world.run(subject.writes === 'added' ? asked : { ...asked, options: { ...asked.options, limit: count } }, subject.manners);
    expect(ended?.ending ?? 'SUCCEEDED').toBe('SUCCEEDED');
    const content = await contentOf(world.database);
    references.set(count, content);
    return content;
  }
  beforeAll(async () => { await contentOfFirst(subject.count); });

  async function expectWhole({ ending, error, rejected, rejectRows }: Ended): Promise<void> {
    expect([ending, error, rejected, rejectRows]).toEqual(['SUCCEEDED', null, 0, 0]);
    expect(await contentOf(world.database)).toEqual(await contentOfFirst(subject.count));
    expect(await halvesOf(world)).toEqual([]);
  }

  /** The run failed as it should, and left what it had read whole; returns how much that is. */
  async function expectFailed(ended: Ended, reason: RegExp): Promise<number> {
    expect(ended.ending).toBe('FAILED');
    expect(ended.error).toMatch(reason);
    expect(await halvesOf(world)).toEqual([]);
    const count = ended[subject.writes];
    expect(ended).toMatchObject({ added: 0, changed: 0, unchanged: 0, rejected: 0, rejectRows: 0, [subject.writes]: count });
    expect(count).toBeLessThan(subject.count);
    expect(count % subject.atOnce).toBe(0);
    return count;
  }

  async function expectNothingNew(): Promise<void> {
    const before = await contentOf(world.database);
    expect(await run()).toMatchObject({ ending: 'SUCCEEDED', added: 0, changed: 0, rejected: 0 });
    expect(await contentOf(world.database)).toEqual(before);
  }

  test('a well-behaved service: all is written, and the second time nothing', async () => {
    await start();
    const ended = await run();
    expect(ended[subject.writes]).toBe(subject.count);
    expect(await halvesOf(world)).toEqual([]);
    await expectNothingNew();
  });

  test.each(casesOf(subject, 'once'))('%s, then well: %s', async (_name, outcome, kind) => {
    await start();
    spoil(kind, 2);
    const ended = await run(kind.timeoutMs);
    if (outcome === 'passes') await expectWhole(ended);
    else await expectFailed(ended, outcome);
  });

  test.each(casesOf(subject, 'always'))('%s without end: %s', async (_name, outcome, kind) => {
    await start();
    spoil(kind, Infinity);
    const ended = await run(kind.timeoutMs);
    if (outcome === 'passes') {
      await expectWhole(ended);
      return;
    }
    const count = await expectFailed(ended, outcome);
    const content = await contentOf(world.database);
    spoilers.clear();
    const goneOn = await world.goOn(ended.id, subject.manners);
    if (kind.changesLength === true && count > 0) {
      expect(goneOn.error).toMatch(/must be as it was when the run was interrupted/);
      expect(await contentOf(world.database)).toEqual(content);
      expect(await run()).toMatchObject({ ending: 'SUCCEEDED', added: subject.count - count, unchanged: count });
    } else {
      expect(goneOn).toMatchObject({ ending: 'SUCCEEDED', error: null, [subject.writes]: subject.count });
    }
    expect(await contentOf(world.database)).toEqual(await contentOfFirst(subject.count));
    expect(await halvesOf(world)).toEqual([]);
    await expectNothingNew();
    expect(content).toEqual(await contentOfFirst(count));
  });
});
