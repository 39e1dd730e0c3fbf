// The options of the commands, checked.
import { parseArgs } from 'node:util';
import { SIZES } from './community.mjs';
import { CONTESTANTS } from './contestants.mjs';
import { OPERATIONS } from './operations.mjs';

const COMMON = {
  size: { type: 'string', default: 'small' },
  database: { type: 'string' },
  json: { type: 'string' },
};
const OPTIONS = {
  ...COMMON,
  operations: { type: 'string', default: Object.keys(OPERATIONS).join() },
  contestants: { type: 'string', default: CONTESTANTS.map(({ name }) => name).join() },
  connections: { type: 'string', default: '20,200' },
  seconds: { type: 'string', default: '4' },
  rounds: { type: 'string', default: '5' },
  compare: { type: 'string' },
};

/** An option that is not as it must be; the message names it. */
export class OptionError extends Error {}

/** Of the bench; throws OptionError. */
export function readOptions(words) {
  const values = parse(words, OPTIONS);
  return {
    ...values,
    operations: listOf('operations', values.operations, Object.keys(OPERATIONS)),
    contestants: listOf('contestants', values.contestants, CONTESTANTS.map(({ name }) => name)),
    connections: values.connections.split(',').map((count) => wholeNumber('connections', count)),
    seconds: wholeNumber('seconds', values.seconds),
    rounds: wholeNumber('rounds', values.rounds),
  };
}

/** Of the soak; throws OptionError. */
export function readSoakOptions(words) {
  const values = parse(words, { ...COMMON, minutes: { type: 'string', default: '10' }, connections: { type: 'string', default: '20' } });
  return { ...values, minutes: wholeNumber('minutes', values.minutes), connections: wholeNumber('connections', values.connections) };
}

function parse(words, options) {
  const { values } = parseArgs({ args: words, options });
  if (values.database === undefined) throw new OptionError('--database must be the address of a PostgreSQL server, such as postgresql://postgres@localhost/postgres');
  return { ...values, size: oneOf('size', values.size, Object.keys(SIZES)) };
}

function listOf(option, text, known) {
  return text.split(',').map((name) => oneOf(option, name.trim(), known));
}

function oneOf(option, value, known) {
  if (known.includes(value)) return value;
  throw new OptionError(`--${option} must be one of ${known.join(', ')}, received ${value}`);
}

function wholeNumber(option, text) {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new OptionError(`--${option} must be a whole number above 0, received ${text}`);
}
