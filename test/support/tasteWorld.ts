import type { Adjacency } from '../../src/recommender/adjacency.js';
import { CHANGE_KINDS, type TasteChange } from '../../src/recommender/change.js';
import type { Ids } from '../../src/recommender/ids.js';
import { TasteMatrix } from '../../src/recommender/tasteMatrix.js';
import { chance, type Chance } from './random.js';

export const DAY = 86_400;
export const READERS = Array.from({ length: 15 }, (_, index) => index + 1);
export const TAGS = Array.from({ length: 10 }, (_, index) => 101 + index);
export const AUTHORS = Array.from({ length: 8 }, (_, index) => 201 + index);

/** A change that knows what it replaced, so that it can be undone. */
export interface WorldChange extends TasteChange {
  readonly previous: number | null;
}

export function applyChanges(matrix: TasteMatrix, changes: readonly TasteChange[]): TasteMatrix {
  for (const change of changes) matrix.apply(change);
  return matrix;
}

export const matrixOf = (changes: readonly TasteChange[]): TasteMatrix => applyChanges(new TasteMatrix(), changes);

/** A matrix that loaded these facts, each once, at a stroke. */
export function loadedMatrix(facts: readonly TasteChange[]): TasteMatrix {
  const matrix = new TasteMatrix();
  matrix.beginLoading();
  applyChanges(matrix, facts);
  matrix.endLoading();
  return matrix;
}

/** What takes the changes back, the last one first. */
export const undone = (changes: readonly WorldChange[]): TasteChange[] => changes.map(({ previous, ...change }) => ({ ...change, value: previous })).reverse();

/** The same facts about others. */
export const renamed = (change: TasteChange, rename: (id: number) => number): TasteChange =>
  ({ ...change, subject: rename(change.subject), object: change.kind === 'PAPER' ? 0 : rename(change.object) });

// Facts, a line each, for sets made by hand.
export const paper = (subject: number, listedDays = 0): TasteChange => ({ kind: 'PAPER', subject, object: 0, value: listedDays * DAY });
export const tag = (subject: number, object: number, weight = 1): TasteChange => ({ kind: 'TAG', subject, object, value: weight });
export const author = (subject: number, object: number): TasteChange => ({ kind: 'AUTHOR', subject, object, value: 1 });
export const upvote = (subject: number, object: number): TasteChange => ({ kind: 'UPVOTE', subject, object, value: 1 });
/** One of which nothing is learned. */
export const unlearned = (change: TasteChange): TasteChange => ({ ...change, value: 0 });
export const dismissal = (subject: number, object: number): TasteChange => ({ kind: 'DISMISSAL', subject, object, value: 1 });
export const tagFollow = (subject: number, object: number): TasteChange => ({ kind: 'TAG_FOLLOW', subject, object, value: 1 });
export const authorFollow = (subject: number, object: number): TasteChange => ({ kind: 'AUTHOR_FOLLOW', subject, object, value: 1 });

export const tagMute = (subject: number, object: number): TasteChange => ({ kind: 'TAG_MUTE', subject, object, value: 1 });
export const authorMute = (subject: number, object: number): TasteChange => ({ kind: 'AUTHOR_MUTE', subject, object, value: 1 });

/** Random changes that a database could have logged: a paper that goes takes its links with it. */
export function randomChanges(seed: number, count: number): WorldChange[] {
  const random = chance(seed);
  const log = new Log();
  const list = (id: number): void => {
    log.add({ kind: 'PAPER', subject: id, object: 0, value: DAY * random.below(60) });
  };
  for (let id = 1; id <= 12; id += 1) list(id);
  while (log.changes.length < count) {
    const live = log.livePapers();
    const turn = random.number();
    if (turn < 0.06) list(1 + random.below(40));
    else if (turn < 0.08 && live.length > 5) log.removePaper(random.pick(live));
    else log.add(randomLink(random, live, turn));
  }
  return log.changes;
}

function randomLink(random: Chance, live: readonly number[], turn: number): TasteChange {
  const roll = random.number();
  const value = roll < 0.7 ? 1 : null;
  // Of one in ten nothing is learned.
  const learned = roll < 0.1 ? 0 : value;
  if (turn < 0.36) return { kind: 'TAG', subject: random.pick(live), object: random.pick(TAGS), value: value === null ? null : (1 + random.below(10)) / 10 };
  if (turn < 0.46) return { kind: 'AUTHOR', subject: random.pick(live), object: random.pick(AUTHORS), value };
  const subject = random.pick(READERS);
  if (turn < 0.51) return { kind: 'TAG_FOLLOW', subject, object: random.pick(TAGS), value: learned };
  if (turn < 0.55) return { kind: 'AUTHOR_FOLLOW', subject, object: random.pick(AUTHORS), value: learned };
  if (turn > 0.985) return { kind: 'TAG_MUTE', subject, object: random.pick(TAGS), value };
  if (turn > 0.97) return { kind: 'AUTHOR_MUTE', subject, object: random.pick(AUTHORS), value };
  return turn < 0.61 ? { kind: 'DISMISSAL', subject, object: random.pick(live), value } : { kind: 'UPVOTE', subject, object: random.pick(live), value: learned };
}

class Log {
  readonly changes: WorldChange[] = [];
  /** The facts that hold, by what they are about. */
  private readonly facts = new Map<string, TasteChange>();

  add(change: TasteChange): void {
    const key = keyOf(change);
    this.changes.push({ ...change, previous: this.facts.get(key)?.value ?? null });
    if (change.value === null) this.facts.delete(key);
    else this.facts.set(key, change);
  }

  livePapers(): number[] {
    return [...this.facts.values()].filter(({ kind }) => kind === 'PAPER').map(({ subject }) => subject);
  }

  removePaper(id: number): void {
    for (const fact of [...this.facts.values()]) if (fact.kind !== 'PAPER' && paperOf(fact) === id) this.add({ ...fact, value: null });
    this.add({ kind: 'PAPER', subject: id, object: 0, value: null });
  }
}

const keyOf = ({ kind, subject, object }: TasteChange): string => `${kind} ${subject} ${object}`;

function paperOf({ kind, subject, object }: TasteChange): number | null {
  if (kind === 'UPVOTE' || kind === 'DISMISSAL') return object;
  return kind.endsWith('_FOLLOW') || kind.endsWith('_MUTE') ? null : subject;
}

/** What is left after all changes, in the order in which a server that starts reads its tables. */
export function finalState(changes: readonly TasteChange[]): TasteChange[] {
  const last = new Map(changes.map((change) => [keyOf(change), change]));
  const kindOf = (change: TasteChange): number => CHANGE_KINDS.indexOf(change.kind);
  return [...last.values()]
    .filter(({ value }) => value !== null)
    .map(({ kind, subject, object, value }) => ({ kind, subject, object, value }))
    .sort((one, other) => kindOf(one) - kindOf(other) || one.subject - other.subject || one.object - other.object);
}

/** Everything that a matrix says, in an order of its own: equal for matrices that mean the same. */
export function contentOf(matrix: TasteMatrix): object {
  const { papers, readers, tags, authors } = matrix;
  const pairs = (lists: Adjacency, ofList: Ids, ofValue: Ids): string[] =>
    indicesOf(ofList)
      .flatMap((list) => Array.from(lists.values(list), (value) => [ofList.ids[list], ofValue.ids[value], lists.weightOf(list, value)].join(' ')))
      .sort();
  return {
    paperCount: matrix.paperCount,
    voteCount: matrix.voteCount,
    mostReaders: matrix.mostReaders(),
    latest: matrix.latestListedSeconds(),
    papers: livePaperIds(matrix).map((id) => [id, matrix.listedSeconds[matrix.paperAt(id)]].join(' ')).sort(),
    trend: Array.from({ length: matrix.trend.count }, (_, place) => matrix.paperIdOf(matrix.trend.paperAt(place))),
    tags: pairs(tags.ofPaper, papers, tags.ids),
    papersOfTag: pairs(tags.papersOf, tags.ids, papers),
    tagFollows: pairs(tags.followedBy, readers, tags.ids),
    tagMutes: pairs(tags.mutedBy, readers, tags.ids),
    authors: pairs(authors.ofPaper, papers, authors.ids),
    papersOfAuthor: pairs(authors.papersOf, authors.ids, papers),
    authorFollows: pairs(authors.followedBy, readers, authors.ids),
    authorMutes: pairs(authors.mutedBy, readers, authors.ids),
    votes: pairs(matrix.papersOfReader, readers, papers),
    readersOfPaper: pairs(matrix.readersOfPaper, papers, readers),
    dismissals: pairs(matrix.dismissedBy, readers, papers),
    unlearned: pairs(matrix.unlearnedBy, readers, papers),
  };
}

/** The live papers with a tag or an author that a reader muted. */
export function mutedPaperIds(matrix: TasteMatrix, readerId: number): number[] {
  const isMuted = (id: number): boolean =>
    [matrix.tags, matrix.authors].some(({ ofPaper, mutedBy }) => ofPaper.values(matrix.paperAt(id)).some((feature) => mutedBy.has(matrix.readerAt(readerId), feature)));
  return livePaperIds(matrix).filter(isMuted);
}

/** The papers that are there, by id in the order of their arrival. */
export const livePaperIds = (matrix: TasteMatrix): number[] => indicesOf(matrix.papers).filter((index) => matrix.isLive(index)).map((index) => matrix.paperIdOf(index));

const indicesOf = ({ count }: Ids): number[] => Array.from({ length: count }, (_, index) => index);
