import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';

describe('the Docker files', () => {
  test('Dockerfile has no finding', () => {
    expect(validate(readFileSync('Dockerfile', 'utf8'))).toEqual([]);
  });

  test('docker-compose.yml has no finding', () => {
    const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] });
    expect(linter.lintFiles(['docker-compose.yml'], false).flatMap((file: { messages: unknown[] }) => file.messages)).toEqual([]);
  });

  test('docker-compose.yml holds no secret: passwords come from the environment', () => {
    const values = readFileSync('docker-compose.yml', 'utf8').matchAll(/PASSWORD: *(.+)$/gm);
    for (const [, value] of values) expect(value).toMatch(/^['"]?\$\{/);
  });
});
