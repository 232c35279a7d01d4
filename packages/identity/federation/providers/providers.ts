import { type Clock, fault, isUuid, newId } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Accounts } from '../../accounts/types.ts';
import type { OnWayIn } from '../../accounts/way-in.ts';
import type { ScopeRules } from '../../types.ts';
import type { Ending } from '../identities/ending.ts';
import type { NewProvider, ProviderChanges, ProviderSettings, Providers } from '../types.ts';
import { type ProviderChanging, tellBelieved } from './believed.ts';
import { checkSettings } from './check.ts';
import { defaults } from './defaults.ts';
import { checkDirectory } from './directory.ts';
import { checkDoor } from './door.ts';
import { readMetadata } from './metadata.ts';
import { removeProvider } from './remove.ts';
import type { Provider, ProviderRows } from './rows.ts';
import { viewOf } from './view.ts';

export interface ProvidersDeps {
  readonly segment: Segment;
  readonly clock: Clock;
  readonly scopes: Pick<ScopeRules, 'normalScope'>;
  readonly accounts: Pick<Accounts, 'hasAdministrator'>;
  readonly rows: ProviderRows;
  readonly ending: Ending;
  readonly onWayIn?: OnWayIn;
  /** Asks the provider itself whether its configuration can work. Fault `invalid` that says what is wrong. */
  readonly probe: (provider: Provider) => Promise<void>;
}

const missing = () => fault('missing', 'There is no such provider.');

async function ownOne({ rows }: ProvidersDeps, tenant: number, id: string): Promise<Provider> {
  const provider = await rows.one(id);
  if (provider === undefined || provider.tenant !== tenant) throw missing();
  return provider;
}

function complete(given: NewProvider): unknown {
  if (given?.kind !== 'saml') return { ...defaults.oidc, ...given };
  if (!('metadata' in given)) return { ...defaults.saml, ...given };
  const { metadata, ...rest } = given;
  return { ...defaults.saml, ...readMetadata(metadata), ...rest };
}

const fixed = ['kind', 'issuer', 'entity_id'];

/** Issuer and entityID stand: the links are to people at that provider, and would become somebody else's at another. */
function changed(settings: ProviderSettings, changes: ProviderChanges): unknown {
  if (Object.keys(changes).some((name) => fixed.includes(name))) {
    throw fault('invalid', 'Kind, issuer and entityID of a provider never change: make another provider.');
  }
  const { decryption, ...rest } = changes;
  const to: Record<string, unknown> = { ...settings, ...rest };
  if (decryption === null) delete to['decryption'];
  else if (decryption !== undefined) to['decryption'] = decryption;
  return to;
}

async function write(
  deps: ProvidersDeps,
  provider: Provider,
  to: { readonly settings: ProviderSettings; readonly enabled: boolean },
  { by, held }: ProviderChanging,
): Promise<Provider> {
  if (to.enabled) await checkDoor(deps.accounts, provider.tenant, to.settings);
  const now = deps.clock.now();
  const told = { onWayIn: deps.onWayIn, at: new Date(now), by };
  let isHeld = false;
  const written = await deps.ending.committed((ends) =>
    deps.rows.change(provider, to, now, async (connection) => {
      isHeld = await tellBelieved(connection, told, provider, to);
      if (provider.enabled && !to.enabled) await ends.provider(connection, provider);
    }),
  );
  if (written === undefined) throw fault('conflict', 'The provider was changed by somebody else meanwhile.');
  if (isHeld) held?.();
  return written;
}

export function createProviders(deps: ProvidersDeps): Providers {
  const { segment, clock, scopes, accounts, rows, ending, probe } = deps;
  return {
    async create(tenant, given) {
      const settings = checkSettings(complete(given), scopes);
      await checkDoor(accounts, tenant, settings);
      await checkDirectory(rows, { tenant }, settings);
      const provider = await rows.insert(newId(), tenant, settings, clock.now());
      if (provider === undefined) throw fault('conflict', 'A tenant has 20 providers at most.');
      return viewOf(provider);
    },
    read: async (tenant, id) => viewOf(await ownOne(deps, tenant, id)),
    list: async (tenant) => (await rows.list(tenant)).map(viewOf),
    async change(tenant, id, changes, by, held) {
      const provider = await ownOne(deps, tenant, id);
      const settings = checkSettings(changed(provider.settings, changes), scopes);
      if (changes.directory !== undefined) await checkDirectory(rows, provider, settings);
      return viewOf(await write(deps, provider, { settings, enabled: provider.enabled }, { by, held }));
    },
    async enable(tenant, id, enabled, by, held) {
      const provider = await ownOne(deps, tenant, id);
      if (provider.enabled === enabled) return viewOf(provider);
      if (enabled) await probe(provider);
      return viewOf(await write(deps, provider, { settings: provider.settings, enabled }, { by, held }));
    },
    async remove(tenant, id) {
      if (!isUuid(id)) return;
      await ending.committed((ends) =>
        removeProvider(segment, { tenant, id }, clock.now(), (connection) => ends.provider(connection, { tenant, id })),
      );
    },
  };
}
