import { describe, expect, jest, test } from '@jest/globals';
import { GraphQLInt, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, graphql } from 'graphql';
import { once, resolveLazyFields } from '../../src/graphql/lazy.js';

describe('once', () => {
  test('computes at the first call, and never again', () => {
    const compute = jest.fn(() => ({}));
    const value = once(compute);
    expect(compute).not.toHaveBeenCalled();
    expect(value()).toBe(value());
    expect(compute).toHaveBeenCalledTimes(1);
  });

  test.each([undefined, null, 0, false])('keeps %s as any other value', (nothing) => {
    const compute = jest.fn(() => nothing);
    const value = once(compute);
    expect([value(), value(), compute.mock.calls.length]).toEqual([nothing, nothing, 1]);
  });

  test('shares a promise, also one that fails, and tries again what threw', async () => {
    const reading = once(() => Promise.reject(new Error('gone')));
    expect(reading()).toBe(reading());
    await expect(reading()).rejects.toThrow('gone');
    let isBroken = true;
    const thrown = once(() => {
      if (isBroken) throw new Error('broken');
      return 1;
    });
    expect(thrown).toThrow('broken');
    isBroken = false;
    expect(thrown()).toBe(1);
  });
});

describe('a lazy field', () => {
  const lazy = { type: GraphQLInt, extensions: { isLazy: true } };
  const base = new GraphQLInterfaceType({ name: 'Base', fields: { later: lazy } });
  const list = new GraphQLObjectType({ name: 'List', interfaces: [base], isTypeOf: () => true, fields: { later: lazy, plain: { type: GraphQLInt }, missing: lazy } });
  const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: { list: { type: list } } }) });
  resolveLazyFields(schema);

  test('is computed when it is selected, with its object at hand, and not before', async () => {
    const later = jest.fn(function (this: { plain: number }) {
      return Promise.resolve(this.plain + 1);
    });
    const rootValue = { list: { plain: 1, later } };
    expect((await graphql({ schema, source: '{ list { plain } }', rootValue })).data).toEqual({ list: { plain: 1 } });
    expect(later).not.toHaveBeenCalled();
    expect((await graphql({ schema, source: '{ list { plain later again: later missing } }', rootValue })).data).toEqual({ list: { plain: 1, later: 2, again: 2, missing: null } });
  });

  test('alone has a resolver of its own', () => {
    expect(list.getFields()['plain']!.resolve).toBeUndefined();
    expect(list.getFields()['later']!.resolve).toBeInstanceOf(Function);
  });
});
