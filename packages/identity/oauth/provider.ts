import { fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { type Adapter, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { KnownTokens } from '../authenticate/known.ts';
import { sha256 } from '../secrets.ts';
import type { Sessions } from '../sessions/types.ts';
import { platform } from '../tenants.ts';
import { createFindClient } from './adapter/clients.ts';
import type { EndGrant } from './adapter/grants.ts';
import { createRecords, type RecordKind } from './adapter/records.ts';
import { createTokenAdapter } from './adapter/tokens.ts';
import { listen } from './bridge.ts';
import { type ConfigurationDeps, configurationOf } from './configuration.ts';
import { type Origin, registerExchange } from './exchange.ts';
import { tellFhirUser } from './introspected.ts';
import type { SigningKeys } from './keys.ts';
import { bindModels } from './models.ts';
import { findAccount } from './people.ts';
import type { Replay } from './replay.ts';
import type { Sealing } from './sealed.ts';
import { bindSessions } from './session.ts';

export interface ProviderDeps extends Omit<ConfigurationDeps, 'adapter' | 'keys' | 'nonceSecret'> {
  readonly segment: Segment;
  readonly sealing: Sealing;
  readonly known: KnownTokens;
  readonly sessions: Pick<Sessions, 'signedIn'>;
  readonly signing: SigningKeys;
  readonly replay: Replay;
  readonly endGrant: EndGrant;
  readonly nonceSecret: () => Promise<Buffer>;
}

const selectTenant = { name: 'identity.client.tenant', text: 'select tenant from identity.client where id = $1' };
const selectOrigin = {
  name: 'identity.token.origin',
  text: 'select act, "offline", level, methods, authenticated_at from identity.token where hash = $1',
};

const records: ReadonlySet<string> = new Set<RecordKind>([
  'AuthorizationCode',
  'RefreshToken',
  'Grant',
  'Interaction',
  'PushedAuthorizationRequest',
  'Session',
]);

/** Of kinds that are switched off, and of replays, which are detected elsewhere: nothing is kept, nothing found. */
const nothing: Adapter = {
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  upsert: async () => {
    throw new Error('nothing of this kind is kept');
  },
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
};

function adaptersOf(deps: ProviderDeps): (kind: string) => Adapter {
  const { segment, clock, settings, endGrant } = deps;
  const findClient = createFindClient(segment, clock, settings.mtls !== undefined);
  const tenantOf = async (client: string) =>
    (await segment.query<{ tenant: number }>(platform, selectTenant, [client]))[0]?.tenant;
  return (kind) => {
    if (kind === 'Client') return { ...nothing, find: findClient };
    if (kind === 'AccessToken' || kind === 'ClientCredentials') return createTokenAdapter(deps, kind, endGrant);
    return records.has(kind) ? createRecords({ ...deps, tenantOf }, kind as RecordKind) : nothing;
  };
}

/** Beside OAuth's members: SMART's, of code and refresh alike; put there once all of the token is made. */
const addExtras = (provider: Provider): void =>
  void provider.use(async (ctx, next) => {
    await next();
    const { oidc } = ctx as KoaContextWithOIDC;
    if (oidc?.route === 'discovery') Object.assign(ctx.body as object, { response_modes_supported: ['query'] });
    if (oidc?.route !== 'token' || ctx.status !== 200) return;
    // RFC 6749 5.1, SMART App Launch 2.2: beside `no-store`, which the library says.
    ctx.set('Pragma', 'no-cache');
    Object.assign(ctx.body as object, oidc.entities.AccessToken?.extra ?? {});
  });

function make(deps: ProviderDeps, issuer: string, given: Pick<ConfigurationDeps, 'keys' | 'nonceSecret'>): Provider {
  const provider = new Provider(issuer, configurationOf({ ...deps, ...given, adapter: adaptersOf(deps) }));
  // What a proxy says comes from us: the scheme of our own base, in `bridge`.
  provider.proxy = true;
  bindModels(provider, deps.replay);
  bindSessions(provider, deps.sessions);
  addExtras(provider);
  tellFhirUser(provider, deps);
  listen(provider);
  const origin = async (token: string) =>
    (await deps.segment.query<Origin>(platform, selectOrigin, [sha256(token)]))[0];
  registerExchange(provider, { ...deps, origin, account: (ctx, id) => findAccount(deps, ctx, id) });
  return provider;
}

/**
 * The authorization server, made when it is first asked for: only then our public base is known, which is its issuer
 * for good. Made anew when the signing keys change; all that it keeps is in the database.
 */
export function createProvider(deps: ProviderDeps): (base: string) => Promise<Provider> {
  let issuer: string | undefined;
  let held: { readonly name: string; readonly provider: Provider } | undefined;
  return async (base) => {
    issuer ??= base;
    if (base !== issuer) throw fault('internal', 'The authorization server has one address.');
    const { name, keys } = await deps.signing.current();
    if (held?.name === name) return held.provider;
    const nonceSecret = await deps.nonceSecret();
    // Two who come at once make it twice; one is kept.
    held = { name, provider: make(deps, issuer, { keys, nonceSecret }) };
    return held.provider;
  };
}
