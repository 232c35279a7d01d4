import { isUuid } from '@safeguard/kernel';
import { noOwner, type Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import { platform } from '../../tenants.ts';
import type { ProviderSettings } from '../types.ts';
import { defaults } from './defaults.ts';

const columns = 'id, tenant, enabled, version, key_id, sealed, created_at, changed_at';
const from = `select ${columns} from identity.federation_provider where removed_at is null`;

const statements = {
  one: { name: 'identity.federation_provider.one', text: `${from} and id = $1` },
  list: { name: 'identity.federation_provider.list', text: `${from} and tenant = $1 order by created_at, id` },
  // Counted in the statement itself: bounded enough; two at once may exceed it by one.
  insert: {
    name: 'identity.federation_provider.insert',
    text: `insert into identity.federation_provider
        (id, tenant, kind, enabled, version, key_id, sealed, created_at, changed_at)
      select $1, $2, $3, false, 1, $4, $5, $6, $6
      where (select count(*) from identity.federation_provider where tenant = $2 and removed_at is null) < 20
      returning ${columns}`,
  },
  change: {
    name: 'identity.federation_provider.change',
    text: `update identity.federation_provider
      set version = version + 1, key_id = $3, sealed = $4, enabled = $5, changed_at = $6
      where id = $1 and version = $2 and removed_at is null returning ${columns}`,
  },
};

interface Row extends Record<string, unknown> {
  id: string;
  tenant: number;
  enabled: boolean;
  version: number;
  key_id: number;
  sealed: Buffer;
  created_at: Date;
  changed_at: Date;
}

/** A provider with its secrets, as this process works with it. */
export interface Provider {
  readonly id: string;
  readonly tenant: number;
  readonly enabled: boolean;
  readonly version: number;
  readonly settings: ProviderSettings;
  readonly created_at: number;
  readonly changed_at: number;
}

export interface ProviderRows {
  /** Read anew each time: a change holds at once in every process. Undefined also for what is no id. */
  one(id: string): Promise<Provider | undefined>;
  list(tenant: number): Promise<Provider[]>;
  /** Undefined: the tenant has as many as it may have. */
  insert(id: string, tenant: number, settings: ProviderSettings, now: number): Promise<Provider | undefined>;
  /**
   * Undefined: somebody else changed it meanwhile. `also`: what belongs to the change, in its transaction (as the
   * platform), only when it was made.
   */
  change(
    provider: Provider,
    to: { readonly settings: ProviderSettings; readonly enabled: boolean },
    now: number,
    also?: (connection: Connection) => Promise<void>,
  ): Promise<Provider | undefined>;
}

const binding = (id: string, version: number) => ({ resource: id, version, purpose: 'federation-provider' });

async function sealed(vault: Vault, id: string, version: number, settings: ProviderSettings) {
  const key = (await vault.keysFor([noOwner])).get(noOwner);
  if (key === undefined) throw new Error('the key of what has no owner is gone');
  return { key_id: key.id, bytes: vault.seal(key, binding(id, version), Buffer.from(JSON.stringify(settings))) };
}

async function opened(vault: Vault, row: Row): Promise<Provider> {
  const key = (await vault.keysById([row.key_id])).get(row.key_id);
  if (key === undefined) throw new Error('the key of a provider is gone');
  const written = JSON.parse(vault.open(key, binding(row.id, row.version), row.sealed).toString('utf8'));
  // A provider of before the setting has none.
  const settings: ProviderSettings = { directory: defaults.saml.directory, ...written };
  const { id, tenant, enabled, version } = row;
  const times = { created_at: row.created_at.getTime(), changed_at: row.changed_at.getTime() };
  return { id, tenant, enabled, version, settings, ...times };
}

export function createProviderRows(segment: Segment, vault: (tenant: number) => Promise<Vault>): ProviderRows {
  const open = async (row: Row | undefined): Promise<Provider | undefined> =>
    row === undefined ? undefined : opened(await vault(row.tenant), row);
  return {
    async one(id) {
      if (!isUuid(id)) return undefined;
      const [row] = await segment.query<Row>(platform, statements.one, [id]);
      return open(row);
    },
    async list(tenant) {
      const rows = await segment.query<Row>(platform, statements.list, [tenant]);
      const keys = await vault(tenant);
      return Promise.all(rows.map((row) => opened(keys, row)));
    },
    async insert(id, tenant, settings, now) {
      const { key_id, bytes } = await sealed(await vault(tenant), id, 1, settings);
      const values = [id, tenant, settings.kind, key_id, bytes, new Date(now)];
      const [row] = await segment.query<Row>(platform, statements.insert, values);
      return open(row);
    },
    async change({ id, tenant, version }, { settings, enabled }, now, also) {
      const { key_id, bytes } = await sealed(await vault(tenant), id, version + 1, settings);
      const values = [id, version, key_id, bytes, enabled, new Date(now)];
      const row = await segment.transaction(platform, async (connection) => {
        const [written] = await connection.query<Row>(statements.change, values);
        if (written !== undefined) await also?.(connection);
        return written;
      });
      return open(row);
    },
  };
}
