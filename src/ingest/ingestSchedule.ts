import type { Cron } from 'croner';
import { ConfigError } from '../config.js';
import { DomainError } from '../errors.js';
import { variableOf, type SourceSettings } from '../ingestSettings.js';
import { optionsOfWords } from './ingestOptions.js';
import type { IngestRunner, OptionValues, SourceDescription } from './runner.js';

/** When a source is run by itself, and what it is asked then. */
export interface Schedule {
  readonly source: string;
  /** The cron expression. */
  readonly expression: string;
  readonly options: OptionValues;
  /** Whether it is asked for what is new only; else for all that its options say. */
  readonly hasSince: boolean;
  /** The first tick after an instant; null where none follows. */
  nextAfter(instant: Date): Date | null;
}

/** The schedules of the configuration, checked against the sources that there are. Throws ConfigError with a line for each fault. */
export async function readSchedules(
  settings: ReadonlyMap<string, SourceSettings>,
  runner: Pick<IngestRunner, 'sources'>,
): Promise<ReadonlyMap<string, Schedule>> {
  const schedules = new Map<string, Schedule>();
  const faults: string[] = [];
  for (const [name, setting] of settings) {
    // Looked at only where something is configured.
    const sources = await runner.sources();
    const source = sources.find((one) => one.name === name);
    try {
      if (source === undefined) throw new ConfigError(unknownSource(name, setting, sources));
      const schedule = await scheduleOf(source, setting);
      if (schedule !== null) schedules.set(name, schedule);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      faults.push(error.message);
    }
  }
  if (faults.length > 0) throw new ConfigError(`the configuration is not valid\n  ${faults.join('\n  ')}`);
  return schedules;
}

async function scheduleOf(source: SourceDescription, { schedule: expression, options: words }: SourceSettings): Promise<Schedule | null> {
  // Checked without a schedule too: they would be found out only when one is set.
  const options = checkedOptions(source, words);
  if (expression === null) return null;
  const variable = variableOf(source.name, 'SCHEDULE');
  if (source.url === null) throw new ConfigError(`${variable}: ${source.name} reads files, which the command line alone does`);
  const cron = await parsed(variable, expression);
  return { source: source.name, expression, options, hasSince: source.hasSince, nextAfter: (instant) => cron.nextRun(instant) };
}

function checkedOptions(source: SourceDescription, words: readonly string[]): OptionValues {
  try {
    return optionsOfWords(source, words);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new ConfigError(`${variableOf(source.name, 'OPTIONS')}: ${error.message}`);
  }
}

async function parsed(variable: string, expression: string): Promise<Cron> {
  const refusal = `${variable}: must be a cron expression of five fields, received ${JSON.stringify(expression)}`;
  // The library also takes instants and names such as @daily.
  if (expression.trim().split(/\s+/).length !== 5) throw new ConfigError(refusal);
  // Loaded where a schedule is set: a start without one is spared its 24 ms.
  const { Cron } = await import('croner');
  try {
    const cron = new Cron(expression, { timezone: 'UTC', mode: '5-part', paused: true });
    if (cron.nextRun() !== null) return cron;
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error);
    throw new ConfigError(`${refusal} (${reason})`);
  }
  throw new ConfigError(`${variable}: must have a next time, received ${JSON.stringify(expression)}`);
}

function unknownSource(name: string, setting: SourceSettings, sources: readonly SourceDescription[]): string {
  const kind = setting.schedule !== null ? 'SCHEDULE' : setting.options.length > 0 ? 'OPTIONS' : setting.url !== null ? 'URL' : 'TOKEN';
  const known = sources.map((source) => source.name).join(', ');
  return `${variableOf(name, kind)}: there is no source ${name}; there are ${known === '' ? 'none' : known}`;
}
