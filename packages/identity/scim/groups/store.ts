import { fault } from '@safeguard/kernel';
import { type Binding, noOwner, type Vault } from '@safeguard/seal';
import type { Connection, Segment } from '@safeguard/store';
import { externalToken } from '../users/store.ts';

/** A group as it is kept, without its members. */
export interface Group {
  readonly id: string;
  readonly displayName: string;
  readonly externalId: string | undefined;
  readonly version: number;
  /** What its members may do. */
  readonly scopes: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly created_at: number;
  readonly changed_at: number;
}

interface GroupRow extends Record<string, unknown> {
  readonly id: string;
  readonly key_id: number;
  readonly sealed: Buffer;
  readonly version: number;
  readonly scopes: string[];
  readonly created_at: Date;
  readonly changed_at: Date;
}

const columns = 'g.id, g.key_id, g.sealed, g.version, g.scopes, g.created_at, g.changed_at';
const byId = {
  name: 'identity.scim_group.read',
  text: `select ${columns} from identity.scim_group g where g.tenant = $1 and g.id = $2`,
};
const page = {
  name: 'identity.scim_group.page',
  text: `select ${columns} from identity.scim_group g where g.tenant = $1 order by g.number offset $2 limit $3`,
};
const count = {
  name: 'identity.scim_group.count',
  text: 'select count(*) as count from identity.scim_group where tenant = $1',
};
const ofAccounts = {
  name: 'identity.scim_group.of-accounts',
  text: `select m.account, ${columns} from identity.scim_member m
    join identity.scim_group g on g.id = m.scim_group and g.tenant = m.tenant
    where m.tenant = $1 and m.account = any ($2::uuid[]) order by g.number`,
};
const insert = {
  name: 'identity.scim_group.insert',
  text: `insert into identity.scim_group
      (id, tenant, name_token, external_token, key_id, sealed, version, created_at, changed_at)
    select $1, $2, $3, $4, $5, $6, 1, $7, $7
    where (select count(*) from identity.scim_group where tenant = $2) < $8 returning id`,
};
const update = {
  name: 'identity.scim_group.update',
  text: `update identity.scim_group set name_token = $3, external_token = $4, key_id = $5, sealed = $6, version = $8,
      changed_at = $7 where id = $1 and tenant = $2 and version = $8 - 1 returning id`,
};
const drop = {
  name: 'identity.scim_group.drop',
  text: 'delete from identity.scim_group where id = $1 and tenant = $2',
};
const give = {
  name: 'identity.scim_group.give',
  text: 'update identity.scim_group set scopes = $3 where id = $1 and tenant = $2 returning id',
};
const hold = {
  name: 'identity.scim_group.hold',
  text: 'select scopes from identity.scim_group where id = $1 and tenant = $2 for update',
};
/** Members that ended, or that a directory does not manage any more, are none. */
const members = {
  name: 'identity.scim_member.list',
  text: `select m.account as id from identity.scim_member m
    join identity.account a on a.id = m.account and a.tenant = m.tenant and a.state <> 'terminated'
    where m.tenant = $1 and m.scim_group = $2 order by a.number`,
};
const countMembers = {
  name: 'identity.scim_member.count',
  text: `select m.scim_group as id, count(*) as count from identity.scim_member m
    join identity.account a on a.id = m.account and a.tenant = m.tenant and a.state <> 'terminated'
    where m.tenant = $1 and m.scim_group = any ($2::uuid[]) group by m.scim_group`,
};
const join = {
  name: 'identity.scim_member.join',
  text: `insert into identity.scim_member (scim_group, account, tenant)
    select $1, a.id, a.tenant from identity.account a where a.tenant = $2 and a.id = any ($3::uuid[])
      and a.kind = 'workforce' and a.state <> 'terminated' and (a.source = 'scim' or a.external)
    on conflict do nothing`,
};
const there = {
  name: 'identity.scim_member.there',
  text: `select count(*) as count from identity.scim_member
    where scim_group = $1 and tenant = $2 and account = any ($3::uuid[])`,
};
const leave = {
  name: 'identity.scim_member.leave',
  text: 'delete from identity.scim_member where scim_group = $1 and tenant = $2 and account = any ($3::uuid[])',
};

/** Enough for any directory; bounds what one list opens. */
export const mostGroups = 2_000;

const binding = (id: string, version: number): Binding => ({ resource: id, version, purpose: 'scim-group' });

interface Body {
  readonly displayName: string;
  readonly externalId?: string;
}

function asGroup(vault: Vault, keys: Awaited<ReturnType<Vault['keysById']>>, row: GroupRow): Group {
  const key = keys.get(row.key_id);
  if (key === undefined) throw fault('internal', 'The key of a group is missing.');
  const { displayName, externalId }: Body = JSON.parse(
    vault.open(key, binding(row.id, row.version), row.sealed).toString(),
  );
  const { id, version, scopes, created_at, changed_at } = row;
  const times = { created_at: created_at.getTime(), changed_at: changed_at.getTime() };
  return { id, displayName, externalId, version, scopes, ...times };
}

export type SealedGroup = readonly unknown[];

interface StoreDeps {
  readonly segment: Segment;
  readonly vault: (tenant: number) => Promise<Vault>;
}

/** Groups and who is in them. Reads run as the tenant, writes as the platform, in the caller's transaction. */
export function createGroupStore({ segment, vault }: StoreDeps) {
  const open = async (tenant: number, rows: readonly GroupRow[]): Promise<Group[]> => {
    if (rows.length === 0) return [];
    const doors = await vault(tenant);
    const keys = await doors.keysById([...new Set(rows.map(({ key_id }) => key_id))]);
    return rows.map((row) => asGroup(doors, keys, row));
  };
  return {
    async read(tenant: number, id: string): Promise<Group | undefined> {
      return (await open(tenant, await segment.query<GroupRow>(tenant, byId, [tenant, id])))[0];
    },
    page: async (tenant: number, offset: number, most: number): Promise<Group[]> =>
      open(tenant, await segment.query<GroupRow>(tenant, page, [tenant, offset, most])),
    async count(tenant: number): Promise<number> {
      return (await segment.query<{ count: number }>(tenant, count, [tenant]))[0]?.count ?? 0;
    },
    async ofAccounts(tenant: number, accounts: readonly string[]): Promise<Map<string, Group[]>> {
      type OfAccount = GroupRow & { account: string };
      const rows = await segment.query<OfAccount>(tenant, ofAccounts, [tenant, accounts]);
      const groups = await open(tenant, rows);
      const pairs = rows.flatMap(({ account }, at) =>
        groups[at] === undefined ? [] : [{ account, group: groups[at] }],
      );
      const byAccount = Map.groupBy(pairs, ({ account }) => account);
      return new Map([...byAccount].map(([account, found]) => [account, found.map(({ group }) => group)]));
    },
    members: async (tenant: number, group: string): Promise<string[]> =>
      (await segment.query<{ id: string }>(tenant, members, [tenant, group])).map(({ id }) => id),
    async countMembers(tenant: number, groups: readonly string[]): Promise<Map<string, number>> {
      const rows = await segment.query<{ id: string; count: number }>(tenant, countMembers, [tenant, groups]);
      return new Map(rows.map(({ id, count: number }) => [id, number]));
    },
    async seal(tenant: number, id: string, version: number, body: Body, at: Date): Promise<SealedGroup> {
      const doors = await vault(tenant);
      const key = (await doors.keysFor([noOwner])).get(noOwner);
      if (key === undefined) throw fault('internal', 'The key of a tenant is missing.');
      const sealed = doors.seal(key, binding(id, version), Buffer.from(JSON.stringify(body)));
      const name = doors.token('scim-group-name', body.displayName.toLowerCase()).toString();
      const external = externalToken(doors, 'scim-group-external', body.externalId);
      return [id, tenant, name, external, key.id, sealed, at];
    },
    insert: async (connection: Connection, sealed: SealedGroup): Promise<boolean> =>
      (await connection.query(insert, [...sealed, mostGroups])).length > 0,
    update: async (connection: Connection, sealed: SealedGroup, version: number): Promise<boolean> =>
      (await connection.query(update, [...sealed, version])).length > 0,
    async drop(connection: Connection, tenant: number, id: string): Promise<void> {
      await connection.query(drop, [id, tenant]);
    },
    /** Locks the group; its scopes, or undefined when it is not there. */
    async hold(connection: Connection, tenant: number, id: string): Promise<readonly string[] | undefined> {
      return (await connection.query<{ scopes: string[] }>(hold, [id, tenant]))[0]?.scopes;
    },
    give: async (connection: Connection, tenant: number, id: string, scopes: readonly string[]): Promise<boolean> =>
      (await connection.query(give, [id, tenant, scopes])).length > 0,
    /** How many of them are members now: fewer than asked when one is no user that a directory manages. */
    async join(connection: Connection, tenant: number, group: string, accounts: readonly string[]): Promise<number> {
      await connection.query(join, [group, tenant, accounts]);
      return (await connection.query<{ count: number }>(there, [group, tenant, accounts]))[0]?.count ?? 0;
    },
    async leave(connection: Connection, tenant: number, group: string, accounts: readonly string[]): Promise<void> {
      await connection.query(leave, [group, tenant, accounts]);
    },
  };
}

export type GroupStore = ReturnType<typeof createGroupStore>;
