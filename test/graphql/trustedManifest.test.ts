import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../src/config.js';

let folder: string;
let files = 0;
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'daily-papers-manifest-')); });
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(text: string): Promise<string> {
  files += 1;
  const path = join(folder, `${files}.json`);
  await writeFile(path, text);
  return path;
}

describe('TRUSTED_DOCUMENTS', () => {
  test.each<[string, object]>([
    ['Relay and the client preset', { abc: '{ viewer { id } }', 'sha256:def': 'query Q { __typename }' }],
    ['Apollo', { format: 'apollo-persisted-query-manifest', version: 1, operations: [{ id: 'abc', name: 'A', type: 'query', body: '{ viewer { id } }' }, { id: 'def', name: 'Q', type: 'query', body: 'query Q { __typename }' }] }],
  ])('is read as %s writes it', async (_, manifest) => {
    const { trustedDocuments } = readConfig({ TRUSTED_DOCUMENTS: await fileOf(JSON.stringify(manifest)) });
    expect([...(trustedDocuments ?? [])]).toEqual([['abc', '{ viewer { id } }'], ['def', 'query Q { __typename }']]);
  });

  test.each(['[]', '{"abc": 1}', '{"abc": ""}', '{', '{"format": "apollo-persisted-query-manifest", "operations": [{ "id": "abc" }]}'])('that is no manifest (%s) stops the start and names the file', async (text) => {
    const path = await fileOf(text);
    expect(() => readConfig({ TRUSTED_DOCUMENTS: path })).toThrow(ConfigError);
    expect(() => readConfig({ TRUSTED_DOCUMENTS: path })).toThrow(new RegExp(`TRUSTED_DOCUMENTS: ${path} (is no manifest|cannot be read as JSON)`));
  });

  test('that is not there stops the start', () => {
    expect(() => readConfig({ TRUSTED_DOCUMENTS: join(folder, 'none') })).toThrow(/TRUSTED_DOCUMENTS: .* cannot be read as JSON: ENOENT/);
  });
});

describe('TRUST_PROXY', () => {
  test.each<[string | undefined, unknown]>([[undefined, 0], ['0', 0], ['2', 2], ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']]])('%s is %j', (text, trusted) => {
    expect(readConfig(text === undefined ? {} : { TRUST_PROXY: text }).trustedProxies).toEqual(trusted);
  });

  test.each(['yes', '-1', '10.0.0.0/99', 'loopback', '10.0.0.1,'])('%s stops the start', (text) => {
    expect(() => readConfig({ TRUST_PROXY: text })).toThrow(/TRUST_PROXY: must be a number of proxies, or addresses and networks/);
  });
});

test('without settings nothing is off by mistake: each limit has its default, budgets and trusted documents are off', () => {
  const { costs, limits, introspection, trustedDocuments } = readConfig({});
  expect({ costs, limits, introspection, trustedDocuments }).toEqual({
    costs: { maxCost: 50_000, anonymousBudget: 0, userBudget: 0 }, limits: { maxDepth: 15, maxAliases: 100, maxRootFields: 100, maxDirectives: 20 }, introspection: true, trustedDocuments: null,
  });
});

test.each<[NodeJS.ProcessEnv, boolean]>([
  [{}, true], [{ NODE_ENV: 'test' }, true], [{ NODE_ENV: 'production' }, false], [{ NODE_ENV: 'production', INTROSPECTION: 'true' }, true], [{ INTROSPECTION: 'false' }, false],
])('by %j introspection is %s', (environment, isAllowed) => {
  expect(readConfig(environment).introspection).toBe(isAllowed);
});
