import { describe, expect, test } from '@jest/globals';
import { decoded, encoded } from '../../src/idempotency/resultJson.js';

const again = (value: unknown): unknown => decoded(JSON.parse(JSON.stringify(encoded(value))));

describe('a result', () => {
  test.each([
    [undefined], [null], [''], ['“quoted” \\ "text"'], [0], [-1.5e-7], [true], [[]], [{}], [new Date('2026-11-28T01:02:03.456Z')], [new Uint8Array([0, 255, 7])],
    [[{ id: 1, createdAt: new Date(0), note: undefined, tags: ['a', null] }]], [new Map([[1, { at: new Date(1) }], [2, { at: new Date(2) }]])],
    ['\0'], ['a \ud800 b'], ['\udc00'], ['\\u0000'], [{ $: 'text', value: '"\0"' }], [['whole 😀', { title: 'half \ud83d' }]],
    [{ $: 'date', value: 'a field of this name' }], [{ $: { $: 1 } }],
  ])('is as it was: %p', (value) => {
    expect(again(value)).toStrictEqual(value);
  });

  test.each([['\0'], ['a \ud800 b'], [[{ title: '\udc00\0' }]]])('has nothing that jsonb does not take: %j', (value) => {
    expect(JSON.stringify(encoded(value))).not.toMatch(/(?<!\\)\\u(0000|d[89a-f])/);
  });

  test('of a class has its fields', () => {
    class Report {
      readonly rowId = 7;
      readonly at = new Date(5);
    }
    expect(again(new Report())).toStrictEqual({ rowId: 7, at: new Date(5) });
  });

  test.each([[() => 1], [Symbol('one')], [1n], [Number.NaN], [{ lazily: () => 1 }], [[Number.POSITIVE_INFINITY]]])('that is no value is refused: %p', (value) => {
    expect(() => encoded(value)).toThrow(/^a result must consist of values, received a (function|symbol|bigint|number)$/);
  });
});
