import { badInput } from '../errors.js';
import { checkedList } from '../inputRules.js';
import type { SourceSettings } from '../ingestSettings.js';
import { optionsOfPairs } from './ingestOptions.js';
import type { IngestQueue } from './ingestQueue.js';
import type { IngestRunService } from './ingestRun.service.js';
import type { IngestRun } from './ingestRun.type.js';
import { readSchedules, type Schedule } from './ingestSchedule.js';
import { IngestOptionType, type IngestOptionInput, type IngestSource, type RunIngestPayload } from './ingestSource.type.js';
import type { IngestTurns } from './ingestTurns.js';
import type { IngestRunner, OptionDescription, OptionValues, SourceDescription } from './runner.js';

/** What an admin asks for. */
export interface AdminRequest {
  readonly source: string;
  readonly options: readonly IngestOptionInput[];
  readonly since: Date | null;
  readonly requestedById: number;
}

const MAX_OPTIONS = 100;
const OPTION_TYPES = { string: IngestOptionType.STRING, number: IngestOptionType.NUMBER, boolean: IngestOptionType.BOOLEAN };

export interface DeskParts {
  readonly runner: IngestRunner;
  readonly runs: IngestRunService;
  readonly turns: IngestTurns;
  readonly queue: IngestQueue;
}

/** Where admins see what can be imported, ask for it and stop it. */
export class IngestDesk {
  private made: Promise<ReadonlyMap<string, Schedule>> | null = null;

  constructor(
    private readonly parts: DeskParts,
    private readonly settings: ReadonlyMap<string, SourceSettings>,
  ) {}

  /** The schedules of the configuration by source; throws ConfigError. */
  schedules(): Promise<ReadonlyMap<string, Schedule>> {
    this.made ??= readSchedules(this.settings, this.parts.runner);
    return this.made;
  }

  async sources(): Promise<IngestSource[]> {
    return (await this.parts.runner.sources()).map((source) => ({
      name: source.name,
      description: source.description,
      hasSince: source.hasSince,
      url: source.url === null ? null : (this.settings.get(source.name)?.url ?? source.url),
      options: source.options.map((option) => ({
        name: option.name,
        description: option.description,
        type: OPTION_TYPES[option.type],
        default: option.default === null ? null : String(option.default),
      })),
    }));
  }

  /** Makes a run, or gives the one that waits or goes with the same options. Throws BAD_USER_INPUT, NOT_FOUND. */
  async request({ source, options, since, requestedById }: AdminRequest): Promise<RunIngestPayload> {
    if (since !== null && since.getTime() > Date.now()) throw badInput('since', 'must not be in the future', since.toISOString());
    const described = (await this.parts.runner.sources()).find((one) => one.name === source);
    if (since !== null && described?.hasSince === false) {
      throw badInput('since', `must be left out: ${source} cannot be asked for what is new`, since.toISOString());
    }
    // An unknown source is the runner's to refuse.
    const values = described === undefined ? {} : checkedForAdmins(described, options);
    const made = await this.parts.runner.create({ source, options: values, since, trigger: 'ADMIN', requestedById });
    const kept = await this.parts.turns.keepOneAlike(made);
    this.parts.queue.wake();
    return { run: await this.parts.runs.get(kept), isNew: kept === made };
  }

  /** Throws NOT_FOUND. */
  async stop(runId: number): Promise<IngestRun> {
    const run = await this.parts.runs.stop(runId);
    this.parts.queue.interrupt(runId);
    return run;
  }
}

// Who may sign in as an admin may not read the server's files through it, nor have it fetch addresses of its own network.
function checkedForAdmins(source: SourceDescription, options: readonly IngestOptionInput[]): OptionValues {
  if (source.url === null) throw badInput('source', 'must not read files, which the command line alone does', source.name);
  const values = optionsOfPairs(source, checkedList('options', options, MAX_OPTIONS));
  for (const option of source.options) refuseAddress(option, values[option.name]);
  return values;
}

function refuseAddress({ name }: OptionDescription, value: OptionValues[string] | undefined): void {
  if (typeof value === 'string' && /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(value)) {
    throw badInput(name, "must not be an address: the server asks the source's own service", value);
  }
}
