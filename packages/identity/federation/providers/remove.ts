import type { Connection, Segment } from '@safeguard/store';
import { platform } from '../../tenants.ts';

const statements = {
  // The secrets are overwritten, not only hidden.
  end: {
    name: 'identity.federation_provider.remove',
    text: `update identity.federation_provider
      set removed_at = $3, changed_at = $3, enabled = false, version = version + 1, sealed = ''
      where id = $1 and tenant = $2 and removed_at is null returning id`,
  },
  links: {
    name: 'identity.federation_identity.forget',
    text: 'delete from identity.federation_identity where provider = $1',
  },
  flows: { name: 'identity.federation_flow.forget', text: 'delete from identity.federation_flow where provider = $1' },
};

/** Ends a provider with its links and the sign-ins under way, in one transaction; `also`: while the links stand. */
export const removeProvider = (
  segment: Segment,
  { tenant, id }: { readonly tenant: number; readonly id: string },
  now: number,
  also: (connection: Connection) => Promise<void>,
): Promise<void> =>
  segment.transaction(platform, async (connection) => {
    const ended = await connection.query(statements.end, [id, tenant, new Date(now)]);
    if (ended.length === 0) return;
    await also(connection);
    await connection.query(statements.links, [id]);
    await connection.query(statements.flows, [id]);
  });
