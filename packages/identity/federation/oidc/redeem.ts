import * as client from 'openid-client';
import type { Arrival } from '../arrival.ts';
import type { FlowSecrets } from '../flows.ts';
import { must, Refusal } from '../refusal.ts';
import { callbackUrl } from './ask.ts';
import type { Connections, OidcProvider } from './connect.ts';
import { externalIdOf, personOf } from './person.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The sign-in at the provider is not older than our request of it, give or take the clocks. */
function checkFresh(claims: Claims, fresh_since: number | undefined): void {
  if (fresh_since === undefined) return;
  const { auth_time } = claims;
  must(typeof auth_time === 'number' && auth_time * 1000 >= fresh_since - 60_000, 'authentication too old');
}

async function exchanged(configuration: client.Configuration, url: URL, state: string, secrets: FlowSecrets) {
  const { verifier, nonce } = secrets;
  if (verifier === undefined || nonce === undefined) throw new Refusal('flow not known');
  try {
    return await client.authorizationCodeGrant(configuration, url, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
  } catch (error) {
    throw refusalOf(error);
  }
}

/** Codes of openid-client for an answer that is none; without a code: the fetch failed. */
const silent = new Set([undefined, 'OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM']);

/**
 * What went wrong, as far as the ledger is told: the provider said no, or could not be reached, or its token is bad.
 */
function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof client.AuthorizationResponseError) return new Refusal('provider refused', error);
  if (error instanceof client.ResponseBodyError) return new Refusal('provider refused', error);
  if (error instanceof client.WWWAuthenticateChallengeError) return new Refusal('provider refused', error);
  const { code } = error as { code?: string };
  return new Refusal(silent.has(code) ? 'provider did not answer' : 'token refused', error);
}

async function userinfo(configuration: client.Configuration, access_token: string, subject: string): Promise<Claims> {
  try {
    return await client.fetchUserInfo(configuration, access_token, subject);
  } catch (error) {
    throw refusalOf(error);
  }
}

/**
 * The answer to the authorization request, redeemed: state, `iss` (RFC 9207), code with verifier, and the ID token with
 * issuer, audience, `azp`, times, nonce and signature. Throws `Refusal`.
 */
export async function redeem(
  connections: Connections,
  provider: OidcProvider,
  base: string,
  came: { readonly query: URLSearchParams; readonly state: string; readonly secrets: FlowSecrets },
): Promise<Arrival> {
  const { settings } = provider;
  const { configuration } = await connections.to(provider);
  const iss = came.query.get('iss');
  must(iss === null || iss === settings.issuer, 'issuer');
  const url = new URL(callbackUrl(base, provider.id));
  url.search = came.query.toString();
  const answer = await exchanged(configuration, url, came.state, came.secrets);
  const claims = answer.claims();
  if (claims === undefined) throw new Refusal('token refused');
  must(claims['azp'] === undefined || claims['azp'] === settings.client_id, 'token refused');
  must(claims.sub !== '' && claims.sub.length <= 256, 'subject');
  checkFresh(claims, came.secrets.fresh_since);
  const more = settings.userinfo ? await userinfo(configuration, answer.access_token, claims.sub) : {};
  // What the ID token says is signed: it stands above userinfo.
  const person = personOf(settings, { ...more, ...claims }, claims.sub);
  return { ...person, external_id: externalIdOf(settings, claims) };
}
