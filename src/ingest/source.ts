import type { z } from 'zod';
import type { RepoAddress } from '../repos/repoAddress.js';
import type { RawRecord, RawTag } from '../submissions/paperRecord.js';
import type { HttpClient } from './http/httpClient.js';

/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A paper as a source tells it, before it is checked. */
export interface SourceRecord extends RawRecord {
  /** The paper's name at the source, the same at each visit; 1 to 300 characters. */
  readonly externalId: string;
  /** Where the record only tells something more of a paper, such as a repository: that paper's name at the source. */
  readonly partOf?: string | null;
}

/** Where a value breaks a rule: `field rule, received value`. */
export interface Fault {
  readonly field: string;
  /** Such as `must be a day in the form YYYY-MM-DD`. */
  readonly rule: string;
  readonly received: unknown;
}

/** One thing that a source says. */
export type Item =
  /** There is this paper; `leftOut` is what of it the source's module could not use. */
  | { readonly kind: 'PAPER'; readonly place: string; readonly record: SourceRecord; readonly leftOut?: readonly Fault[] }
  /** There is this tag, whether a paper has it or not. */
  | { readonly kind: 'TAG'; readonly place: string; readonly tag: RawTag }
  /** The source has deleted or withdrawn the paper: it stays here, marked. */
  | { readonly kind: 'WITHDRAWAL'; readonly place: string; readonly externalId: string; readonly on: string | null }
  /** What a host says of a repository that some paper links; `facts` null where it has none (any more). */
  | { readonly kind: 'REPO'; readonly place: string; readonly address: RepoAddress; readonly facts: RepoFacts | null }
  /** A reader's vote; a reader that does not exist is made as a simulated one where `isSimulated`, else rejected. */
  | { readonly kind: 'VOTE'; readonly place: string; readonly reader: string; readonly isSimulated: boolean; readonly paper: PaperKey; readonly at: Date | null }
  /** Something that cannot become any of these. */
  | { readonly kind: 'REJECT'; readonly place: string; readonly title: string | null; readonly fault: Fault };

/** What names a paper: the first of these that finds one decides. */
export interface PaperKey {
  /** Its name at this source. */
  readonly externalId?: string | null;
  readonly arxivId?: string | null;
  readonly doi?: string | null;
  readonly title?: string | null;
  /** Beside `title`. */
  readonly firstAuthor?: string | null;
}

/** What a host says of a repository; `unchanged` where it only says that nothing has changed since `etag`. */
export type RepoFacts =
  | { readonly unchanged: true }
  | {
      readonly unchanged: false;
      readonly stars: number;
      readonly language: string | null;
      /** SPDX identifier. */
      readonly license: string | null;
      readonly isArchived: boolean;
      readonly etag: string | null;
    };

/** Items that are written in one transaction, and where to go on after them. */
export interface Parcel {
  /** At most 2,000; may be empty. */
  readonly items: readonly Item[];
  /** Given to `read` after an interruption, as it is: what follows this parcel is read then. */
  readonly checkpoint: Json;
  /** How much of the whole is read now, in the reading's unit, counted from the start of an unbroken run. */
  readonly done: number;
}

/** A source that has been asked something. */
export interface Reading {
  readonly unit: 'bytes' | 'records';
  /** How much there is; null where that shows only at the end, or is told later by `onTotal`. */
  readonly total: number | null;
  /** The parcels, from the start (null) or after a checkpoint of an earlier reading of the same options. */
  read(checkpoint: Json): AsyncIterable<Parcel>;
}

/** A repository that was asked about least recently. */
export interface StaleRepo {
  readonly rowId: number;
  readonly address: RepoAddress;
  readonly etag: string | null;
}

/** What a source may use. */
export interface SourceContext {
  readonly http: HttpClient;
  /** Root of the service's addresses, without a slash at its end: as configured, or the source's `url`. */
  readonly url: string;
  /** As configured; null where there is none. */
  readonly token: string | null;
  /** When the run began, the same for all its executions. */
  readonly now: Date;
  /** The time now. */
  readonly clock: () => Date;
  /** Only what is new or changed since then; null for all that the options ask for. */
  readonly since: Date | null;
  readonly signal: AbortSignal;
  /** Says how much there is, where that shows only while reading. */
  onTotal(total: number): void;
  /** Repos of a host that were not asked about since `before`, by their rows, after a row. */
  staleRepos(question: { readonly host: string; readonly before: Date; readonly afterRowId: number; readonly limit: number }): Promise<StaleRepo[]>;
}

/** Where papers, votes or facts come from: one module in sources/, exported there as `source`. */
export interface Source<Options extends object = object> {
  /** In lower case with hyphens; also its name in `paper_origins`, on the command line and in the configuration. */
  readonly name: string;
  /** The source whose word this is, where the same archive can be asked in several ways; its own name when left out. */
  readonly voice?: string;
  /** One sentence. */
  readonly description: string;
  /** Where the service is; null for a source that reads files. */
  readonly url: string | null;
  /** Least time between two requests, in milliseconds. */
  readonly courtesyMs: number;
  /**
   * How much its word counts, from 1 to 9: a value of a higher rank replaces that of a lower one; of the same rank, the
   * longer one stays.
   */
  readonly rank: number;
  /** Whether it can be asked for what is new since an instant, so that runs can be scheduled. */
  readonly hasSince: boolean;
  /** Its options; each must be a string, boolean or number with a description, since they are flags and GraphQL inputs too. */
  readonly options: z.ZodType<Options>;
  /** Options that are given without a name on the command line, in order. */
  readonly positionals?: readonly string[];
  /** Throws SourceError where the options or the files do not fit. */
  open(options: Options, context: SourceContext): Promise<Reading>;
}

/** The source cannot be read (any further): its answer, its file or its options are not as they must be. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}
