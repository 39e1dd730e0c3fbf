import type { z } from 'zod';
import type { Fault } from '../source.js';

const SHOWN_CHARACTERS = 200;

/** What a schema makes of a value, or the first fault that it finds; a schema's messages are rules such as `must be text`. */
export function shaped<Value>(schema: z.ZodType<Value>, value: unknown, whole: string): { readonly value: Value } | { readonly fault: Fault } {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return { value: result.data };
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  return { fault: { field: path === '' ? whole : path, rule: issue?.message ?? 'must be of its form', received: shown(issue?.input) } };
}

/** The title of a record that is broken otherwise. */
export function titleOf(value: unknown, field = 'title'): string | null {
  const title = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[field] : null;
  return typeof title === 'string' && title.trim() !== '' ? title.trim().slice(0, SHOWN_CHARACTERS) : null;
}

/** A value for a report: a record of a megabyte would not do. */
export function shown(value: unknown): unknown {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined);
  return text !== undefined && text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : value;
}
