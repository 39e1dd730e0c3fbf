import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey, type JWK, type JWTHeaderParameters, type JWTPayload } from 'jose';
import type { OidcSettings } from '../../src/oidcSettings.js';

export const AUDIENCE = 'https://papers.example';

/** A key pair, as its owner has it and as others are shown it. */
export interface Signer {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export async function makeSigner(kid: string, alg = 'ES256'): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, privateKey, publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export interface Signing {
  readonly signer?: Signer;
  readonly header?: Record<string, unknown>;
}

/** A provider of a hand that can do everything wrong. */
export interface OidcIssuer {
  readonly issuer: string;
  readonly settings: OidcSettings;
  readonly signer: Signer;
  /** The paths that were asked for. */
  readonly asked: string[];
  /** The keys that it shows. */
  keys: JWK[];
  /** What it answers in place of its documents. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | null;
  /** A token of a subject, sound but for what is said otherwise; undefined leaves a claim out. */
  token(subject: string, claims?: Record<string, unknown>, signing?: Signing): Promise<string>;
  close(): Promise<void>;
}

export function nowInSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

export async function startIssuer(path = ''): Promise<OidcIssuer> {
  const signer = await makeSigner('first');
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const made: OidcIssuer = {
    issuer,
    settings: { issuer, audiences: [AUDIENCE], jwksUrl: null, usernameClaim: 'preferred_username', algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
    signer,
    asked: [],
    keys: [signer.publicJwk],
    answer: null,
    token: (subject, claims = {}, signing = {}) => signed({ iss: issuer, aud: AUDIENCE, sub: subject, iat: nowInSeconds(), exp: nowInSeconds() + 300, ...claims }, { signer, ...signing }),
    close: () => closed(server),
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    made.asked.push(request.url ?? '');
    if (made.answer !== null) made.answer(request, response);
    else send(response, request.url?.endsWith('/.well-known/openid-configuration') === true ? { issuer, jwks_uri: `${issuer.replace(/\/$/, '')}/keys` } : { keys: made.keys });
  });
  return made;
}

async function signed(claims: Record<string, unknown>, { signer, header }: { readonly signer: Signer; readonly header?: Record<string, unknown> }): Promise<string> {
  const said = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)) as JWTPayload;
  const protectedHeader: Record<string, unknown> = { alg: signer.alg, kid: signer.kid, typ: 'at+jwt', ...header };
  return new SignJWT(said).setProtectedHeader(Object.fromEntries(Object.entries(protectedHeader).filter(([, value]) => value !== undefined)) as JWTHeaderParameters).sign(signer.privateKey);
}

function send(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
}
