import { isFault } from '@safeguard/kernel';
import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider';
import type { Account } from '../accounts/types.ts';
import { grantedScopes } from '../tokens/issue.ts';
import type { ScopeRules } from '../types.ts';
import { askedOf } from './asked.ts';
import { ownOf } from './own.ts';
import { workforceScopes } from './smart/asked.ts';
import type { OAuthSettings } from './types.ts';

/** Scopes that are no rights in data. */
export const plainScopes = [
  'openid',
  'profile',
  'email',
  'fhirUser',
  'offline_access',
  'online_access',
  'launch',
  'launch/patient',
  'launch/encounter',
] as const;
const plain: ReadonlySet<string> = new Set(plainScopes);

export const fhirBase = (issuer: string): string => `${issuer}/fhir/R4`;

/** SMART's `aud` and RFC 8707's `resource` say the same; a backend service means the one server that there is. */
export function defaultResource(ctx: KoaContextWithOIDC, oneOf?: readonly string[]): string | string[] | undefined {
  if (oneOf !== undefined) return oneOf.length === 1 ? oneOf[0] : [...oneOf];
  const { route, params, issuer } = ctx.oidc;
  if (route === 'token') return params?.['grant_type'] === 'client_credentials' ? fhirBase(issuer) : undefined;
  return typeof params?.['aud'] === 'string' ? params['aud'] : undefined;
}

/** Of a backend service: what it asked within what it has, all of it where it asked nothing (RFC 6749 3.3). */
function clientScopes(ctx: KoaContextWithOIDC, rules: ScopeRules): string[] {
  const asked = ctx.oidc.params?.['scope'];
  try {
    return grantedScopes(typeof asked === 'string' ? asked : undefined, ownOf(ctx.oidc.client)?.scopes ?? [], rules);
  } catch (error) {
    if (isFault(error) && error.kind === 'invalid') throw new errors.InvalidScope(error.message, '');
    throw error;
  }
}

/** What a person's rights still cover. A workforce member's `user/` rights cover the data in a patient's context. */
function stillCovered(scope: string, account: Account, rules: ScopeRules): boolean {
  if (plain.has(scope)) return true;
  // To launch an app for oneself, or ask for access, takes no role; patients and proxies do neither.
  if (workforceScopes.has(scope)) return account.kind === 'workforce';
  if (scope.startsWith('safeguard/')) return account.roles.includes('administrator');
  const asUser = scope.replace(/^patient\//, 'user/');
  return [scope, asUser].some((form) => rules.isScope(form) && rules.narrows(form, account.scopes));
}

/** What the app may still have: an approval of less, or a narrowing, holds for what was agreed before it too. */
const stillGranted = (scope: string, granted: readonly string[], rules: ScopeRules): boolean =>
  plain.has(scope) || rules.narrows(scope, granted);

/**
 * The scopes of a token that is made now. A code or a refresh token says what was agreed; the rights of the account and
 * those of the app may have shrunk since.
 */
function userScopes(ctx: KoaContextWithOIDC, rules: ScopeRules): string[] {
  const { entities, params } = ctx.oidc;
  const source = entities.AuthorizationCode ?? entities.RefreshToken;
  const agreed = source?.scope ?? (typeof params?.['scope'] === 'string' ? params['scope'] : '');
  const account = askedOf(ctx)?.account;
  const words = agreed.split(' ').filter((word) => word !== '');
  if (ctx.oidc.route !== 'token' || account === undefined) return words;
  const granted = ownOf(ctx.oidc.client)?.scopes ?? [];
  return words.filter((scope) => stillCovered(scope, account, rules) && stillGranted(scope, granted, rules));
}

const lifetime = (ctx: KoaContextWithOIDC, { token_lifetime_s }: OAuthSettings): number =>
  ownOf(ctx.oidc.client)?.token_lifetime_s ?? token_lifetime_s;

/** The one resource server: FHIR, and our own interface beside it. Anything else is no target of ours (RFC 8707 2). */
export function resourceServer(
  ctx: KoaContextWithOIDC,
  resource: string,
  deps: { readonly scopes: ScopeRules; readonly settings: OAuthSettings },
): ResourceServer {
  const audience = fhirBase(ctx.oidc.issuer);
  if (resource !== audience && resource !== `${audience}/`) throw new errors.InvalidTarget('unknown resource');
  const isClient = ctx.oidc.route === 'token' && ctx.oidc.params?.['grant_type'] === 'client_credentials';
  const scopes = isClient ? clientScopes(ctx, deps.scopes) : userScopes(ctx, deps.scopes);
  const scope = scopes.join(' ');
  // What was left out means all; the library reads it from here.
  if (isClient && ctx.oidc.params !== undefined) ctx.oidc.params['scope'] = scope;
  return { scope, audience, accessTokenFormat: 'opaque', accessTokenTTL: lifetime(ctx, deps.settings) };
}
