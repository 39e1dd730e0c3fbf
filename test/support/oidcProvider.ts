import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHash, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { AUDIENCE, type Signer } from './oidcIssuer.js';

/** A certified provider, in this process, with one application whose readers sign in. */
export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  /** The paths that were asked for. */
  readonly asked: string[];
  /** What the application gets when a reader signs in: the code flow with PKCE, as browsers do it. */
  signIn(account: string): Promise<Tokens>;
  /** New tokens for a refresh token. */
  refresh(refreshToken: string): Promise<Tokens>;
  /** The application's own token, without a reader. */
  ofApplication(): Promise<string>;
  close(): Promise<void>;
}

export interface Tokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly refreshToken: string;
}

const CLIENT = { id: 'daily-papers-web', secret: 'a secret of the application' };
const CALLBACK = 'https://papers.example/callback';

export async function startProvider(signer: Signer & { readonly privateJwk: object }): Promise<OidcProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const asked: string[] = [];
  // It has no types of its own.
  const name = 'oidc-provider';
  const { Provider } = await import(name);
  const provider = new Provider(issuer, settings(signer));
  const answer = provider.callback() as (request: IncomingMessage, response: ServerResponse) => void;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    asked.push(request.url ?? '');
    if (request.url?.startsWith('/interaction/') === true) void agree(provider, request, response);
    else answer(request, response);
  });
  const token = async (form: Record<string, string>): Promise<any> => {
    const response = await fetch(`${issuer}/token`, {
      method: 'POST', headers: { authorization: `Basic ${btoa(`${encodeURIComponent(CLIENT.id)}:${encodeURIComponent(CLIENT.secret)}`)}` }, body: new URLSearchParams(form),
    });
    const answered = (await response.json()) as object;
    if (response.status !== 200) throw new Error(`the provider gave no token: ${JSON.stringify(answered)}`);
    return answered;
  };
  const tokens = async (form: Record<string, string>): Promise<Tokens> => {
    const { access_token: accessToken, id_token: idToken, refresh_token: refreshToken } = await token(form);
    return { accessToken, idToken, refreshToken };
  };
  return {
    issuer,
    clientId: CLIENT.id,
    asked,
    signIn: async (account) => {
      const verifier = randomBytes(32).toString('base64url');
      const query = new URLSearchParams({
        client_id: CLIENT.id, response_type: 'code', redirect_uri: CALLBACK, scope: 'openid profile offline_access api', resource: AUDIENCE, login_hint: account, prompt: 'consent', state: 'x',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
      });
      const code = new URL(await followed(`${issuer}/auth?${String(query)}`)).searchParams.get('code') ?? '';
      return tokens({ grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: verifier });
    },
    refresh: (refreshToken) => tokens({ grant_type: 'refresh_token', refresh_token: refreshToken }),
    ofApplication: async () => (await token({ grant_type: 'client_credentials', scope: 'api', resource: AUDIENCE })).access_token,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
    },
  };
}

function settings({ privateJwk }: { readonly privateJwk: object }): object {
  const name = (account: string): string => `${account}@mail.example`;
  return {
    clients: [{
      client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [CALLBACK], response_types: ['code'], grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      token_endpoint_auth_method: 'client_secret_basic', id_token_signed_response_alg: 'ES256',
    }],
    jwks: { keys: [privateJwk] },
    cookies: { keys: ['a key of cookies'] },
    ttl: { AccessToken: 300, ClientCredentials: 300, IdToken: 300, RefreshToken: 3600, Grant: 3600, Interaction: 300, Session: 3600, AuthorizationCode: 60 },
    scopes: ['openid', 'profile', 'offline_access', 'api'],
    claims: { openid: ['sub'], profile: ['preferred_username'] },
    conformIdTokenClaims: false,
    findAccount: (_context: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId, preferred_username: name(accountId) }) }),
    extraTokenClaims: (_context: unknown, token: { readonly accountId?: string }) => (token.accountId === undefined ? {} : { preferred_username: name(token.accountId) }),
    interactions: { url: (_context: unknown, { uid }: { readonly uid: string }) => `/interaction/${uid}` },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({ scope: 'api', audience: AUDIENCE, accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt: { sign: { alg: 'ES256' } } }),
      },
    },
  };
}

/** Says yes to whatever the provider asks its reader. */
async function agree(provider: any, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { params, grantId: before, session } = await provider.interactionDetails(request, response);
  const accountId = session?.accountId ?? params.login_hint;
  const grant = before === undefined ? new provider.Grant({ accountId, clientId: params.client_id }) : await provider.Grant.find(before);
  grant.addOIDCScope('openid profile offline_access api');
  grant.addResourceScope(AUDIENCE, 'api');
  const grantId = await grant.save();
  await provider.interactionFinished(request, response, { login: { accountId }, consent: { grantId } });
}

/** Follows redirections with cookies, as a browser, until they lead to the application. */
async function followed(address: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = address;
  for (let step = 0; step < 10 && !next.startsWith(CALLBACK); step += 1) {
    const response = await fetch(next, { redirect: 'manual', headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') } });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
      cookies.set(name!, value!);
    }
    const location = response.headers.get('location');
    if (location === null) throw new Error(`the provider answers ${response.status}: ${(await response.text()).slice(0, 500)}`);
    next = new URL(location, next).href;
  }
  if (!new URL(next).searchParams.has('code')) throw new Error(`the provider refused: ${next}`);
  return next;
}
