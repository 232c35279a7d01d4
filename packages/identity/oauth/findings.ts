import type { Finding, Principal, Target } from '@safeguard/http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Asked } from './asked.ts';
import { ownOf } from './own.ts';

type Entities = KoaContextWithOIDC['oidc']['entities'];

const issued = ({ AccessToken, ClientCredentials }: Entities) => AccessToken ?? ClientCredentials;

/** Whoever the request turned out to be from: a person through an app, or a client by itself. Never on a mere claim. */
function principalOf(koa: KoaContextWithOIDC, proven: boolean): Principal | undefined {
  const { client, entities, session } = koa.oidc;
  const own = ownOf(client);
  if (client === undefined || own === undefined || !proven) return undefined;
  const account = entities.Account?.accountId;
  const scopes = issued(entities)?.scope?.split(' ') ?? [];
  const base = { tenant: own.tenant, scopes, view: own.view };
  if (account === undefined) return { ...base, kind: 'client', id: client.clientId };
  const signedIn = session?.accountId === account ? { session: session.uid } : {};
  return { ...base, kind: 'user', id: account, client: client.clientId, ...signedIn };
}

/** The client is named beside a person by `http`; here where it stands alone. */
function targetsOf(koa: KoaContextWithOIDC, principal: Principal | undefined): Target[] {
  const { client, entities } = koa.oidc;
  const grant = issued(entities)?.kind === 'AccessToken' ? entities.Grant?.jti : undefined;
  return [
    ...(client === undefined || principal?.kind === 'user' ? [] : [{ type: 'Client', id: client.clientId }]),
    ...(entities.Account === undefined ? [] : [{ type: 'Account', id: entities.Account.accountId }]),
    ...(principal?.session === undefined ? [] : [{ type: 'Session', id: principal.session }]),
    ...(grant === undefined ? [] : [{ type: 'Grant', id: grant }]),
  ];
}

const grants: Readonly<Record<string, string>> = {
  refresh_token: 'token-refresh',
  'urn:ietf:params:oauth:grant-type:token-exchange': 'token-exchange',
};
const replays = { AuthorizationCode: 'code-replay', RefreshToken: 'refresh-replay' } as const;

function actionOf(koa: KoaContextWithOIDC, { replayed }: Asked): string | undefined {
  if (replayed !== undefined) return replays[replayed];
  if (koa.oidc.route !== 'token') return undefined;
  return grants[String(koa.oidc.params?.['grant_type'])] ?? 'token-issue';
}

/** Errors that say "not you" rather than "not so". */
const denials = new Set([
  'access_denied',
  'invalid_client',
  'invalid_grant',
  'invalid_token',
  'unauthorized_client',
  'login_required',
  'consent_required',
  'interaction_required',
  'invalid_dpop_proof',
]);
/** Only names that we know ourselves stand in the ledger: an app's own error may say anything. */
const reasons = new Set([
  ...denials,
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'invalid_redirect_uri',
  'use_dpop_nonce',
  'unsupported_grant_type',
  'unsupported_response_type',
  'insufficient_scope',
]);

/**
 * An authorization request names a client and proves none, as a public client does; elsewhere who is refused for
 * another reason was proven.
 */
const isProven = ({ oidc: { route, client } }: KoaContextWithOIDC, error: string | undefined): boolean => {
  if (error === undefined) return true;
  const named = client?.clientAuthMethod === 'none' || route === 'authorization' || route === 'resume';
  return error !== 'invalid_client' && !named;
};

/** What the ledger is to say of a request to the authorization server. */
export function findingOf(asked: Asked): Finding | undefined {
  const { koa, error } = asked;
  if (koa?.oidc === undefined) return undefined;
  const principal = principalOf(koa, isProven(koa, error));
  const action = actionOf(koa, asked);
  return {
    targets: targetsOf(koa, principal),
    ...(principal === undefined ? {} : { principal }),
    ...(action === undefined ? {} : { action }),
    ...(error === undefined ? {} : { outcome: denials.has(error) ? 'deny' : 'fail' }),
    ...(error === undefined ? {} : { reason: reasons.has(error) ? error.replaceAll('_', ' ') : 'refused' }),
  };
}
