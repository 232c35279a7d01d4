import { fault, type Issue } from '@safeguard/kernel';
import type { ClientAuthMethod, GrantType, NewApp } from '../types.ts';
import { isKeySet } from './keys.ts';
import { areRedirectUris, isHttpsUri, isLaunchUri } from './uris.ts';

const grantTypes: ReadonlySet<unknown> = new Set<GrantType>([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:token-exchange',
]);
const authMethods: ReadonlySet<unknown> = new Set<ClientAuthMethod>([
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
  'self_signed_tls_client_auth',
  'none',
]);
const algorithms = new Set(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']);
const properties = new Set(['subject_dn', 'san_dns', 'san_uri', 'san_email', 'san_ip']);
const withKeys = new Set<ClientAuthMethod>(['private_key_jwt', 'self_signed_tls_client_auth']);
/** What a client does on its own account: a public one cannot prove that it is the one. */
const byItself = ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'];

type Field = readonly [name: keyof NewApp, sound: boolean, expected: string];

const optional = (value: unknown, sound: (value: unknown) => boolean): boolean => value === undefined || sound(value);
const within = (value: unknown, least: number, most: number): boolean =>
  optional(value, (one) => Number.isInteger(one) && Number(one) >= least && Number(one) <= most);

/** Of how it proves itself. */
function authFields(app: NewApp, method: ClientAuthMethod): Field[] {
  const { jwks, jwks_uri, certificate, auth_alg } = app;
  const hasKeys = jwks !== undefined || jwks_uri !== undefined;
  const named = properties.has(certificate?.property ?? '') && /^[\x20-\x7e]{1,300}$/.test(certificate?.value ?? '');
  return [
    ['auth_method', authMethods.has(method), 'a way of authentication by its name in RFC 8414'],
    ['jwks', optional(jwks, isKeySet), 'a set of 1 to 10 public keys, each with a kid of its own'],
    ['jwks_uri', optional(jwks_uri, isHttpsUri) && (jwks === undefined || jwks_uri === undefined), 'an https address'],
    ['jwks', !withKeys.has(method) || hasKeys, 'keys, by value or by address, for a client that proves itself by one'],
    ['auth_alg', optional(auth_alg, (alg) => algorithms.has(String(alg))), 'an algorithm of private_key_jwt'],
    ['auth_alg', auth_alg === undefined || method === 'private_key_jwt', 'no algorithm but with private_key_jwt'],
    ['certificate', (method === 'tls_client_auth') === (certificate !== undefined), 'a name, with tls_client_auth'],
    ['certificate', certificate === undefined || named, 'one property of a certificate and its value'],
  ];
}

/** Of where a browser goes, and of what it may ask for. */
function flowFields(app: NewApp, method: ClientAuthMethod, grants: readonly GrantType[]): Field[] {
  const { redirect_uris = [], post_logout_redirect_uris = [] } = app;
  const known = Array.isArray(grants) && grants.length > 0 && grants.every((grant) => grantTypes.has(grant));
  const codes = grants.includes('authorization_code');
  const addresses = 'up to 20 addresses, https or http on loopback, without fragment, wildcard or user';
  // What a launch or an ID token names, a view with pseudonyms for each recipient would tell by another id.
  const keepsIds = app.view === 'full' || app.view === 'without-identity';
  return [
    ['view', keepsIds || !codes, 'full or without-identity, for an app that people sign in to'],
    ['grant_types', known && new Set(grants).size === grants.length, 'grant types that are served, each once'],
    [
      'grant_types',
      method !== 'none' || !byItself.some((one) => grants.includes(one as GrantType)),
      'no grant of its own for a public client',
    ],
    ['grant_types', codes || !grants.includes('refresh_token'), 'refresh_token beside authorization_code'],
    ['redirect_uris', areRedirectUris(redirect_uris), addresses],
    ['redirect_uris', codes === redirect_uris.length > 0, 'addresses, with authorization_code and with nothing else'],
    ['post_logout_redirect_uris', areRedirectUris(post_logout_redirect_uris), addresses],
    ['backchannel_logout_uri', optional(app.backchannel_logout_uri, isHttpsUri), 'an https address'],
    ['launch_uri', optional(app.launch_uri, isLaunchUri), 'an address, https or http on loopback'],
    ...(['logo_uri', 'client_uri', 'policy_uri', 'tos_uri'] as const).map(
      (name): Field => [name, optional(app[name], isHttpsUri), 'an https address'],
    ),
  ];
}

function tokenFields(app: NewApp): Field[] {
  const { id_token_alg, dpop_bound, certificate_bound, state } = app;
  const states: readonly unknown[] = [undefined, 'draft', 'pending', 'approved'];
  return [
    ['id_token_alg', [undefined, 'RS256', 'ES384'].includes(id_token_alg), 'RS256 or ES384'],
    ['dpop_bound', dpop_bound !== true || certificate_bound !== true, 'one kind of binding'],
    ['token_lifetime_s', within(app.token_lifetime_s, 30, 86_400), '30 to 86400 seconds'],
    ['refresh_lifetime_s', within(app.refresh_lifetime_s, 60, 31_536_000), '60 to 31536000 seconds'],
    ['state', states.includes(state), 'draft, pending or approved'],
  ];
}

/** What of a new app is not a client of the past: see `NewApp`. Fault `invalid`, an issue for each field. */
export function checkApp(app: NewApp): void {
  const method = app.auth_method ?? 'client_secret_basic';
  const grants = app.grant_types ?? ['client_credentials'];
  const issues = [...authFields(app, method), ...flowFields(app, method, grants), ...tokenFields(app)]
    .filter(([, sound]) => !sound)
    .map(([name, , expected]): Issue => {
      return { severity: 'error', code: 'invalid', text: `${name}: expected ${expected}`, at: name };
    });
  const [first] = issues;
  if (first !== undefined) throw fault('invalid', first.text, { issues });
}
