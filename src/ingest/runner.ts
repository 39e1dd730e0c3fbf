import type { IngestTrigger } from '../generated/prisma/enums.js';

/** The value of an option: of the command line, of the configuration or of GraphQL. */
export type OptionValue = string | number | boolean;
export type OptionValues = Readonly<Record<string, OptionValue>>;

/** An option of a source. */
export interface OptionDescription {
  readonly name: string;
  readonly description: string;
  readonly type: 'string' | 'number' | 'boolean';
  /** Null where there is none. */
  readonly default: OptionValue | null;
  readonly isRequired?: boolean;
}

/** A source as those see it who ask it for something. */
export interface SourceDescription {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Whether it can be asked for what is new since an instant. */
  readonly hasSince: boolean;
  /** Where the service is; null for a source that reads files. */
  readonly url: string | null;
  readonly options: readonly OptionDescription[];
  /** Options that the command line takes without a name, in order. */
  readonly positionals?: readonly string[];
}

/** What is asked of a source. */
export interface IngestRequest {
  readonly source: string;
  readonly options: OptionValues;
  /** Only what is new or changed since then; null for all that the options ask for. */
  readonly since: Date | null;
  readonly trigger: IngestTrigger;
  /** Who asked for it, by row; null for a schedule and the command line. */
  readonly requestedById: number | null;
}

/** Makes runs and does them. */
export interface IngestRunner {
  /** What can be asked; read when it is first asked for. */
  sources(): Promise<readonly SourceDescription[]>;
  /** Makes a run, QUEUED; throws NOT_FOUND for an unknown source, BAD_USER_INPUT for options that break their rules. */
  create(request: IngestRequest): Promise<number>;
  /**
   * Does a run whose turn it is; resolves when it is over, whatever became of it (its row says so), and rejects for an error
   * that its row does not tell. Stops at the next batch when `signal` aborts: the row then stays RUNNING for the next one to
   * go on with.
   */
  execute(runId: number, signal: AbortSignal): Promise<void>;
}
