import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { brokenImportRules } from '../support/importRules.js';

describe('import rules', () => {
  test('the code breaks none', async () => {
    expect(await brokenImportRules(process.cwd())).toEqual([]);
  });

  test.each([
    ['no-cycle', { 'src/papers/a.ts': "import type { B } from './b.js';\nexport type A = B;", 'src/papers/b.ts': "import type { A } from './a.js';\nexport type B = A;" }],
    ['line: papers', { 'src/papers/a.ts': "import '../upvotes/b.js';", 'src/upvotes/b.ts': 'export {};' }],
    ['line: tags', { 'src/tags/a.ts': "import '../users/b.js';", 'src/users/b.ts': 'export {};' }],
    ['infrastructure knows no domain', { 'src/graphql/a.ts': "import '../papers/b.js';", 'src/papers/b.ts': 'export {};' }],
    ['recommender is pure', { 'src/recommender/a.ts': "import 'node:fs';" }],
    ['evaluation is pure', { 'src/evaluation/a.ts': "import 'node:fs';" }],
    ['evaluation is pure', { 'src/evaluation/a.ts': "import '../papers/b.js';", 'src/papers/b.ts': 'export {};' }],
    ['drawing alone knows the plotting library', { 'src/evaluation/a.ts': "export const draw = () => import('vega');" }],
    ['drawing alone knows the plotting library', { 'src/cli/a.ts': "import type { TopLevelSpec } from 'vega-lite';\nexport type A = TopLevelSpec;" }],
    ['drawing knows nothing else', { 'src/evaluation/drawing.ts': "import 'node:fs';" }],
    ['only recommendations calls the recommender', { 'src/papers/a.ts': "import '../recommender/b.js';", 'src/recommender/b.ts': 'export {};' }],
    ['types run no queries', { 'src/papers/paper.type.ts': "import '../database/b.js';", 'src/database/b.ts': 'export {};' }],
    ['resolvers and loaders leave SQL to services', { 'src/papers/paper.resolver.ts': "import '../database/b.js';", 'src/database/b.ts': 'export {};' }],
    ['services know no resolver', { 'src/papers/a.service.ts': "import './b.resolver.js';", 'src/papers/b.resolver.ts': 'export {};' }],
    ['services know no loader', { 'src/papers/a.service.ts': "import './b.loaders.js';", 'src/papers/b.loaders.ts': 'export {};' }],
    ['the root is imported by cli alone', { 'src/papers/a.ts': "import '../app.js';", 'src/app.ts': 'export {};' }],
  ])('%s is caught', async (rule, files) => {
    const folder = await mkdtemp(join(tmpdir(), 'daily-papers-rules-'));
    try {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), text);
      }
      const broken = await brokenImportRules(folder);
      expect(broken.some((line) => line.startsWith(`${rule}: `))).toBe(true);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('habits that a text search can see', () => {
  const sources = async (): Promise<{ path: string; text: string }[]> => {
    const entries = await readdir('src', { recursive: true });
    const paths = entries.filter((path) => path.endsWith('.ts') && !path.startsWith('generated'));
    return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join('src', path), 'utf8') })));
  };

  test('only config.ts reads the environment', async () => {
    const readers = (await sources()).filter(({ text }) => text.includes('process.env')).map(({ path }) => path);
    expect(readers).toEqual(['config.ts']);
  });

  test('no barrel, no default export, no nameless room', async () => {
    const files = await sources();
    expect(files.filter(({ path }) => path.endsWith('index.ts')).map(({ path }) => path)).toEqual([]);
    expect(files.filter(({ text }) => /^export default/m.test(text)).map(({ path }) => path)).toEqual([]);
    expect(files.filter(({ path }) => /(utils|helpers|manager|data|misc)\.ts$/i.test(path)).map(({ path }) => path)).toEqual([]);
  });
});
