import { createHash } from 'node:crypto';
import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput, JWTPayload, JWTVerifyResult } from 'jose';
import type { OidcSettings } from '../oidcSettings.js';
import { ProviderKeys } from './providerKeys.js';

/** What a provider's token says, all of it verified. */
export interface ProvenToken {
  readonly issuer: string;
  readonly subject: string;
  /** What the token calls its reader; null for nothing. */
  readonly name: string | null;
  readonly issuedAt: Date;
  /** When the reader last proved to the provider who they are, as far as the token says: otherwise when it was issued. */
  readonly authenticatedAt: Date;
  /** From when on it is taken no longer. */
  readonly expiresAt: Date;
  /** SHA-256 of what is signed. */
  readonly signedHash: Uint8Array<ArrayBuffer>;
}

const DAY_S = 86_400;
/** How far the provider's clock may be from this server's. */
const CLOCK_TOLERANCE_S = 30;
/** A header and claims of some length, and the longest usual signature (RSA of 4,096 bits: 683 characters). */
const MOST_CHARACTERS = 8192;
const MOST_SUBJECT_CHARACTERS = 255;

// A type is given to what must not pass for anything else: tokens of logouts and of events have one of their own, and are signed
// by the same keys. Some providers give none to access tokens.
const TYPES = new Set(['jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

/** Whether a token has the form of a signed JWT. Those of this server, which begin with dp_, have no full stop. */
export function looksLikeJwt(token: string): boolean {
  return token.length <= MOST_CHARACTERS && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
}

/** SHA-256 of what is signed of a JWT: its signature may be written otherwise, and of elliptic curves be another. */
function signedHashOf(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token.slice(0, token.lastIndexOf('.'))).digest());
}

/** Tokens of the configured OpenID Connect provider: JWTs that it signed, for this server, for a while (RFC 9068, RFC 8725). */
export class ProviderTokens {
  readonly keys: ProviderKeys;

  constructor(
    private readonly settings: OidcSettings,
    private readonly sessionDays: number,
  ) {
    this.keys = new ProviderKeys(settings);
  }

  /** What the token says; null where it does not hold. Throws UnavailableError where its key would have to be asked for. */
  async prove(token: string): Promise<ProvenToken | null> {
    if (!looksLikeJwt(token)) return null;
    const { errors, jwtVerify } = await import('jose');
    if (!(await this.isWorthAsking(token))) return null;
    const { issuer, audiences, algorithms } = this.settings;
    const expected = {
      issuer, audience: [...audiences], algorithms: [...algorithms], requiredClaims: ['sub', 'exp', 'iat'], clockTolerance: CLOCK_TOLERANCE_S, maxTokenAge: this.sessionDays * DAY_S,
    };
    try {
      const keyOf = (header: CompactJWSHeaderParameters, input: FlattenedJWSInput): Promise<CryptoKey> => this.keys.keyOf(header, input);
      return this.provenOf(token, await jwtVerify(token, keyOf, expected));
    } catch (error) {
      // JOSE throws the latter for a key of no use, such as one of RSA with less than 2,048 bits.
      if (error instanceof errors.JOSEError || error instanceof TypeError) return null;
      throw error;
    }
  }

  /** Whether it is the key alone that is missing to say that the token holds: what its text rules out costs the provider nothing. */
  private async isWorthAsking(token: string): Promise<boolean> {
    const { decodeJwt, decodeProtectedHeader } = await import('jose');
    const { issuer, audiences, algorithms } = this.settings;
    try {
      const { alg } = decodeProtectedHeader(token);
      const { iss, aud, exp, nbf = 0 } = decodeJwt(token);
      const now = Date.now() / 1000;
      const isTimely = typeof exp === 'number' && exp + CLOCK_TOLERANCE_S > now && nbf - CLOCK_TOLERANCE_S <= now;
      return alg !== undefined && algorithms.includes(alg) && iss === issuer && [aud].flat().some((name) => name !== undefined && audiences.includes(name)) && isTimely;
    } catch {
      return false;
    }
  }

  private provenOf(token: string, { payload, protectedHeader: { typ } }: JWTVerifyResult): ProvenToken | null {
    const { iat = NaN, exp = NaN, sub = '' } = payload;
    const isTyped = typ === undefined || TYPES.has(typ.toLowerCase());
    // Events: a token of a logout, by a provider that gives it no type. Cnf: of use with the proof of a key alone, which a bearer does not bring.
    const isForBearers = payload['events'] === undefined && payload['cnf'] === undefined;
    if (!isTyped || !isForBearers || !isSubject(sub)) return null;
    const ends = Math.min(exp, iat + this.sessionDays * DAY_S) + CLOCK_TOLERANCE_S;
    return {
      issuer: this.settings.issuer,
      subject: sub,
      name: textOf(payload, this.settings.usernameClaim),
      issuedAt: new Date(iat * 1000),
      authenticatedAt: new Date(authenticatedAt(payload, iat) * 1000),
      expiresAt: new Date(ends * 1000),
      signedHash: signedHashOf(token),
    };
  }
}

function authenticatedAt(payload: JWTPayload, issuedAt: number): number {
  const time = payload['auth_time'];
  return typeof time === 'number' && Number.isFinite(time) ? Math.min(time, issuedAt) : issuedAt;
}

// PostgreSQL's text has no NUL.
function isSubject(subject: unknown): subject is string {
  return typeof subject === 'string' && subject !== '' && subject.length <= MOST_SUBJECT_CHARACTERS && subject.isWellFormed() && !subject.includes('\0');
}

function textOf(payload: JWTPayload, claim: string): string | null {
  const value = payload[claim];
  return typeof value === 'string' ? value : null;
}
