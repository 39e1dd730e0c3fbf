const NOT_SHOWN = '(not shown)';

const SECRETS: readonly (readonly [pattern: RegExp, inItsPlace: string])[] = [
  // So many letters: `the bearer token is unknown` is none.
  [/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, `$1 ${NOT_SHOWN}`],
  // Tokens of sessions, wherever they stand.
  [/\bdp_[\w-]{43}/g, NOT_SHOWN],
  // Of addresses: the password of a database or a mail server, and tokens that open a feed, an export or a digest.
  [/(\/\/[^\s/:@"]*):[^\s/@"]+@/g, `$1:${NOT_SHOWN}@`],
  [/([?&]token=|\/feeds\/for\/|\/exports\/)[\w%~-]+/g, `$1${NOT_SHOWN}`],
  [/("[\w-]*(?:authorization|cookie|password|token|secret)":)"(?:[^"\\]|\\.)*"/gi, `$1"${NOT_SHOWN}"`],
];

/**
 * A line of the log, whatever is in it: errors of libraries have messages and properties that nobody here writes. No line is known to
 * have a secret; test/cli/logs looks for such.
 */
export function withoutSecrets(line: string): string {
  return SECRETS.reduce((text, [pattern, inItsPlace]) => text.replace(pattern, inItsPlace), line);
}
