import type { Clock } from '@safeguard/kernel';
import { jwtVerify } from 'jose';
import type { Once } from '../flows.ts';
import { Refusal } from '../refusal.ts';
import type { Connections, OidcProvider } from './connect.ts';
import { algorithms } from './discover.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';

const isLogout = (events: unknown): boolean =>
  typeof events === 'object' && events !== null && typeof (events as Record<string, unknown>)[event] === 'object';

/**
 * Whom a logout token is about (OpenID Connect Back-Channel Logout 1.0 2.6), and its id. It must name a subject:
 * sessions here are not kept by the provider's `sid`. An ID token is none: it has another type (4.1), a nonce and no
 * event. Throws `Refusal`.
 */
export async function readLogoutToken(
  connections: Connections,
  clock: Clock,
  provider: OidcProvider,
  token: string,
): Promise<{ readonly subject: string; readonly once: Once }> {
  const { configuration, keys } = await connections.to(provider);
  const now = clock.now();
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: provider.settings.issuer,
      audience: provider.settings.client_id,
      typ: 'logout+jwt',
      algorithms: configuration.serverMetadata().id_token_signing_alg_values_supported ?? algorithms,
      requiredClaims: ['iat', 'jti', 'sub', 'events'],
      clockTolerance: 60,
      maxTokenAge: 300,
      currentDate: new Date(now),
    });
    const { sub = '', jti = '', events, nonce } = payload;
    if (isLogout(events) && nonce === undefined && sub !== '') {
      return { subject: sub, once: { id: `logout ${jti}`, until: now + 600_000 } };
    }
  } catch (error) {
    throw new Refusal('token refused', error);
  }
  throw new Refusal('token refused');
}
