import { parseArgs, type ParseArgsConfig } from 'node:util';
import { DomainError } from '../errors.js';
import type { OptionDescription, OptionValues, SourceDescription } from '../ingest/runner.js';

/** What the command line asks for. */
export interface ImportArguments {
  readonly source: string;
  readonly options: OptionValues;
  readonly since: Date | null;
  readonly isDryRun: boolean;
  readonly isRestart: boolean;
  readonly rejectsFile: string | null;
}

/** The command line wants to be told how it works: in general, or of a source. */
export interface HelpWanted {
  readonly help: string | null;
  readonly isAsked: boolean;
}

const GENERAL: ParseArgsConfig['options'] = {
  since: { type: 'string' },
  'dry-run': { type: 'boolean' },
  restart: { type: 'boolean' },
  rejects: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

/** Reads the command line; throws BAD_USER_INPUT and what `parseArgs` throws. */
export function readImportArguments(parameters: readonly string[], sources: readonly SourceDescription[]): ImportArguments | HelpWanted {
  const [name, ...rest] = parameters;
  if (name === undefined) return { help: null, isAsked: false };
  if (name === '--help' || name === '-h') return { help: null, isAsked: true };
  const source = sources.find((one) => one.name === name);
  if (source === undefined) {
    throw new DomainError('NOT_FOUND', `there is no source ${JSON.stringify(name)}; there are ${sources.map((one) => one.name).join(', ')}`, 'source');
  }
  const { values, positionals } = parseArgs({
    args: rest,
    allowPositionals: true,
    options: { ...Object.fromEntries(source.options.map((option) => [option.name, { type: option.type === 'boolean' ? 'boolean' as const : 'string' as const }])), ...GENERAL },
  });
  if (values['help'] === true) return { help: name, isAsked: true };
  return {
    source: name,
    options: optionsOf(source, values, positionals),
    since: sinceOf(values['since'] as string | undefined),
    isDryRun: values['dry-run'] === true,
    isRestart: values['restart'] === true,
    rejectsFile: typeof values['rejects'] === 'string' ? values['rejects'] : null,
  };
}

function optionsOf({ options, positionals = [] }: SourceDescription, values: Readonly<Record<string, unknown>>, given: readonly string[]): OptionValues {
  const extra = given[positionals.length];
  if (extra !== undefined) throw new DomainError('BAD_USER_INPUT', `${JSON.stringify(extra)} is one argument too many`, 'options');
  const named = Object.fromEntries(given.map((value, index) => [positionals[index] ?? '', value]));
  return Object.fromEntries(
    options.flatMap((option) => {
      const value = values[option.name] ?? named[option.name];
      return value === undefined ? [] : [[option.name, typed(option, value as string | boolean)]];
    }),
  );
}

/** An option's value as it was typed, in its type; a number that is none stays text, which the source refuses. */
export function typed({ type }: Pick<OptionDescription, 'type'>, value: string | boolean): string | number | boolean {
  return type === 'number' && value !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
}

function sinceOf(value: string | undefined): Date | null {
  if (value === undefined) return null;
  const date = new Date(value);
  const isInstant = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d))?$/.test(value) && !Number.isNaN(date.getTime());
  if (!isInstant) throw new DomainError('BAD_USER_INPUT', `since must be a day (YYYY-MM-DD) or an instant (2026-01-31T08:00:00Z), received ${JSON.stringify(value)}`, 'since');
  return date;
}

/** How the command works; of a source, with its options. */
export function usageOf(sources: readonly SourceDescription[], name: string | null): string {
  const source = sources.find((one) => one.name === name);
  const own = source === undefined ? listOf(sources) : detailsOf(source);
  return `usage: npm run import -- SOURCE [options]

Adds what a source has, or brings what exists up to date. Repeating it changes nothing; after an interruption, the same
command goes on where it was.

${own}

  --since DAY       only what is new or changed since then, where the source can tell
  --dry-run         says what would happen, and writes nothing
  --restart         starts anew rather than going on with a run that was not finished
  --rejects FILE    where to write what was left out; else in the data folder, named after the run
  --help            of a source: npm run import -- SOURCE --help

Exit codes: 0 done (rejects included), 1 failed, 2 usage, 130 interrupted.`;
}

function listOf(sources: readonly SourceDescription[]): string {
  return sources.map(({ name, description }) => `  ${name.padEnd(17)} ${description}`).join('\n');
}

function detailsOf({ name, description, positionals = [], options }: SourceDescription): string {
  const lines = options.map((option) => {
    const flag = option.type === 'boolean' ? `--${option.name}` : `--${option.name} ${option.type === 'number' ? 'N' : 'TEXT'}`;
    const notes = [option.isRequired === true ? 'required' : '', option.default === null ? '' : `default ${String(option.default)}`].filter((note) => note !== '');
    return `  ${flag.padEnd(17)} ${option.description}${notes.length === 0 ? '' : ` (${notes.join(', ')})`}`;
  });
  return [`${name} ${positionals.map((positional) => positional.toUpperCase()).join(' ')}: ${description}`, '', ...lines].join('\n');
}
