import { z } from 'zod';
import { type Item, type Json, type Parcel, type Reading, type SourceContext, SourceError } from '../source.js';
import { type ByteCount, type Input, type OpenedInput, openInput } from './input.js';
import type { LineStart } from './lines.js';

/** One record of a file. */
export interface Step {
  /** How many lines or records of the file are done with this one. */
  readonly records: number;
  /** Where the next one begins; null where the file cannot be entered there. */
  readonly nextByte: number | null;
  /** What it takes of the unpacked file, roughly. */
  readonly bytes: number;
  /** What it says; called only where it was not handed on before. */
  items(): readonly Item[];
}

/** A file that is read from its start to its end, once. */
export interface Pass {
  /** Names it in checkpoints. */
  readonly name: string;
  readonly input: Input;
  /** Other files that it reads, wholly. */
  readonly besides?: readonly Input[];
  /**
   * What each line must be. A file whose first lines all break that, each a REJECT of the field `line`, is not of this
   * format at all.
   */
  readonly layout?: string;
  /** The records from `start` on, which is the file's start unless its lines can be entered at a byte. */
  steps(opened: OpenedInput, start: LineStart): AsyncIterable<Step>;
}

/** As one transaction writes well. */
const PARCEL_ITEMS = 300;
/** Ends a parcel before its items fill the memory, and where many records say nothing. */
const PARCEL_BYTES = 4 * 1024 * 1024;

const checkpointSchema = z.object({
  /** The pass that it is in. */
  pass: z.string(),
  /** What its files were then. */
  identity: z.json(),
  /** Records of the file that are handed on wholly, and items of the next one. */
  records: z.int().min(0),
  items: z.int().min(0),
  /** Where the next record begins, in a file that can be entered there. */
  byte: z.int().min(0).nullable(),
  /** Bytes of the passes before. */
  before: z.number(),
});
type Checkpoint = z.infer<typeof checkpointSchema>;
type Place = Pick<Checkpoint, 'records' | 'items' | 'byte'>;

const START: Place = { records: 0, items: 0, byte: null };

/** Reads files one after the other; throws SourceError where one of them is not there. */
export async function readingOf(passes: readonly Pass[], context: SourceContext): Promise<Reading> {
  const sizes = await Promise.all(passes.map(async ({ input }) => (input.isRemote ? null : (await input.identify()).size)));
  const total = sumOf(sizes);
  return {
    unit: 'bytes',
    total,
    async *read(json) {
      const checkpoint = json === null ? null : checkedCheckpoint(json, passes);
      const first = passes.findIndex(({ name }) => name === (checkpoint?.pass ?? passes[0]?.name));
      let before = checkpoint?.before ?? 0;
      for (const [index, pass] of passes.entries()) {
        if (index < first) continue;
        const { size, identity } = await identified(pass);
        if (checkpoint !== null && index === first) refuseChange(pass, identity, checkpoint.identity);
        sizes[index] = size;
        const left = sumOf(sizes.slice(index));
        if (total === null && left !== null) context.onTotal(before + left);
        const place = checkpoint !== null && index === first ? checkpoint : START;
        before = yield* new PassReading(pass, { identity, before, signal: context.signal }).parcels(place);
      }
    },
  };
}

function sumOf(sizes: readonly (number | null)[]): number | null {
  return sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

function checkedCheckpoint(json: Json, passes: readonly Pass[]): Checkpoint {
  const { data, success } = checkpointSchema.safeParse(json);
  if (success && passes.some(({ name }) => name === data.pass)) return data;
  throw new SourceError(`checkpoint must be one of a reading of these files, received ${JSON.stringify(json).slice(0, 80)}; start a new run`);
}

async function identified({ input, besides = [] }: Pass): Promise<{ size: number | null; identity: Json }> {
  const all = await Promise.all([input, ...besides].map((each) => each.identify()));
  return { size: all[0]?.size ?? null, identity: all.map(({ identity }) => identity) };
}

function refuseChange({ input, besides = [] }: Pass, now: Json, then: Json): void {
  if (JSON.stringify(now) === JSON.stringify(then)) return;
  const names = [input, ...besides].map(({ name }) => name).join(' or ');
  throw new SourceError(
    `${names} must be as it was when the run was interrupted, received one that has changed (size and time were ${JSON.stringify(then)}, are ${JSON.stringify(now)}); start a new run, which reads it from its start`,
  );
}

/** Gathers the items of one pass into parcels. */
class PassReading {
  private readonly count: ByteCount = { bytes: 0 };
  private items: Item[] = [];
  private bytes = 0;
  private place = START;
  private isProven = false;

  constructor(
    private readonly pass: Pass,
    private readonly run: { readonly identity: Json; readonly before: number; readonly signal: AbortSignal },
  ) {}

  /** Gives what the passes so far take, in bytes. */
  async *parcels(from: Place): AsyncGenerator<Parcel, number> {
    this.place = from;
    this.isProven = from.records + from.items > 0;
    const start = from.byte === null ? { lines: 0, byte: 0 } : { lines: from.records, byte: from.byte };
    this.count.bytes = start.byte;
    const opened = await openInput(this.pass.input, start.byte, this.count);
    try {
      for await (const step of this.pass.steps(opened, start)) {
        if (step.records > from.records) yield* this.add(step);
      }
    } catch (error) {
      // What was whole before the failure is not lost with it.
      if (this.items.length > 0 && !this.run.signal.aborted) yield this.parcel();
      throw error;
    }
    yield this.parcel();
    return this.run.before + this.count.bytes;
  }

  private *add(step: Step): Generator<Parcel> {
    const items = step.items();
    let taken = this.place.items;
    for (; items.length - taken > PARCEL_ITEMS - this.items.length; yield this.parcel()) {
      const next = Math.min(items.length, taken + PARCEL_ITEMS - this.items.length);
      this.items.push(...items.slice(taken, next));
      this.place = { ...this.place, items: next };
      taken = next;
    }
    this.items.push(...items.slice(taken));
    this.bytes += step.bytes;
    this.place = { records: step.records, items: 0, byte: step.nextByte };
    if (this.items.length >= PARCEL_ITEMS || this.bytes >= PARCEL_BYTES) yield this.parcel();
  }

  private parcel(): Parcel {
    this.run.signal.throwIfAborted();
    if (!this.isProven) this.prove();
    const { identity, before } = this.run;
    const { records, items, byte } = this.place;
    const parcel = { items: this.items, checkpoint: { pass: this.pass.name, identity, records, items, byte, before }, done: before + this.count.bytes };
    this.items = [];
    this.bytes = 0;
    return parcel;
  }

  private prove(): void {
    const { layout, input } = this.pass;
    const [first] = this.items;
    const isForeign = this.items.every((item) => item.kind === 'REJECT' && item.fault.field === 'line');
    if (layout !== undefined && isForeign && first?.kind === 'REJECT') {
      const { rule, received } = first.fault;
      throw new SourceError(`${input.name} must hold ${layout}: ${first.place} ${rule}, received ${JSON.stringify(received)}`);
    }
    this.isProven = true;
  }
}
