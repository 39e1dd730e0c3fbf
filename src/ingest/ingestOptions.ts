import { parseArgs } from 'node:util';
import { badInput } from '../errors.js';
import type { OptionDescription, OptionValue, OptionValues, SourceDescription } from './runner.js';

type Described = Pick<SourceDescription, 'name' | 'options'>;

/** Options in words, such as `--search cat:cs.LG --limit 500`; throws BAD_USER_INPUT. */
export function optionsOfWords(source: Described, words: readonly string[]): OptionValues {
  const types = source.options.map(({ name, type }) => [name, { type: type === 'boolean' ? type : ('string' as const) }] as const);
  // The rules of parseArgs are the command line's; its own complaint about an unknown word names no source.
  const { tokens } = parseArgs({ args: [...words], options: Object.fromEntries(types), strict: false, allowPositionals: true, tokens: true });
  const values: Record<string, OptionValue> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') throw badInput('options', 'must be given by name, such as --limit 500', token.kind === 'positional' ? token.value : '--');
    const option = describedOption(source, token.name);
    values[option.name] = typedOption(option, token.value ?? (option.type === 'boolean' ? 'true' : ''));
  }
  return values;
}

/** Options in pairs of texts; throws BAD_USER_INPUT, also for one that is given twice. */
export function optionsOfPairs(source: Described, pairs: readonly { readonly name: string; readonly value: string }[]): OptionValues {
  const values = new Map<string, OptionValue>();
  for (const { name, value } of pairs) {
    const option = describedOption(source, name);
    if (values.has(name)) throw badInput('options', 'must have each option once', name);
    values.set(name, typedOption(option, value));
  }
  return Object.fromEntries(values);
}

function describedOption({ name: source, options }: Described, name: string): OptionDescription {
  const option = options.find((one) => one.name === name);
  if (option !== undefined) return option;
  const known = options.map((one) => one.name).join(', ');
  throw badInput('options', `must be options of ${source} (${known === '' ? 'it has none' : known})`, name);
}

function typedOption({ name, type }: OptionDescription, text: string): OptionValue {
  switch (type) {
    case 'string':
      if (text === '') throw badInput(name, 'must not be empty', text);
      return text;
    case 'number': {
      const number = Number(text);
      if (text.trim() === '' || !Number.isFinite(number)) throw badInput(name, 'must be a number', text);
      return number;
    }
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw badInput(name, 'must be true or false', text);
      return text === 'true';
  }
}
