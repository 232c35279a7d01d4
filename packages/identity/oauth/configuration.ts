import type { Clock } from '@safeguard/kernel';
import type { JWK } from 'jose';
import {
  type Adapter,
  type Client,
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import type { Accounts } from '../accounts/types.ts';
import { proofAlgorithms } from '../authenticate/proof.ts';
import type { ScopeRules } from '../types.ts';
import { askedOf } from './asked.ts';
import { isAuthorized, shownCertificate, subjectMatches } from './certificates.ts';
import type { SafeFetch } from './fetch.ts';
import { signingAlgorithms } from './keys.ts';
import { ownOf } from './own.ts';
import { findAccount } from './people.ts';
import { defaultResource, plainScopes, resourceServer } from './resource.ts';
import { acrOf } from './smart/person.ts';
import type { Smart } from './smart/types.ts';
import type { OAuthSettings } from './types.ts';

export interface ConfigurationDeps {
  readonly clock: Clock;
  readonly scopes: ScopeRules;
  readonly accounts: Pick<Accounts, 'byId'>;
  readonly settings: OAuthSettings;
  readonly smart: Smart;
  readonly fetch: SafeFetch;
  readonly adapter: (kind: string) => Adapter;
  readonly keys: readonly JWK[];
  /** 32 bytes that every process has: a nonce made by one is known by all. */
  readonly nonceSecret: Buffer;
}

export const routes = {
  authorization: '/oauth2/authorize',
  token: '/oauth2/token',
  revocation: '/oauth2/revoke',
  introspection: '/oauth2/introspect',
  pushed_authorization_request: '/oauth2/par',
  jwks: '/oauth2/jwks',
  userinfo: '/oauth2/userinfo',
  end_session: '/oauth2/logout',
} as const;

/** They live under the path of one interaction, which `__Host-` does not allow. */
export const cookieNames = {
  interaction: '__Secure-safeguard-interaction',
  resume: '__Secure-safeguard-resume',
  session: '__Host-safeguard-oidc',
} as const;

const clientAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const hour_s = 3_600;
const day_s = 24 * hour_s;
const interaction_s = 1_800;
const year_s = 365 * day_s;

/** RFC 7523 3, SMART App Launch 2.2 "Client authentication: asymmetric": five minutes at most. */
const longestAssertion_s = 300;
const skew_s = 15;

type Claims = Readonly<Record<string, unknown>>;

/** Beyond what the library checks: no long life, `sub` is the client too, and a key is named. */
export function checkAssertion(clock: Clock, claims: Claims, header: Claims, client_id: string): void {
  const now_s = clock.now() / 1000;
  const { exp, iat, sub, jti } = claims;
  const text = 'client authentication failed';
  const soon = typeof exp === 'number' && exp <= now_s + longestAssertion_s + skew_s;
  const made = iat === undefined || (typeof iat === 'number' && iat <= now_s + skew_s);
  if (!soon || !made || sub !== client_id) throw new errors.InvalidClientAuth(text);
  if (typeof jti !== 'string' || jti.length > 256) throw new errors.InvalidClientAuth(text);
  if (typeof header.kid !== 'string' || header.crit !== undefined) throw new errors.InvalidClientAuth(text);
}

const mtlsOf = ({ settings, clock }: ConfigurationDeps) =>
  settings.mtls === undefined
    ? { enabled: false }
    : {
        enabled: true,
        certificateBoundAccessTokens: true,
        selfSignedTlsClientAuth: true,
        tlsClientAuth: true,
        getCertificate: shownCertificate,
        certificateAuthorized: (ctx: KoaContextWithOIDC) => isAuthorized(ctx, settings.mtls?.authorities ?? [], clock),
        certificateSubjectMatches: subjectMatches,
      };

const featuresOf = (deps: ConfigurationDeps): Configuration['features'] => ({
  devInteractions: { enabled: false },
  clientCredentials: { enabled: true },
  introspection: {
    enabled: true,
    // Own tenant's tokens only, and only to who can keep a secret (RFC 7662 2.1, 4).
    allowedPolicy: async (ctx, client, token) => {
      if (client.clientAuthMethod === 'none') return false;
      const of = await ctx.oidc.provider.Client.find(token.clientId ?? '');
      return of !== undefined && ownOf(of)?.tenant === ownOf(client)?.tenant;
    },
  },
  // A token of somebody else's is left alone without a word: an answer that differed would tell that it exists.
  revocation: { enabled: true, allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId },
  pushedAuthorizationRequests: { enabled: true },
  rpInitiatedLogout: { enabled: true },
  backchannelLogout: { enabled: true },
  userinfo: { enabled: true },
  dPoP: {
    enabled: true,
    nonceSecret: deps.nonceSecret,
    requireNonce: () => deps.settings.dpop_nonce === true,
  },
  mTLS: mtlsOf(deps),
  resourceIndicators: {
    enabled: true,
    defaultResource: async (ctx, _client, oneOf) => defaultResource(ctx, oneOf) as string,
    useGrantedResource: async () => true,
    getResourceServerInfo: async (ctx, resource) => resourceServer(ctx, resource, deps),
  },
});

const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const;
const tlsMethods = ['tls_client_auth', 'self_signed_tls_client_auth'] as const;

const lifetimesOf = ({ settings }: ConfigurationDeps): Configuration['ttl'] => {
  const session_s = settings.session_absolute_s ?? day_s / 2;
  const token_s = (client: object): number => ownOf(client)?.token_lifetime_s ?? settings.token_lifetime_s;
  return {
    AccessToken: (_ctx, _token, client) => token_s(client),
    ClientCredentials: (_ctx, _token, client) => token_s(client),
    AuthorizationCode: 60,
    IdToken: 300,
    Interaction: interaction_s,
    Session: session_s,
    Grant: (_ctx, grant) =>
      isOffline(grant.getOIDCScope()) ? (settings.refresh_absolute_s ?? year_s) : session_s + hour_s,
    RefreshToken: (_ctx, token, client) => {
      if (!token.scopes.has('offline_access')) return session_s;
      const unused_s = ownOf(client)?.refresh_lifetime_s ?? settings.refresh_lifetime_s ?? 30 * day_s;
      const left_s = (settings.refresh_absolute_s ?? year_s) - token.totalLifetime();
      return Math.max(1, Math.min(unused_s, left_s));
    },
  };
};

/** Which words leave with which scope (OpenID Connect Core 5.4). */
const claims = {
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name'],
  email: ['email'],
  fhirUser: ['fhirUser'],
};

const isOffline = (scope: string): boolean => scope.split(' ').includes('offline_access');
const isLasting = (scopes: ReadonlySet<string>): boolean => scopes.has('offline_access') || scopes.has('online_access');

const prompts = ({ smart }: ConfigurationDeps) => {
  const policy = interactionPolicy.base();
  policy.clear();
  for (const prompt of smart.policy) policy.add(prompt);
  return policy;
};

/** Where an error stands that is no app's to hear. The page itself is `http`'s: it quotes nothing of the request. */
const renderError: Configuration['renderError'] = (ctx, out) => {
  const asked = askedOf(ctx);
  if (asked !== undefined) asked.page = { error: String(out.error) };
  ctx.body = '';
};

/**
 * An app in a browser may ask from where its person is sent back to; one that keeps a secret is in none. Refused in our
 * own words: the library's quote the origin.
 */
function checkPage(ctx: KoaContextWithOIDC, origin: string, client: Client): boolean {
  const mayBeInOne = client.clientAuthMethod === 'none' || ctx.oidc.route === 'userinfo';
  if (mayBeInOne && (client.redirectUris ?? []).some((uri) => new URL(uri).origin === origin)) return true;
  ctx.remove('Access-Control-Allow-Origin');
  throw new errors.InvalidRequest('a page of this origin may not ask for this client');
}

/** The authorization server, as oidc-provider is told to be one. What is not here is off. */
export const configurationOf = (deps: ConfigurationDeps): Configuration => ({
  adapter: deps.adapter,
  jwks: { keys: deps.keys as NonNullable<Configuration['jwks']>['keys'] },
  routes,
  features: featuresOf(deps),
  scopes: [...plainScopes],
  claims,
  acrValues: [acrOf(1), acrOf(2)],
  responseTypes: ['code'],
  subjectTypes: ['public'],
  // RFC 9700 2.1.1: also for clients that keep a secret. S256 is the only method that the library knows.
  pkce: { required: () => true },
  clientAuthMethods: [...methods, ...(deps.settings.mtls === undefined ? [] : tlsMethods)],
  enabledJWA: {
    clientAuthSigningAlgValues: clientAlgorithms,
    idTokenSigningAlgValues: [...signingAlgorithms],
    dPoPSigningAlgValues: proofAlgorithms,
    userinfoSigningAlgValues: [...signingAlgorithms],
    requestObjectSigningAlgValues: [],
  } as Configuration['enabledJWA'],
  assertJwtClientAuthClaimsAndHeader: async (ctx, given, header, client) => {
    checkAssertion(deps.clock, given, header, client.clientId);
    const asked = askedOf(ctx);
    if (asked !== undefined) asked.kid = String(header['kid']);
  },
  clockTolerance: skew_s,
  clientBasedCORS: checkPage,
  allowOmittingSingleRegisteredRedirectUri: false,
  conformIdTokenClaims: false,
  cookies: { names: cookieNames, long: { signed: false }, short: { signed: false, httpOnly: true, sameSite: 'lax' } },
  extraParams: { ...deps.smart.extraParams },
  extraClientMetadata: { properties: ['safeguard'] },
  extraTokenClaims: async (ctx, token) => {
    const tenant = ownOf(ctx.oidc.client)?.tenant;
    if (token.kind !== 'AccessToken' || tenant === undefined || token.grantId === undefined) return undefined;
    return { ...(await deps.smart.extras(tenant, token.grantId)) };
  },
  fetch: deps.fetch,
  findAccount: (ctx, id) => findAccount(deps, ctx, id),
  // What hangs on a session is looked up with it, in SQL; the library's own reckoning by its session is left out.
  expiresWithSession: async () => false,
  // One grant for each authorization, made by the policy's last step.
  loadExistingGrant: async () => undefined,
  interactions: { policy: prompts(deps), url: (_ctx, { uid }) => `/interaction/${uid}` },
  issueRefreshToken: async (_ctx, client, source) =>
    client.grantTypeAllowed('refresh_token') && isLasting(source.scopes),
  rotateRefreshToken: true,
  renderError,
  ttl: lifetimesOf(deps),
});
