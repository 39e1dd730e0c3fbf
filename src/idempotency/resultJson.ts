/** Stands for what JSON has no word for. */
interface Tagged {
  readonly $: 'undefined' | 'text' | 'date' | 'bytes' | 'map' | 'object';
  readonly value?: unknown;
}

/**
 * The result of a statement or a transaction as what JSON has, whichever version of the server reads it again; throws for what is
 * no value, such as a function, so that no transaction is committed whose result could not be had again.
 */
export function encoded(value: unknown): unknown {
  if (value === undefined) return { $: 'undefined' } satisfies Tagged;
  // Texts that jsonb does not take, as those of clients may be: escaped, they are others.
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) return { $: 'text', value: JSON.stringify(value) } satisfies Tagged;
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return value;
  if (typeof value !== 'object') throw new TypeError(`a result must consist of values, received a ${typeof value}`);
  if (value instanceof Date) return { $: 'date', value: value.toISOString() } satisfies Tagged;
  if (value instanceof Uint8Array) return { $: 'bytes', value: Buffer.from(value).toString('base64') } satisfies Tagged;
  if (value instanceof Map) return { $: 'map', value: [...value].map(encoded) } satisfies Tagged;
  if (Array.isArray(value)) return value.map(encoded);
  const fields = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, encoded(field)]));
  return '$' in fields ? ({ $: 'object', value: fields } satisfies Tagged) : fields;
}

/** The result as it was. */
export function decoded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(decoded);
  if (!('$' in value)) return fieldsOf(value);
  const tagged = value as Tagged;
  if (tagged.$ === 'undefined') return undefined;
  if (tagged.$ === 'text') return JSON.parse(tagged.value as string);
  if (tagged.$ === 'date') return new Date(tagged.value as string);
  if (tagged.$ === 'bytes') return new Uint8Array(Buffer.from(tagged.value as string, 'base64'));
  if (tagged.$ === 'map') return new Map(decoded(tagged.value) as [unknown, unknown][]);
  return fieldsOf(tagged.value as object);
}

function fieldsOf(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, decoded(field)]));
}
