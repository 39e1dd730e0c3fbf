import { NODE_TYPES } from '../../../src/graphql/globalId.js';

const RAW = 'raw json: ';
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

/** Texts that break what is careless: of encodings, languages, paths, numbers, dates, ids and cursors, and long ones. */
export const HOSTILE_TEXTS: readonly string[] = [
  '', ' ', '\0', 'a\0b', '\ud800', 'a\udc00b', '\u202Eabc\u202C', '\u200b', 'zero\u200bwidth\u2060joined', '\ufeff', '\ufeffwith a mark', '\u0001\u001f\u007f\u0085\u2028', 'line\r\nline', 'e\u0301', 'ﬁ𝔸👩‍🔬', 'İıſK', '٣', '\x1b[31mred',
  "'; DROP TABLE papers; --", '" OR ""="', "' UNION SELECT password_hash FROM users --", "E'\\'", '$$ $1 $2', 'a%', '_%', '\\', '\\u0000', '%00', '%s%n%x', '{{7*7}} ${7*7} <%= 7*7 %> #{7*7}', '$(id) `id` | id; id',
  '../../../../etc/passwd', '..\\..\\win.ini', 'file:///etc/passwd', 'http://169.254.169.254/latest/meta-data/', 'http://[::1', 'http://user:pass@localhost:1/', 'https://exa mple/', 'javascript:alert(1)', 'data:text/html,<script>', `https://example.org/${'a'.repeat(3000)}`, 'https://xn--a/',
  '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'undefined', 'true', '[object Object]', 'NaN', '-Infinity', '-0', '1e400', '0x7fffffff', '9'.repeat(40), '1_000',
  '<img src=x onerror=alert(1)>', '[a](javascript:alert(1))', '*_`~'.repeat(500), '[a]('.repeat(2000), '> '.repeat(3000), '- '.repeat(3000), '@reader '.repeat(200), '((((('.repeat(500), '"'.repeat(249), 'or -'.repeat(60), '-'.repeat(250), '!&|:*<->'.repeat(30), 'a or '.repeat(49),
  '2026-02-30', '0000-00-00', '0000-01-01', '9999-12-31', '10000-01-01', '-0001-01-01', '2026-1-1', '2026-02-30T10:00:00Z', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z', '+275760-09-13T00:00:00Z', '2016-12-31T23:59:60Z', '2026-01-01T00:00:00+99:99', '1970-01-01T00:00:00-23:59',
  ...[0, -1, 2_147_483_647, 2_147_483_648, '01', '1.5', '1e3', '1;', '', '99999999999999999999'].map((row) => base64(`Paper:${row}`)), ...NODE_TYPES.map((type) => base64(`${type}:2147483647`)), base64('Nobody:1'), base64('__proto__:1'), 'UGFwZXI6MQ==', 'UGFwZXI6MR',
  base64('[]'), base64('{}'), base64('null'), base64('["TRENDING"]'), base64('["NEWEST","x","y"]'), base64('[1,2]'), base64(`[${'['.repeat(5000)}`), base64('\ud800'),
  'x'.repeat(300), 'x'.repeat(11_000), '漢'.repeat(100_000), ' '.repeat(100_000), '\u0301'.repeat(10_000),
];

/** Numbers at the edges of their types; those of texts are written as they are, since JavaScript knows no such number. */
export const HOSTILE_NUMBERS: readonly unknown[] = [0, -0, 1, -1, 100, 101, 2_147_483_647, -2_147_483_648, 2_147_483_648, 1e21, 1e308, -1e308, 5e-324, 0.1, 1.0000000001, raw('1e400'), raw('-1e400'), raw('-0'), raw('1E-400'), raw('9'.repeat(400))];

/** Values of other kinds than what is wanted. */
export const OTHER_KINDS: readonly unknown[] = [null, true, false, 0, 1.5, 'x', [], [[]], [null], {}, { a: 1 }, { length: 5 }, { toString: 1 }];

/** What JSON is to have at this place, as text. */
export function raw(json: string): string {
  return `${RAW}${json}`;
}

/** JSON with what is raw as it is. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replace(new RegExp(`"${RAW}([^"]*)"`, 'g'), '$1');
}

/** Cursors of a list that nobody was given: one of its own with other values. */
export function tamperedCursors(cursor: string): string[] {
  const [name, ...values] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
  const instead = ['', '0', '-0', '-1', '1e999', '1e-400', 'NaN', 'Infinity', '2147483648', '-2147483649', '0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '2026-02-30T00:00:00.000Z', "' OR 1=1 --", '\0', '\ud800', '𝔸', 'x'.repeat(20_000), 1, null, [], {}];
  const places = values.flatMap((_, place) => instead.map((value) => [name, ...values.with(place, value)]));
  return [...places, [name], [...values], [name, ...values, '1'], ['NONE', ...values], [[name, ...values]], name].map((value) => base64(JSON.stringify(value)));
}
