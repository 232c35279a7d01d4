import { fault } from '@safeguard/kernel';
import type { Binding, Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import { platform } from '../../tenants.ts';
import type { Stored } from '../values.ts';

/** What a directory wrote of one account, and when. */
export interface Written {
  readonly attributes: Stored;
  readonly version: number;
  /** The directory switched the account off, and may switch it on again. */
  readonly inactive: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly changed_at: number;
}

interface UserRow extends Record<string, unknown> {
  readonly account: string;
  readonly key_id: number;
  readonly sealed: Buffer;
  readonly version: number;
  readonly inactive: boolean;
  readonly changed_at: Date;
}

const select = {
  name: 'identity.scim_user.read',
  text: `select account, key_id, sealed, version, inactive, changed_at from identity.scim_user
    where tenant = $1 and account = any ($2::uuid[])`,
};
/** A row that was written meanwhile has another version: nothing is written over it. */
const upsert = {
  name: 'identity.scim_user.write',
  text: `insert into identity.scim_user as u
      (account, tenant, external_token, key_id, sealed, version, inactive, created_at, changed_at)
    values ($1, $2, $3, $4, $5, $6, coalesce($7::boolean, false), $8, $8)
    on conflict (account) do update set external_token = excluded.external_token, key_id = excluded.key_id,
      sealed = excluded.sealed, version = excluded.version, inactive = coalesce($7::boolean, u.inactive),
      changed_at = excluded.changed_at
    where u.version = excluded.version - 1 and u.tenant = excluded.tenant
    returning account`,
};
const hold = {
  name: 'identity.scim_user.hold',
  text: 'update identity.scim_user set inactive = false where account = $1 and tenant = $2 and inactive',
};
const drop = {
  name: 'identity.scim_user.drop',
  text: 'delete from identity.scim_user where account = $1 and tenant = $2',
};
/**
 * The accounts that a directory manages: those it made, and those that sign in at a provider alone. Accounts with a
 * password of ours, patients and proxies are not its business.
 */
const managed = `a.tenant = $1 and a.kind = 'workforce' and a.state <> 'terminated'
  and (a.source = 'scim' or a.external)`;
const page = {
  name: 'identity.scim_user.page',
  text: `select a.id from identity.account a where ${managed} order by a.number offset $2 limit $3`,
};
const count = {
  name: 'identity.scim_user.count',
  text: `select count(*) as count from identity.account a where ${managed}`,
};
const byExternal = {
  name: 'identity.scim_user.external',
  text: `select a.id from identity.scim_user u join identity.account a on a.id = u.account and a.tenant = u.tenant
    where ${managed} and u.tenant = $1 and u.external_token = $2 limit 50`,
};

/** Of accounts that ended, nothing that a directory wrote is kept. */
const sweep = {
  name: 'identity.scim_user.sweep',
  text: `with ended as (select id from identity.account where tenant = $1 and state = 'terminated'),
      members as (delete from identity.scim_member where tenant = $1 and account in (select id from ended)),
      grants as (delete from identity.scim_grant where tenant = $1 and account in (select id from ended)),
      users as (delete from identity.scim_user where tenant = $1 and account in (select id from ended) returning 1)
    select count(*) as count from users`,
};

const binding = (account: string, version: number): Binding => ({ resource: account, version, purpose: 'scim-user' });

/** externalId is case-exact (RFC 7643 3.1): its token is of the text as it is. */
export const externalToken = (vault: Vault, label: string, value: unknown): string | null =>
  typeof value === 'string' ? vault.token(label, value).toString() : null;

function opened(vault: Vault, keys: Awaited<ReturnType<Vault['keysById']>>, row: UserRow): Written | undefined {
  const key = keys.get(row.key_id);
  if (key === undefined) return undefined;
  const text = vault.open(key, binding(row.account, row.version), row.sealed).toString();
  const { version, inactive, changed_at } = row;
  return { attributes: JSON.parse(text) as Stored, version, inactive, changed_at: changed_at.getTime() };
}

/** What is to be written of an account, sealed; `write` then touches no key. */
export interface Sealed {
  readonly values: readonly unknown[];
}

/** `inactive` undefined: as it is. */
export interface ToWrite extends Pick<Written, 'attributes' | 'version'> {
  readonly inactive: boolean | undefined;
}

interface StoreDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
}

/** What directories wrote of accounts. Reads run as the tenant, writes as the platform. */
export const createUserStore = ({ segment, vault }: StoreDeps) => ({
  async read(tenant: number, accounts: readonly string[]): Promise<Map<string, Written>> {
    const rows = await segment.query<UserRow>(tenant, select, [tenant, accounts]);
    if (rows.length === 0) return new Map();
    const doors = await vault(tenant);
    const keys = await doors.keysById([...new Set(rows.map(({ key_id }) => key_id))]);
    return new Map(
      rows.flatMap((row) => {
        const written = opened(doors, keys, row);
        return written === undefined ? [] : [[row.account, written] as const];
      }),
    );
  },

  async seal(tenant: number, account: string, written: ToWrite, at: Date): Promise<Sealed> {
    const doors = await vault(tenant);
    const key = (await doors.keysFor([account])).get(account);
    if (key === undefined) throw fault('internal', 'The key of an account is missing.');
    const { attributes, version, inactive } = written;
    const sealed = doors.seal(key, binding(account, version), Buffer.from(JSON.stringify(attributes)));
    const token = externalToken(doors, 'scim-user-external', attributes['externalId']);
    return { values: [account, tenant, token, key.id, sealed, version, inactive ?? null, at] };
  },

  /** Fault `conflict` when another request wrote it meanwhile. */
  async write(connection: Connection, { values }: Sealed): Promise<void> {
    if ((await connection.query(upsert, values)).length > 0) return;
    throw fault('conflict', 'It is being changed by another request: repeat this one.');
  },

  async hold(tenant: number, account: string): Promise<void> {
    await segment.query(platform, hold, [account, tenant]);
  },

  async drop(connection: Connection, tenant: number, account: string): Promise<void> {
    await connection.query(drop, [account, tenant]);
  },

  async sweep(tenant: number): Promise<number> {
    return (await segment.query<{ count: number }>(platform, sweep, [tenant]))[0]?.count ?? 0;
  },

  async page(tenant: number, offset: number, most: number): Promise<string[]> {
    return (await segment.query<{ id: string }>(tenant, page, [tenant, offset, most])).map(({ id }) => id);
  },

  async count(tenant: number): Promise<number> {
    return (await segment.query<{ count: number }>(tenant, count, [tenant]))[0]?.count ?? 0;
  },

  async byExternal(tenant: number, externalId: string): Promise<string[]> {
    const token = externalToken(await vault(tenant), 'scim-user-external', externalId);
    return (await segment.query<{ id: string }>(tenant, byExternal, [tenant, token])).map(({ id }) => id);
  },
});

export type UserStore = ReturnType<typeof createUserStore>;
