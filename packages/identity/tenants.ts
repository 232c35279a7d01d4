import { fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { IdentityDeps, Tenant, Tenants } from './types.ts';

/** The tenant as which the registry is worked on: the platform. */
export const platform = 0;

const nameForm = /^[a-z][a-z0-9-]{0,62}$/;

const columns = `id, name, created_at`;
const insert = {
  name: 'identity.tenant.insert',
  text: `insert into identity.tenant (name, created_at) values ($1, $2)
    on conflict (name) do nothing returning ${columns}`,
};
const insertDefault = {
  name: 'identity.tenant.default',
  text: `insert into identity.tenant (id, name, created_at) values (1, 'default', $1) on conflict do nothing`,
};
const selectNamed = {
  name: 'identity.tenant.named',
  text: `select ${columns} from identity.tenant where name = $1`,
};
const selectAll = { name: 'identity.tenant.all', text: `select ${columns} from identity.tenant order by id` };

type TenantRow = { id: number; name: string; created_at: Date };
const asTenant = ({ id, name, created_at }: TenantRow): Tenant => ({ id, name, created_at: created_at.getTime() });

async function createTenant(segment: Segment, name: string, at: Date): Promise<Tenant> {
  if (typeof name !== 'string' || !nameForm.test(name)) {
    throw fault('invalid', 'A tenant name is 1 to 63 of a-z, 0-9 and "-", beginning with a letter.');
  }
  const [row] = await segment.query<TenantRow>(platform, insert, [name, at]);
  if (row === undefined) throw fault('conflict', 'A tenant of this name exists.');
  return asTenant(row);
}

type Registry = Omit<Tenants, 'settings' | 'configure' | 'brand' | 'nameOf'>;

export function createTenants({ segment, clock }: Pick<IdentityDeps, 'segment' | 'clock'>): Registry {
  return {
    create: (name) => createTenant(segment, name, new Date(clock.now())),
    async byName(name) {
      if (typeof name !== 'string' || !nameForm.test(name)) return undefined;
      const [row] = await segment.query<TenantRow>(platform, selectNamed, [name]);
      return row === undefined ? undefined : asTenant(row);
    },
    list: async () => (await segment.query<TenantRow>(platform, selectAll)).map(asTenant),
    async ensureDefault() {
      await segment.query(platform, insertDefault, [new Date(clock.now())]);
    },
  };
}
