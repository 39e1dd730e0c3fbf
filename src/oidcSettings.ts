import { z } from 'zod';

/** A provider whose tokens are taken beside those of this server. */
export interface OidcSettings {
  /** As its tokens name it, to the last character. */
  readonly issuer: string;
  /** Tokens that are for none of these are not for this server. */
  readonly audiences: readonly string[];
  /** Where its keys are; null asks the provider's configuration document. */
  readonly jwksUrl: string | null;
  /** The claim that a new account's username is made of. */
  readonly usernameClaim: string;
  /** The algorithms by which its tokens may be signed. */
  readonly algorithms: readonly string[];
}

/** All signatures by a key pair that JSON Web Signature has. With a shared secret (HS256), whoever can verify can sign. */
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const;

const address = z
  .url({ protocol: /^https?$/, error: 'must be an http or https address' })
  .max(2000, 'must have at most 2000 characters')
  .refine((url) => !/[?#]/.test(url), 'must have no query and no fragment');

const VARIABLES = {
  OIDC_ISSUER: address.optional(),
  OIDC_AUDIENCE: z.string().transform(listed).pipe(z.array(z.string()).min(1, 'must have a name')).optional(),
  OIDC_JWKS_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
  OIDC_USERNAME_CLAIM: z.string().max(100, 'must have at most 100 characters').default('preferred_username'),
  OIDC_ALGORITHMS: z
    .string()
    .transform(listed)
    .pipe(z.array(z.enum(ASYMMETRIC, `must be a list of ${ASYMMETRIC.join(', ')}`)).min(1, 'must have an algorithm'))
    .default([...ASYMMETRIC]),
};

const schema = z.object(VARIABLES).superRefine((values, context) => {
  const needs = (variable: keyof typeof VARIABLES, message: string): void => { context.addIssue({ code: 'custom', path: [variable], message }); };
  // A token for another service of the same provider would sign in here as well.
  if (values.OIDC_ISSUER !== undefined && values.OIDC_AUDIENCE === undefined) needs('OIDC_AUDIENCE', 'must be set where OIDC_ISSUER is');
  if (values.OIDC_ISSUER === undefined && (values.OIDC_AUDIENCE ?? values.OIDC_JWKS_URL) !== undefined) needs('OIDC_ISSUER', 'must be set where OIDC_AUDIENCE or OIDC_JWKS_URL is');
});

/** The variables OIDC_…, null without an issuer, and a line for each that is wrong. */
export function readOidcSettings(set: Readonly<Record<string, string | undefined>>): { readonly oidc: OidcSettings | null; readonly faults: readonly string[] } {
  const { data, error } = schema.safeParse(set);
  const faults = error?.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`) ?? [];
  if (data?.OIDC_ISSUER === undefined || data.OIDC_AUDIENCE === undefined) return { oidc: null, faults };
  const { OIDC_ISSUER: issuer, OIDC_AUDIENCE: audiences, OIDC_JWKS_URL: jwksUrl = null, OIDC_USERNAME_CLAIM: usernameClaim, OIDC_ALGORITHMS: algorithms } = data;
  return { oidc: { issuer, audiences, jwksUrl, usernameClaim, algorithms }, faults };
}

function listed(text: string): string[] {
  return text.split(',').map((name) => name.trim()).filter((name) => name !== '');
}
