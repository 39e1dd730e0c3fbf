import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.js';

const NEEDED = { OIDC_ISSUER: 'https://login.example/realms/papers', OIDC_AUDIENCE: 'papers' };

describe('the variables of a provider', () => {
  test('are none where nothing is set', () => {
    expect(readConfig({}).oidc).toBeNull();
    expect(readConfig({ OIDC_ISSUER: '', OIDC_AUDIENCE: '' }).oidc).toBeNull();
  });

  test('are an issuer and whom tokens are for; the rest has defaults', () => {
    expect(readConfig(NEEDED).oidc).toEqual({
      issuer: 'https://login.example/realms/papers', audiences: ['papers'], jwksUrl: null, usernameClaim: 'preferred_username',
      algorithms: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
    });
    expect(readConfig({ ...NEEDED, OIDC_AUDIENCE: 'papers, https://papers.example ,', OIDC_JWKS_URL: 'https://login.example/keys?v=1', OIDC_USERNAME_CLAIM: 'nickname', OIDC_ALGORITHMS: 'ES256, EdDSA' }).oidc).toEqual({
      issuer: 'https://login.example/realms/papers', audiences: ['papers', 'https://papers.example'], jwksUrl: 'https://login.example/keys?v=1', usernameClaim: 'nickname', algorithms: ['ES256', 'EdDSA'],
    });
  });

  // Auth0 and Authentik end theirs with it, and their tokens name it so.
  test('keep the slash at the end of an issuer', () => {
    expect(readConfig({ ...NEEDED, OIDC_ISSUER: 'https://login.example/' }).oidc?.issuer).toBe('https://login.example/');
  });

  const wrong: readonly (readonly [Record<string, string>, string])[] = [
    [{ OIDC_ISSUER: 'https://login.example' }, 'OIDC_AUDIENCE: must be set where OIDC_ISSUER is'],
    [{ OIDC_AUDIENCE: 'papers' }, 'OIDC_ISSUER: must be set where OIDC_AUDIENCE or OIDC_JWKS_URL is'],
    [{ OIDC_JWKS_URL: 'https://login.example/keys' }, 'OIDC_ISSUER: must be set where OIDC_AUDIENCE or OIDC_JWKS_URL is'],
    [{ ...NEEDED, OIDC_ISSUER: 'login.example' }, 'OIDC_ISSUER: must be an http or https address'],
    [{ ...NEEDED, OIDC_ISSUER: 'ftp://login.example' }, 'OIDC_ISSUER: must be an http or https address'],
    [{ ...NEEDED, OIDC_ISSUER: 'https://login.example?x=1' }, 'OIDC_ISSUER: must have no query and no fragment'],
    [{ ...NEEDED, OIDC_AUDIENCE: ' , ' }, 'OIDC_AUDIENCE: must have a name'],
    [{ ...NEEDED, OIDC_JWKS_URL: 'file:///etc/passwd' }, 'OIDC_JWKS_URL: must be an http or https address'],
    [{ ...NEEDED, OIDC_ALGORITHMS: 'RS256,none' }, 'OIDC_ALGORITHMS: must be a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519'],
    [{ ...NEEDED, OIDC_ALGORITHMS: 'HS256' }, 'OIDC_ALGORITHMS: must be a list of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519'],
    [{ ...NEEDED, OIDC_ALGORITHMS: ',' }, 'OIDC_ALGORITHMS: must have an algorithm'],
  ];
  test.each(wrong)('stop the start where they are wrong: %j', (environment, line) => {
    expect(() => readConfig(environment)).toThrow(new ConfigError(`the configuration is not valid\n  ${line}`));
  });
});
