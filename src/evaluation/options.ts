import { METHODS } from './methods.js';

/** An option is not what it must be; the message names it, the rule and what was received. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

export const SPLITS = ['random', 'temporal', 'cold', 'few'] as const;
export type SplitName = (typeof SPLITS)[number];

/** Options as a command line has them: undefined where they are not given. */
export interface RawOptions {
  readonly train?: string | undefined;
  readonly test?: string | undefined;
  readonly tags?: string | undefined;
  readonly split?: string | undefined;
  readonly share?: string | undefined;
  readonly cold?: string | undefined;
  readonly mixed?: boolean | undefined;
  readonly methods?: string | undefined;
  readonly baseline?: string | undefined;
  readonly readers?: string | undefined;
  readonly seed?: string | undefined;
}

/** What is held out: files say it, or a split made here. */
export type HoldOut =
  | { readonly kind: 'FILES'; readonly test: string | null; readonly cold: string | null }
  | { readonly kind: 'SPLIT'; readonly split: SplitName; readonly share: number };

export interface Options {
  readonly train: string;
  readonly tags: string;
  readonly holdOut: HoldOut;
  /** Rank all papers where only cold ones are held out. */
  readonly isMixed: boolean;
  /** null for all that are for a set of this size. */
  readonly methods: readonly string[] | null;
  readonly baseline: string;
  readonly everyReader: number;
  readonly seed: number;
}

const DEFAULT_BASELINE = 'hybrid kNN';
const LARGEST_SEED = 2 ** 32 - 1;

/** The options, checked; throws an OptionError at the first that breaks a rule. */
export function readOptions(raw: RawOptions): Options {
  const methods = raw.methods === undefined ? null : methodNames(raw.methods);
  return {
    train: required('--train', raw.train),
    tags: required('--tags', raw.tags),
    holdOut: holdOutOf(raw),
    isMixed: isMixed(raw),
    methods,
    baseline: raw.baseline === undefined ? DEFAULT_BASELINE : baselineOf(raw.baseline, methods),
    everyReader: wholeNumber('--readers', raw.readers ?? '1', { least: 1, most: Infinity }),
    seed: wholeNumber('--seed', raw.seed ?? '1', { least: 0, most: LARGEST_SEED }),
  };
}

function required(option: string, value: string | undefined): string {
  if (value === undefined || value === '') throw new OptionError(`${option} must name a file, received ${value === undefined ? 'no such option' : 'an empty name'}`);
  return value;
}

function holdOutOf({ test, cold, split, share }: RawOptions): HoldOut {
  if (split === undefined) {
    if (test === undefined && cold === undefined) throw new OptionError('one of --test, --split and --cold must say what is held out, received none');
    if (share !== undefined) throw new OptionError(`--share must come with --split, received ${share} without it`);
    return { kind: 'FILES', test: test ?? null, cold: cold ?? null };
  }
  const file = test ?? cold;
  if (file !== undefined) throw new OptionError(`--split must come without --test and --cold, received ${split} and ${file}`);
  const name = SPLITS.find((one) => one === split);
  if (name === undefined) throw new OptionError(`--split must be ${SPLITS.join(', ')}, received ${split}`);
  return { kind: 'SPLIT', split: name, share: shareOf(name, share) };
}

function shareOf(split: SplitName, text: string | undefined): number {
  if (split === 'few') return wholeNumber('--share', text ?? '10', { least: 1, most: Infinity });
  const share = numberOf(text ?? '0.2');
  if (!(share > 0 && share < 1)) throw new OptionError(`--share must be above 0 and below 1 with --split ${split}, received ${String(text)}`);
  return share;
}

function isMixed({ mixed = false, cold, split }: RawOptions): boolean {
  if (mixed && cold === undefined && split !== 'cold') throw new OptionError('--mixed must come with --cold or --split cold, received neither');
  return mixed;
}

function methodNames(list: string): string[] {
  const known = METHODS.map(({ name }) => name);
  const names = [...new Set(list.split(',').map((name) => name.trim()))];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new OptionError(`--methods must name some of ${known.join(', ')}, received ${unknown}`);
  return names;
}

function baselineOf(name: string, methods: readonly string[] | null): string {
  const known = methods ?? METHODS.map((method) => method.name);
  if (!known.includes(name)) throw new OptionError(`--baseline must be one of the methods (${known.join(', ')}), received ${name}`);
  return name;
}

function wholeNumber(option: string, text: string, { least, most }: { readonly least: number; readonly most: number }): number {
  const value = numberOf(text);
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const bounds = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new OptionError(`${option} must be a whole number ${bounds}, received ${text}`);
}

/** NaN for what is not written as a decimal number: `Number` alone takes an empty text, spaces and 0x10 too. */
function numberOf(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
}
