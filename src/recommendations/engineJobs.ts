import { checksumOf } from '../recommender/checksum.js';
import { unpackChanges, type ChangeKind, type TasteChange } from '../recommender/change.js';
import { recommend, type RecommendRequest, type RecommendationPage } from '../recommender/recommend.js';
import { recommendAmong, type AmongRequest } from '../recommender/recommendAmong.js';
import { relatedTags, type RelatedTag } from '../recommender/relatedTags.js';
import { areSameParts, type Parts } from '../recommender/sharedMemory.js';
import { similarReaders, type SimilarReader } from '../recommender/similarReaders.js';
import { supposing } from '../recommender/supposing.js';
import { TasteMatrix } from '../recommender/tasteMatrix.js';
import { profileOf, type TasteProfile } from '../recommender/tasteProfile.js';

/** A ranking, and beside it the one without the supposed changes. */
export interface RankingAnswer {
  readonly page: RecommendationPage;
  /** The first papers of the ranking as it is, and of the one that was asked for; empty where nothing is supposed. */
  readonly actualIds: readonly number[];
  readonly supposedIds: readonly number[];
}

/** What a matrix holds. */
export interface MatrixSizes {
  readonly papers: number;
  readonly readers: number;
  readonly upvotes: number;
  readonly bytes: number;
}

export interface MatrixState extends MatrixSizes {
  readonly checksum: string;
}

/** A job that reads: many run at once. `past` names an earlier state; null is the present one. */
export type ReadJob =
  | { readonly kind: 'recommend'; readonly request: Omit<RecommendRequest, 'allowed'>; readonly past: string | null }
  | { readonly kind: 'recommendAmong'; readonly request: AmongRequest; readonly past: string | null }
  | { readonly kind: 'relatedTags'; readonly tagId: number }
  | { readonly kind: 'similarReaders'; readonly readerId: number }
  | { readonly kind: 'profile'; readonly readerId: number }
  | { readonly kind: 'state' | 'sizes' }
  | { readonly kind: 'copyPast' | 'dropPast'; readonly past: string }
  | { readonly kind: 'undoPast'; readonly past: string; readonly changes: Float64Array };

/** A job that writes: it runs alone. `suppose` takes its changes back before it ends. */
export type WriteJob =
  | { readonly kind: 'apply'; readonly changes: Float64Array }
  | { readonly kind: 'beginLoading' | 'endLoading' }
  | { readonly kind: 'load'; readonly change: ChangeKind; readonly packed: Uint8Array; readonly isValued: boolean }
  | { readonly kind: 'suppose'; readonly request: Omit<RecommendRequest, 'allowed'>; readonly changes: readonly TasteChange[]; readonly past: string | null; readonly compared: number };

export type Job = ReadJob | WriteJob;

interface Answers {
  readonly recommend: RankingAnswer;
  readonly recommendAmong: RecommendationPage;
  readonly suppose: RankingAnswer;
  readonly relatedTags: RelatedTag[];
  readonly similarReaders: SimilarReader[];
  readonly profile: TasteProfile;
  readonly state: MatrixState;
  readonly sizes: MatrixSizes;
}

/** What a job of this kind gives. */
export type AnswerOf<Kind extends Job['kind']> = Kind extends keyof Answers ? Answers[Kind] : null;

/** Whether a job must run alone. One on an earlier state has it to itself: a state has one thread. */
export function isExclusive(job: Job): boolean {
  if (job.kind === 'suppose') return job.past === null;
  return ['apply', 'beginLoading', 'endLoading', 'load'].includes(job.kind);
}

/** Does jobs on a matrix, which other threads may share, and on earlier states of it, which are its own. */
export class EngineHost {
  private matrix = new TasteMatrix();
  private known: Parts | null = null;
  private readonly past = new Map<string, TasteMatrix>();

  /** Works on the matrix of another thread from now on. */
  attach(parts: Parts): void {
    this.matrix.attach(parts);
    this.known = parts;
  }

  /** The matrix's memory, if it has moved since the last call or nobody has seen it yet; null otherwise. */
  movedParts(): Parts | null {
    const parts = this.matrix.parts();
    if (this.known !== null && areSameParts(parts, this.known)) return null;
    this.known = parts;
    return parts;
  }

  run(job: Job): Answers[keyof Answers] | null {
    switch (job.kind) {
      case 'recommend':
        return { page: recommend(this.matrixAt(job.past), job.request), actualIds: [], supposedIds: [] };
      case 'recommendAmong':
        return recommendAmong(this.matrixAt(job.past), job.request);
      case 'suppose':
        return supposed(this.matrixAt(job.past), job);
      case 'relatedTags':
        return relatedTags(this.matrix, job.tagId);
      case 'similarReaders':
        return similarReaders(this.matrix, job.readerId);
      case 'profile':
        return profileOf(this.matrix, job.readerId);
      case 'state':
        return { ...sizesOf(this.matrix), checksum: checksumOf(this.matrix) };
      case 'sizes':
        return sizesOf(this.matrix);
      case 'copyPast':
        this.past.set(job.past, this.matrix.copy());
        return null;
      case 'undoPast':
        for (const change of unpackChanges(job.changes)) this.matrixAt(job.past).apply(change);
        return null;
      case 'dropPast':
        this.past.delete(job.past);
        return null;
      case 'apply':
        for (const change of unpackChanges(job.changes)) this.matrix.apply(change);
        return null;
      case 'beginLoading':
        // Threads that were on the one before may have derived something from it at any of its versions.
        this.matrix = new TasteMatrix(this.matrix.version + 1);
        this.matrix.beginLoading();
        return null;
      case 'load':
        for (const change of unpackRows(job)) this.matrix.apply(change);
        return null;
      case 'endLoading':
        this.matrix.endLoading();
        return null;
    }
  }

  private matrixAt(past: string | null): TasteMatrix {
    const matrix = past === null ? this.matrix : this.past.get(past);
    if (matrix === undefined) throw new Error(`the state ${String(past)} is not open`);
    return matrix;
  }
}

function supposed(matrix: TasteMatrix, { request, changes, compared }: Extract<Job, { kind: 'suppose' }>): RankingAnswer {
  const idsOf = (): number[] => recommend(matrix, { ...request, after: null, limit: compared, reasons: 0 }).items.map((item) => item.paperId);
  const actualIds = idsOf();
  const answer = supposing(matrix, changes, () => ({ page: recommend(matrix, request), supposedIds: idsOf() }));
  return { ...answer, actualIds };
}

function sizesOf(matrix: TasteMatrix): MatrixSizes {
  const readers = matrix.readersBySize.reduce((sum, count, votes) => (votes === 0 ? sum : sum + count), 0);
  return { papers: matrix.paperCount, readers, upvotes: matrix.voteCount, bytes: matrix.byteLength() };
}

/** Rows as the database packs them: subject and object as int4, with a value as float8 where the kind has one. */
function* unpackRows({ change, packed, isValued }: Extract<Job, { kind: 'load' }>): Generator<TasteChange> {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const width = isValued ? 16 : 8;
  for (let at = 0; at < packed.byteLength; at += width) {
    yield { kind: change, subject: view.getInt32(at), object: view.getInt32(at + 4), value: isValued ? view.getFloat64(at + 8) : 1 };
  }
}
