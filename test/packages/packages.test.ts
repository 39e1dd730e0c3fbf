import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'daily-papers-packages-'));
});
afterAll(() => { rmSync(folder, { recursive: true }); });

function run(script: string, content?: unknown): { status: number | null; told: string; wrong: string } {
  const file = join(folder, 'input.json');
  if (content !== undefined) writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  const { status, stdout, stderr } = spawnSync(process.execPath, [`test/packages/${script}.mjs`, ...(content === undefined ? [] : [file])], { encoding: 'utf8' });
  return { status, told: stdout, wrong: stderr };
}

describe('the licences of packages', () => {
  test('are all such that were looked at', () => {
    const { status, told, wrong } = run('licences');
    expect({ status, wrong }).toEqual({ status: 0, wrong: '' });
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { dependencies: Record<string, string> };
    for (const [name, version] of Object.entries(dependencies)) expect(told).toMatch(new RegExp(`^server \\S.* ${name.replace('/', '\\/')}@${version.replaceAll('.', '\\.')}$`, 'm'));
  });

  test.each([
    ['GPL-3.0-only', 1], ['MIT AND GPL-3.0-only', 1], ['(MIT OR GPL-3.0-only)', 0], ['MIT and ISC', 0], [undefined, 1],
  ])('%s: ends with %d', (license, status) => {
    const { status: ended, wrong } = run('licences', { packages: { '': {}, 'node_modules/a/node_modules/@b/c': { version: '1.0.0', license } } });
    expect(ended).toBe(status);
    expect(wrong).toBe(status === 0 ? '' : `@b/c@1.0.0 is under a licence that is not accepted: ${license ?? 'none'}\n`);
  });
});

describe('advisories', () => {
  const advisory = { name: 'left', severity: 'high', title: 'Reads files', range: '<2', url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc' };
  const report = (vulnerabilities: object): object => ({ auditReportVersion: 2, vulnerabilities, metadata: { dependencies: { total: 3 } } });

  test.each<[string, unknown, { status: number; told: string; wrong: string }]>([
    ['none', report({}), { status: 0, told: '3 packages, 0 advisories without an answer, 0 answered\n', wrong: '' }],
    ['one, reached by two ways', report({ left: { via: [advisory] }, right: { via: ['left'] }, far: { via: [advisory, 'right'] } }), {
      status: 1, told: '3 packages, 1 advisories without an answer, 0 answered\n', wrong: 'GHSA-aaaa-bbbb-cccc high: left <2: Reads files\n',
    }],
    ['no answer of the registry', { message: '405 Method Not Allowed' }, { status: 0, told: 'skipped: the registry does not answer audits\n', wrong: '' }],
    ['no report at all', '', { status: 0, told: 'skipped: the registry does not answer audits\n', wrong: '' }],
  ])('%s', (_, content, expected) => {
    expect(run('advisories', content)).toEqual(expected);
  });
});
