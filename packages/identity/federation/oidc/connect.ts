import type { Clock } from '@safeguard/kernel';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import * as client from 'openid-client';
import type { Provider } from '../providers/rows.ts';
import type { OidcSettings, SafeFetch } from '../types.ts';
import { discover } from './discover.ts';

/** How long what a provider published is believed: discovery here; its keys, by the library, for half of that. */
const believed_ms = 10 * 60_000;
const most = 200;

export type OidcProvider = Provider & { readonly settings: OidcSettings };

export interface Connection {
  /** The provider as openid-client knows it. */
  readonly configuration: client.Configuration;
  /** Its keys, for what the library does not check: logout tokens. */
  readonly keys: JWTVerifyGetKey;
}

export interface Connections {
  /** `Refusal` when it cannot be reached or is another one. */
  to(provider: OidcProvider): Promise<Connection>;
}

const textOf = (body: client.FetchBody): string | null =>
  typeof body === 'string' || body instanceof URLSearchParams ? body.toString() : null;

/** The library's fetch, through ours: it never meets the network itself. A form's parameters become its text. */
const through =
  (fetch: SafeFetch): client.CustomFetch =>
  (url, { method, headers, body }) =>
    fetch(url, { method, headers, body: textOf(body) });

const clientAuth = ({ client_auth, client_secret }: OidcSettings): client.ClientAuth =>
  client_auth === 'client_secret_post'
    ? client.ClientSecretPost(client_secret)
    : client.ClientSecretBasic(client_secret);

async function connect(fetch: SafeFetch, clock: Clock, { settings }: OidcProvider): Promise<Connection> {
  const server = await discover(fetch, settings.issuer);
  // Tokens are judged by our clock, within the same minute as everywhere here.
  const skew_s = Math.round((clock.now() - Date.now()) / 1000);
  const metadata = { [client.clockSkew]: skew_s, [client.clockTolerance]: 60 };
  const configuration = new client.Configuration(server, settings.client_id, metadata, clientAuth(settings));
  configuration[client.customFetch] = through(fetch);
  configuration.timeout = 10;
  // Without this the library trusts TLS in place of the ID token's signature.
  client.enableNonRepudiationChecks(configuration);
  const keys = createRemoteJWKSet(new URL(server.jwks_uri ?? ''), {
    [customFetch]: (url, options) =>
      through(fetch)(url, { ...options, headers: { accept: 'application/json' }, body: undefined }),
    cacheMaxAge: believed_ms,
  });
  return { configuration, keys };
}

/** In memory per version of a provider's configuration: a change is another entry, and the oldest makes room. */
export function createConnections(fetch: SafeFetch, clock: Clock): Connections {
  const known = new Map<string, { readonly made: Promise<Connection>; readonly at: number }>();
  return {
    to(provider) {
      const key = `${provider.id} ${provider.version}`;
      const entry = known.get(key);
      const age_ms = entry === undefined ? Number.POSITIVE_INFINITY : clock.now() - entry.at;
      if (entry !== undefined && age_ms >= 0 && age_ms < believed_ms) return entry.made;
      const made = connect(fetch, clock, provider);
      known.delete(key);
      const [oldest] = known.keys();
      if (known.size >= most && oldest !== undefined) known.delete(oldest);
      known.set(key, { made, at: clock.now() });
      // A failure is told to whoever asked, and not believed.
      made.catch(() => known.delete(key));
      return made;
    },
  };
}
