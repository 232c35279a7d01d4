import type { Clock } from '@safeguard/kernel';
import type { AccessToken, Account, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { errors } from 'oidc-provider';
import { proofLife_ms, verifyProof } from '../authenticate/proof.ts';
import type { ScopeRules } from '../types.ts';
import type { TokenRow } from './adapter/tokens.ts';
import { type Asked, askedOf } from './asked.ts';
import { shownCertificate } from './certificates.ts';
import { ownOf } from './own.ts';
import type { Replay } from './replay.ts';
import { fhirBase } from './resource.ts';
import { acrOf } from './smart/person.ts';
import type { OAuthSettings } from './types.ts';

export const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

const parameters = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'audience',
  'resource',
  'scope',
];

/** What the row of a token says of who it is for, beside what the library keeps. */
export type Origin = Pick<TokenRow, 'act'> & {
  readonly offline: boolean;
  readonly level: 1 | 2 | null;
  readonly methods: readonly string[] | null;
  readonly authenticated_at: Date | null;
};

export interface ExchangeDeps {
  readonly clock: Clock;
  readonly scopes: ScopeRules;
  readonly settings: OAuthSettings;
  readonly replay: Replay;
  readonly origin: (token: string) => Promise<Origin | undefined>;
  readonly account: (ctx: KoaContextWithOIDC, id: string) => Promise<Account | undefined>;
}

const param = (ctx: KoaContextWithOIDC, name: string): string | undefined => {
  const value = ctx.oidc.params?.[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

function checkAsked(ctx: KoaContextWithOIDC): string {
  const own = fhirBase(ctx.oidc.issuer);
  const subject = param(ctx, 'subject_token');
  if (subject === undefined || param(ctx, 'subject_token_type') !== accessTokenType) {
    throw new errors.InvalidRequest('subject_token must be an access token of this server');
  }
  if (param(ctx, 'actor_token') !== undefined) throw new errors.InvalidRequest('actor_token is not supported');
  if ((param(ctx, 'requested_token_type') ?? accessTokenType) !== accessTokenType) {
    throw new errors.InvalidRequest('requested_token_type must be an access token');
  }
  const targets = ['resource', 'audience'].map((name) => ctx.oidc.params?.[name]).filter((one) => one !== undefined);
  if (!targets.every((one) => one === own || one === `${own}/`)) throw new errors.InvalidTarget('unknown target');
  return subject;
}

/** The person's token: of this tenant, bound to nothing that its new holder cannot show, and not exchanged before. */
async function subjectOf({ origin }: ExchangeDeps, ctx: KoaContextWithOIDC, value: string) {
  const { client, provider } = ctx.oidc;
  const token = await provider.AccessToken.find(value);
  const from = token === undefined ? undefined : await provider.Client.find(token.clientId ?? '');
  const row = token === undefined ? undefined : await origin(value);
  const sound =
    token !== undefined && row !== undefined && token.isValid && !token.isSenderConstrained() && row.act === null;
  if (!sound || ownOf(from)?.tenant !== ownOf(client)?.tenant) {
    throw new errors.InvalidGrant('subject_token is invalid');
  }
  return { token, row };
}

/** Never more than the person's token has, nor than the new holder may have. */
function narrowed({ scopes }: ExchangeDeps, ctx: KoaContextWithOIDC, token: AccessToken): string {
  const own = ownOf(ctx.oidc.client)?.scopes ?? [];
  const held = [...token.scopes].filter((scope) => scopes.isScope(scope));
  const may = (scope: string): boolean => scopes.narrows(scope, held) && scopes.narrows(scope, own);
  const asked = param(ctx, 'scope')?.split(' ') ?? held.filter(may);
  if (asked.length === 0 || !asked.every((scope) => scopes.isScope(scope) && may(scope))) {
    throw new errors.InvalidScope('a scope goes beyond the subject_token or the client', '');
  }
  return [...new Set(asked)].join(' ');
}

async function bind({ clock, replay }: ExchangeDeps, ctx: KoaContextWithOIDC, asked: Asked, token: AccessToken) {
  const { client, issuer } = ctx.oidc;
  const { dpop } = ctx.headers;
  if (dpop !== undefined) {
    const expected = { method: 'POST', url: `${issuer}/oauth2/token` };
    const proof = await verifyProof(clock, String(dpop), expected);
    const tenant = ownOf(client)?.tenant ?? 0;
    const once = async () =>
      proof !== undefined && replay.once(tenant, ['dpop', proof.jkt, proof.jti], clock.now() + proofLife_ms);
    if (proof === undefined || !(await once())) throw new errors.InvalidDpopProof('invalid DPoP proof');
    token.setThumbprint('jkt', proof.jkt);
  } else if (client?.dpopBoundAccessTokens === true) throw new errors.InvalidGrant('DPoP proof JWT not provided');
  if (client?.tlsClientCertificateBoundAccessTokens !== true) return;
  const certificate = asked.context.certificate === undefined ? undefined : shownCertificate(ctx);
  if (certificate === undefined) throw new errors.InvalidGrant('mutual TLS client certificate not provided');
  token.setThumbprint('x5t', certificate);
}

const seconds = (at: Date | null): number | undefined => (at === null ? undefined : Math.floor(at.getTime() / 1000));

async function exchange(deps: ExchangeDeps, ctx: KoaContextWithOIDC): Promise<void> {
  const { client, provider } = ctx.oidc;
  const asked = askedOf(ctx);
  if (client === undefined || asked === undefined) throw new Error('a grant without a client or a request');
  if (client.clientAuthMethod === 'none') throw new errors.UnauthorizedClient('only for clients that prove themselves');
  const { token: subject, row } = await subjectOf(deps, ctx, checkAsked(ctx));
  const account = await deps.account(ctx, subject.accountId ?? '');
  if (account === undefined) throw new errors.InvalidGrant('subject_token is invalid');
  ctx.oidc.entity('Account', account);
  const left_s = Math.max(1, (subject.exp ?? 0) - Math.floor(Date.now() / 1000));
  const token = new provider.AccessToken({
    accountId: subject.accountId,
    client,
    grantId: subject.grantId ?? '',
    gty: 'token_exchange',
    sessionUid: subject.sessionUid,
    sid: undefined,
    scope: narrowed(deps, ctx, subject),
    expiresIn: Math.min(left_s, ownOf(client)?.token_lifetime_s ?? deps.settings.token_lifetime_s),
  } as ConstructorParameters<typeof provider.AccessToken>[0]);
  token.aud = fhirBase(ctx.oidc.issuer);
  await bind(deps, ctx, asked, token);
  asked.given = {
    act: { client_id: subject.clientId ?? '' },
    offline: row.offline,
    shown: { acr: acrOf(row.level ?? 1), amr: row.methods ?? [], authTime: seconds(row.authenticated_at) },
  };
  ctx.oidc.entity('AccessToken', token);
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: accessTokenType,
    token_type: token.tokenType,
    expires_in: token.expiration,
    scope: token.scope,
  };
}

/**
 * Token exchange (RFC 8693) for delegated access: a client of the same tenant that was given this grant gets a token of
 * its own for the person whose token it was handed, for no more and no longer than that one. It stands on the same
 * grant and session and ends with them; introspection names the client in between (`act`).
 */
export function registerExchange(provider: Provider, deps: ExchangeDeps): void {
  provider.registerGrantType(exchangeGrant, (ctx) => exchange(deps, ctx), parameters, ['resource', 'audience']);
}
