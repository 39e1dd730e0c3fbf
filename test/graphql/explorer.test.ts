import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { Kind, buildSchema, parse, validate } from 'graphql';
import { EXPLORER_TABS } from '../../src/graphql/explorer.js';

test('each query that the explorer opens with is one of the schema, with its variables', async () => {
  const schema = buildSchema(await readFile('schema.graphql', 'utf8'));
  expect(EXPLORER_TABS.length).toBeGreaterThan(4);
  for (const { query, variables = '{}' } of EXPLORER_TABS) {
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    const [operation] = document.definitions;
    const names = operation?.kind === Kind.OPERATION_DEFINITION ? (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value) : [];
    expect(Object.keys(JSON.parse(variables) as object).sort()).toEqual(names.sort());
  }
});
