import * as client from 'openid-client';
import { type FlowSecrets, random } from '../flows.ts';
import type { Connections, OidcProvider } from './connect.ts';

export const callbackUrl = (base: string, provider: string): string => `${base}/federation/${provider}/callback`;

/** What this sign-in must come back with: the PKCE verifier (RFC 7636, S256) and the nonce. */
export const oidcSecrets = (): Pick<FlowSecrets, 'verifier' | 'nonce'> => ({
  verifier: client.randomPKCECodeVerifier(),
  nonce: random(),
});

/**
 * The authorization request (OpenID Connect Core 3.1.2.1). Every provider has a redirect address of its own: a code
 * that another one gave out cannot be brought here (mix-up, RFC 9700 4.4).
 */
export async function askUrl(
  connections: Connections,
  provider: OidcProvider,
  base: string,
  asked: { readonly state: string; readonly secrets: FlowSecrets },
): Promise<string> {
  const { configuration } = await connections.to(provider);
  const { settings } = provider;
  const { verifier = '', nonce = '', fresh_since } = asked.secrets;
  return client.buildAuthorizationUrl(configuration, {
    redirect_uri: callbackUrl(base, provider.id),
    response_type: 'code',
    scope: ['openid', ...settings.request_scopes].join(' '),
    state: asked.state,
    nonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(fresh_since === undefined ? {} : { prompt: 'login', max_age: '0' }),
    ...(settings.trusted_acr.length === 0 ? {} : { acr_values: settings.trusted_acr.join(' ') }),
  }).href;
}
