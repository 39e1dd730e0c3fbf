import type { z } from 'zod';
import type { Fault } from '../source.js';

/** What a value must be: in words, and as the schema that decides it. */
export interface Rule<Value> {
  readonly rule: string;
  readonly schema: z.ZodType<Value>;
}

/** Reads an answer field by field: a value that breaks its rule is left out and told, and the other fields go on. */
export class FieldReader {
  private readonly found: Fault[] = [];

  get faults(): readonly Fault[] {
    return this.found;
  }

  /** The value, or null where there is none or it breaks the rule. */
  take<Value>(field: string, received: unknown, { rule, schema }: Rule<Value>): Value | null {
    if (isAbsent(received)) return null;
    const parsed = schema.safeParse(received);
    if (!parsed.success) this.found.push({ field, rule, received });
    return parsed.success ? parsed.data : null;
  }

  /** The elements of a list that keep the rule, with their places in it. */
  takeEach<Value>(field: string, received: unknown, rule: Rule<Value>): { readonly value: Value; readonly field: string }[] {
    if (isAbsent(received)) return [];
    if (!Array.isArray(received)) {
      this.leaveOut({ field, rule: 'must be a list', received });
      return [];
    }
    return received.flatMap((element: unknown, index) => {
      const place = `${field}[${index}]`;
      const value = this.take(place, element, rule);
      return value === null ? [] : [{ value, field: place }];
    });
  }

  leaveOut(fault: Fault): void {
    this.found.push(fault);
  }
}

/** The service writes an empty text where there is nothing as often as it leaves a field away. */
function isAbsent(received: unknown): received is null | undefined | '' {
  return received === null || received === undefined || (typeof received === 'string' && received.trim() === '');
}
