import { sql, type Database, type Transaction } from '../database/database.js';
import { isUniqueViolation } from '../database/sqlErrors.js';
import { DomainError, badInput } from '../errors.js';
import { Scope } from '../generated/prisma/enums.js';
import { requireScope, type Viewer } from '../graphql/context.js';
import { checkedInstant, checkedList, checkedText } from '../inputRules.js';
import { holdSession, type Maker } from './heldSession.js';
import { hashOf, newToken, sessionColumns, toSession } from './session.service.js';
import { MOST_API_TOKENS, type Session } from './session.type.js';

export interface NewApiToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** Null for never. */
  readonly expiresAt: Date | null;
}

/** Tokens that readers make for programs: sessions with a name, for what their scopes say. */
export class ApiTokenService {
  constructor(private readonly database: Database) {}

  /** Makes a token, which is told once; throws BAD_USER_INPUT, FORBIDDEN, and CONFLICT for a name that is taken or one too many. */
  async create(maker: Maker, given: NewApiToken, now: Date): Promise<{ token: string; session: Session }> {
    const made = checked(given, maker.viewer, now);
    const token = newToken('dpa_');
    try {
      const session = await this.database.transaction((transaction) => insert(transaction, maker, { ...made, token }));
      return { token, session: toSession(session) };
    } catch (error) {
      if (isUniqueViolation(error)) throw new DomainError('CONFLICT', `name must be unlike those of the viewer's other API tokens, received ${JSON.stringify(made.name)}`, 'name');
      throw error;
    }
  }
}

function checked({ name, scopes, expiresAt }: NewApiToken, viewer: Viewer, now: Date): NewApiToken {
  if (scopes.length === 0) throw badInput('scopes', 'must have at least one item', scopes);
  checkedList('scopes', scopes, Object.keys(Scope).length);
  // In the order of the enum, each once.
  const wanted = Object.values(Scope).filter((scope) => scopes.includes(scope));
  for (const scope of wanted) requireScope(viewer, scope);
  if (expiresAt !== null && checkedInstant('expiresAt', expiresAt) <= now) throw badInput('expiresAt', 'must be in the future', expiresAt);
  return { name: checkedText('name', name, { min: 1, max: 80 }), scopes: wanted, expiresAt };
}

// The account is locked, so that of two requests at once the second counts the token of the first.
async function insert(transaction: Transaction, maker: Maker, { name, scopes, expiresAt, token }: NewApiToken & { readonly token: string }): Promise<Session> {
  const { viewer, token: by } = maker;
  await transaction.rows(sql`SELECT id FROM users WHERE id = ${viewer.id} FOR NO KEY UPDATE`);
  const parent = await holdSession(transaction, maker);
  const last = parent.kind === 'API_TOKEN' ? parent.expiresAt : null;
  if (last !== null && (expiresAt === null || expiresAt > last)) throw badInput('expiresAt', `must be by ${last.toISOString()}, when the API token of this request ends`, expiresAt);
  await transaction.rows(sql`DELETE FROM sessions WHERE user_id = ${viewer.id} AND expires_at <= now()`);
  const [session] = await transaction.rows<Session>(sql`
    INSERT INTO sessions AS s (user_id, kind, name, scopes, expires_at, token_hash)
    SELECT ${viewer.id}::int4, 'API_TOKEN', ${name}, ${[...scopes]}::text[]::scope[], ${expiresAt?.toISOString() ?? null}::text::timestamptz, ${hashOf(token)}
    WHERE (SELECT count(*) FROM sessions WHERE user_id = ${viewer.id} AND kind = 'API_TOKEN') < ${MOST_API_TOKENS}
    RETURNING ${sessionColumns(by)}`);
  if (session === undefined) throw new DomainError('CONFLICT', `a reader has at most ${MOST_API_TOKENS} API tokens: revoke one first`);
  return session;
}
