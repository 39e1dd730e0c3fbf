import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput, JWTPayload, JWTVerifyResult } from 'jose';
import type { OidcSettings } from '../oidcSettings.js';
import { sha256 } from '../sha256.js';
import { ProviderKeys } from './providerKeys.js';

/** What a provider's token says, all of it verified. */
export interface ProvenToken {
  readonly issuer: string;
  readonly subject: string;
  /** What the token calls its reader; null for nothing. */
  readonly name: string | null;
  readonly issuedAt: Date;
  /**
   * When the reader last proved to the provider who they are, as the token says; where it says nothing, when it was issued, be it anew
   * for a refresh token. Null where what it says is no time.
   */
  readonly authenticatedAt: Date | null;
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
  return sha256(token.slice(0, token.lastIndexOf('.')));
}

/** Tokens of the configured OpenID Connect provider: JWTs that it signed, for this server, for a while (RFC 9068, RFC 8725). */
export class ProviderTokens {
  readonly keys: ProviderKeys;
  /** Told why a token was refused, in words without the token: who sends it learns that it was. */
  onRefusal: (reason: string) => void = () => undefined;

  constructor(
    private readonly settings: OidcSettings,
    private readonly sessionDays: number,
  ) {
    this.keys = new ProviderKeys(settings);
  }

  /** What the token says; null where it does not hold. Throws UnavailableError where its key would have to be asked for. */
  async prove(token: string): Promise<ProvenToken | null> {
    try {
      return await this.proven(token);
    } catch (error) {
      const { errors } = await import('jose');
      // JOSE throws the latter for a key of no use, such as one of RSA with less than 2,048 bits.
      if (!(error instanceof errors.JOSEError || error instanceof TypeError)) throw error;
      this.onRefusal(error.message);
      return null;
    }
  }

  private async proven(token: string): Promise<ProvenToken> {
    const { errors } = await import('jose');
    if (!looksLikeJwt(token)) throw new errors.JWTInvalid('it has not the form of a signed JWT');
    const fault = await this.faultOf(token);
    if (fault !== null) throw new errors.JWTInvalid(fault);
    const { payload, protectedHeader } = await this.verified(token);
    const { iat = NaN, exp = NaN, sub } = payload;
    if (protectedHeader.typ !== undefined && !TYPES.has(protectedHeader.typ.toLowerCase())) throw new errors.JWTInvalid('its type is another');
    // Events: a token of a logout, by a provider that gives it no type. Cnf: of use with the proof of a key alone, which a bearer does not bring.
    if (payload['events'] !== undefined || payload['cnf'] !== undefined) throw new errors.JWTInvalid('it is no bearer token');
    if (!isSubject(sub)) throw new errors.JWTInvalid(`its subject must have 1 to ${MOST_SUBJECT_CHARACTERS} characters`);
    const ends = Math.min(exp, iat + this.sessionDays * DAY_S) + CLOCK_TOLERANCE_S;
    return {
      issuer: this.settings.issuer,
      subject: sub,
      name: textOf(payload, this.settings.usernameClaim),
      issuedAt: new Date(iat * 1000),
      authenticatedAt: authenticatedAt(payload, iat),
      expiresAt: new Date(ends * 1000),
      signedHash: signedHashOf(token),
    };
  }

  /** What the text alone says against the token; null for nothing. Such a token costs the provider no request. */
  private async faultOf(token: string): Promise<string | null> {
    const { decodeJwt, decodeProtectedHeader } = await import('jose');
    const { issuer, audiences, algorithms } = this.settings;
    const { alg } = decodeProtectedHeader(token);
    const { iss, aud, exp, nbf = 0 } = decodeJwt(token);
    const now = Date.now() / 1000;
    if (alg === undefined || !algorithms.includes(alg)) return 'its algorithm is none of those configured';
    if (iss !== issuer) return 'it is of another issuer';
    if (![aud].flat().some((name) => name !== undefined && audiences.includes(name))) return 'it is for another audience';
    if (typeof exp !== 'number' || exp + CLOCK_TOLERANCE_S <= now) return 'it has expired, or never would';
    return nbf - CLOCK_TOLERANCE_S <= now ? null : 'it does not hold yet';
  }

  private async verified(token: string): Promise<JWTVerifyResult> {
    const { errors, jwtVerify } = await import('jose');
    const { issuer, audiences, algorithms } = this.settings;
    const expected = {
      issuer, audience: [...audiences], algorithms: [...algorithms], requiredClaims: ['sub', 'exp', 'iat'], clockTolerance: CLOCK_TOLERANCE_S, maxTokenAge: this.sessionDays * DAY_S,
    };
    try {
      const keyOf = (header: CompactJWSHeaderParameters, input: FlattenedJWSInput): Promise<CryptoKey> => this.keys.keyOf(header, input);
      return await jwtVerify(token, keyOf, expected);
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      // It does not say by which of the provider's keys it is signed.
      for await (const key of error) {
        const verified = await jwtVerify(token, key, expected).catch((failure: unknown) => {
          if (failure instanceof errors.JWSSignatureVerificationFailed) return null;
          throw failure;
        });
        if (verified !== null) return verified;
      }
      throw new errors.JWSSignatureVerificationFailed();
    }
  }
}

function authenticatedAt(payload: JWTPayload, issuedAt: number): Date | null {
  const { auth_time: time = issuedAt } = payload;
  if (typeof time !== 'number') return null;
  const at = new Date(Math.min(time, issuedAt) * 1000);
  return Number.isNaN(at.getTime()) ? null : at;
}

// PostgreSQL's text has no NUL.
function isSubject(subject: unknown): subject is string {
  return typeof subject === 'string' && subject !== '' && subject.length <= MOST_SUBJECT_CHARACTERS && subject.isWellFormed() && !subject.includes('\0');
}

function textOf(payload: JWTPayload, claim: string): string | null {
  const value = payload[claim];
  return typeof value === 'string' ? value : null;
}
