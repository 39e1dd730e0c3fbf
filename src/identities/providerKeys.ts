import type { CompactJWSHeaderParameters, CryptoKey, FlattenedJWSInput, createRemoteJWKSet } from 'jose';
import { UnavailableError } from '../errors.js';
import type { OidcSettings } from '../oidcSettings.js';

/** How long the provider may take for an answer, its body included: somebody waits for theirs. */
const TIMEOUT_MS = 3000;
/** After a failure the provider is left alone for so long: a flood of tokens costs it a request each time, not one each. */
const RETRY_AFTER_MS = 5000;
/** A key that the provider no longer shows is believed no longer. */
const KEYS_FRESH_MS = 600_000;
/** How often tokens that name a key which is not there may have the keys read anew. */
const COOLDOWN_MS = 30_000;

type KeySet = ReturnType<typeof createRemoteJWKSet>;

/** The keys by which the provider signs, read when the first token comes. */
export class ProviderKeys {
  private found: Promise<KeySet> | null = null;
  private askAgainAt = 0;
  /** Told why the provider could not be asked. */
  onFailure: (error: unknown) => void = () => undefined;

  constructor(private readonly settings: Pick<OidcSettings, 'issuer' | 'jwksUrl'>) {}

  /** The key of a token; throws JOSE's errors where there is none, and UnavailableError where the provider cannot be asked. */
  async keyOf(header: CompactJWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    const { errors } = await import('jose');
    const found = (this.found ??= this.find());
    try {
      return await (await found)(header, token);
    } catch (error) {
      const isOfToken = error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys || error instanceof errors.JOSENotSupported;
      if (isOfToken) throw error;
      // Where they lay may have changed: looked up again, unless there are keys that still hold.
      if (this.found === found && !(await hasFreshKeys(found))) this.found = null;
      throw this.unavailable(error);
    }
  }

  private async find(): Promise<KeySet> {
    const { createRemoteJWKSet, customFetch } = await import('jose');
    return createRemoteJWKSet(new URL(this.settings.jwksUrl ?? (await this.discovered())), {
      timeoutDuration: TIMEOUT_MS,
      cooldownDuration: COOLDOWN_MS,
      cacheMaxAge: KEYS_FRESH_MS,
      [customFetch]: (address: string, options: RequestInit) => this.fetched(address, options),
    });
  }

  /** OpenID Connect Discovery 1.0, 4: the document lies below the issuer, and names it. */
  private async discovered(): Promise<string> {
    const { issuer } = this.settings;
    const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    const response = await this.fetched(address, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS), headers: { accept: 'application/json' } });
    if (response.status !== 200) throw new Error(`${address} answers with status ${response.status}`);
    const document: unknown = await response.json();
    const { issuer: named, jwks_uri: keys } = (typeof document === 'object' && document !== null ? document : {}) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
    if (named !== issuer) throw new Error(`OIDC_ISSUER is ${JSON.stringify(issuer)}, and ${address} says that it is ${JSON.stringify(named)}`);
    if (typeof keys !== 'string' || !/^https?:\/\//.test(keys) || !URL.canParse(keys)) throw new Error(`${address} has no address in jwks_uri`);
    return keys;
  }

  private fetched(address: string, options: RequestInit): Promise<Response> {
    if (Date.now() < this.askAgainAt) throw new LeftAlone();
    return fetch(address, options);
  }

  private unavailable(cause: unknown): UnavailableError {
    if (!(cause instanceof LeftAlone)) {
      // Of those who waited for the same answer the first tells of it.
      if (Date.now() >= this.askAgainAt) this.onFailure(cause);
      this.askAgainAt = Date.now() + RETRY_AFTER_MS;
    }
    const seconds = Math.max(1, Math.ceil((this.askAgainAt - Date.now()) / 1000));
    return new UnavailableError(`the provider that issued the bearer token cannot be asked for its keys: come again in ${seconds} s`, seconds, { cause });
  }
}

async function hasFreshKeys(found: Promise<KeySet>): Promise<boolean> {
  return found.then(({ fresh }) => fresh, () => false);
}

/** The provider failed a moment ago. */
class LeftAlone extends Error {}
