import { readdir } from 'node:fs/promises';
import { z } from 'zod';
import { badInput, DomainError } from '../errors.js';
import type { Ranks } from '../submissions/paperMerge.js';
import type { OptionDescription, OptionValues, SourceDescription } from './runner.js';
import type { Json, Source } from './source.js';

const FOLDER = new URL('./sources/', import.meta.url);

/** The sources that there are: a module each in sources/, found by looking there. */
export class SourceRegistry {
  readonly ranks: Ranks;

  constructor(private readonly sources: ReadonlyMap<string, Source>) {
    this.ranks = new Map([...sources.values()].map(({ name, rank }) => [name, rank]));
  }

  /** Reads the folder. Modules load what they parse with only when they are opened. */
  static async load(): Promise<SourceRegistry> {
    const files = (await readdir(FOLDER)).filter((file) => /^[a-z-]+\.(js|ts)$/.test(file)).sort();
    const sources = new Map<string, Source>();
    // One after the other: Jest's loader of modules cannot do several at once, and the time is spent in this thread anyway.
    for (const file of files) {
      const { source } = (await import(new URL(file, FOLDER).href)) as { source: Source };
      sources.set(source.name, source);
    }
    return new SourceRegistry(sources);
  }

  get names(): string[] {
    return [...this.sources.keys()];
  }

  /** Throws NOT_FOUND. */
  get(name: string): Source {
    const source = this.sources.get(name);
    if (source === undefined) throw new DomainError('NOT_FOUND', `there is no source ${JSON.stringify(name)}; there are ${this.names.join(', ')}`, 'source');
    return source;
  }

  describe(): SourceDescription[] {
    return [...this.sources.values()].map((source) => {
      const { name, description, url, hasSince, positionals = [] } = source;
      return { name, description, url, hasSince, positionals, options: optionsOf(source) };
    });
  }

  /** The options as the source reads them; throws BAD_USER_INPUT for the first that breaks its rule. */
  checkedOptions(name: string, values: OptionValues): Record<string, Json> {
    const source = this.get(name);
    const known = optionsOf(source);
    const unknown = Object.keys(values).find((key) => !known.some((option) => option.name === key));
    if (unknown !== undefined) {
      throw badInput('options', `must be among ${known.map((option) => option.name).join(', ')}`, unknown);
    }
    const result = source.options.safeParse(values);
    if (result.success) return result.data as Record<string, Json>;
    const [issue] = result.error.issues;
    const key = String(issue?.path[0] ?? 'options');
    throw badInput(key, issue?.message ?? 'is not valid', values[key]);
  }
}

function optionsOf({ options }: Source): OptionDescription[] {
  const { properties = {}, required = [] } = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const { type, description = '', default: value } = property as { type?: string; description?: string; default?: string | number | boolean };
    const isRequired = required.includes(name);
    return { name, description, type: type === 'number' || type === 'integer' ? 'number' : type === 'boolean' ? 'boolean' : 'string', isRequired, default: value ?? null };
  });
}
