import { Writable } from 'node:stream';
import { expect, test } from '@jest/globals';
import fastify from 'fastify';
import { withoutSecrets } from '../../src/graphql/logSecrets.js';

const TOKEN = `dp_${'aB3_-'.repeat(8)}xyz`;

test.each<[string, unknown, string]>([
  ['a header', { headers: { authorization: `Bearer ${TOKEN}`, 'x-request-id': 'r-1' } }, '"authorization":"(not shown)","x-request-id":"r-1"'],
  ['credentials in a text', new Error(`refused: Basic dXNlcjpzZWNyZXQ= of ada`), 'refused: Basic (not shown) of ada'],
  ['a token in a text', new Error(`no session ${TOKEN}, sign in`), 'no session (not shown), sign in'],
  ['the password of an address', new Error('connect postgresql://reader:secret@db.example:5432/papers failed'), 'connect postgresql://reader:(not shown)@db.example:5432/papers failed'],
  ['a token in an address', { url: '/digest/confirm?token=secret-secret&x=1' }, '"url":"/digest/confirm?token=(not shown)&x=1"'],
  ['the address of a feed', { url: '/feeds/for/secret-secret.atom' }, '"url":"/feeds/for/(not shown).atom"'],
  ['the address of an export', { url: 'https://papers.example/exports/secret-secret' }, '"url":"https://papers.example/exports/(not shown)"'],
  ['a password with quotes', { input: { newPassword: 'sec"ret\\', username: 'ada' } }, '"newPassword":"(not shown)","username":"ada"'],
])('%s is not logged, and what is beside it is', (_, logged, line) => {
  let lines = '';
  const stream = new Writable({ write: (chunk, _encoding, done) => { lines += String(chunk); done(); } });
  const app = fastify({ logger: { level: 'info', hooks: { streamWrite: withoutSecrets }, stream } });
  app.log.info(logged instanceof Error ? { err: logged } : { logged }, 'a message');
  expect(lines).toContain(line);
  expect(lines).not.toMatch(/secret-|dXNl|:secret@|sec\\"ret|dp_/);
  expect(() => { JSON.parse(lines); }).not.toThrow();
});

test('what is no secret stays as it is', () => {
  const line = '{"level":30,"msg":"basic facts of https://papers.example:4000/graphql","statement":"dp_abcdefghijklmnopqrstuvwx","tokens":3,"email":"ada@example.org"}';
  expect(withoutSecrets(line)).toBe(line);
});
