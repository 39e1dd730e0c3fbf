import type { StatementEnd } from './statement.js';
import type { Span } from './tracing.js';

/** How much of a statement's text is told; a page with all edges has 20,000 characters. */
const SHOWN_CHARACTERS = 2000;

/** A statement on one line, its end cut: a text without values, which stand beside it. */
export function shown(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}… (${line.length} characters)`;
}

/** What traces say of a statement, by https://opentelemetry.io/docs/specs/semconv/db/sql/ */
export function statementSpan({ text, startedAt, rows, error }: StatementEnd): Parameters<Span['note']>[0] {
  const verb = verbOf(text);
  const failure = error === undefined ? null : { type: codeOf(error) };
  return {
    name: `${verb} postgresql`,
    startedAt,
    isCall: true,
    failure,
    attributes: {
      'db.system.name': 'postgresql',
      'db.operation.name': verb,
      'db.query.text': shown(text),
      ...(rows !== null && { 'db.response.returned_rows': rows }),
      ...(failure !== null && { 'db.response.status_code': failure.type }),
    },
  };
}

/** The word that says what a statement does; of one that begins with WITH the first that writes. */
function verbOf(text: string): string {
  const [first = ''] = /[a-z]+/i.exec(text) ?? [];
  if (first.toUpperCase() !== 'WITH') return first.toUpperCase();
  return (/\b(INSERT INTO|UPDATE|DELETE FROM)\b/i.exec(text)?.[1]?.split(' ')[0] ?? 'SELECT').toUpperCase();
}

/** PostgreSQL's code where there is one: messages may repeat values. */
function codeOf(error: unknown): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'error';
}
