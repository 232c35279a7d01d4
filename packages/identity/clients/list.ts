import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { ClientSummary, View } from '../types.ts';

const select = {
  name: 'identity.client.list',
  text: `select id, tenant, name, scopes, view, patient, permissions, created_at, revoked_at from identity.client
    where $1::int is null or tenant = $1 order by created_at, id`,
};

type ClientRow = {
  id: string;
  tenant: number;
  name: string;
  scopes: string[];
  view: View;
  patient: string | null;
  permissions: string[];
  created_at: Date;
  revoked_at: Date | null;
};

const asSummary = ({ id, created_at, revoked_at, ...rest }: ClientRow): ClientSummary => ({
  client_id: id,
  ...rest,
  created_at: created_at.getTime(),
  revoked_at: revoked_at?.getTime() ?? null,
});

/** Clients as an operator sees them; nothing of a secret, not even its hash. */
export async function listClients(segment: Segment, tenant?: number): Promise<ClientSummary[]> {
  if (tenant !== undefined && (!Number.isInteger(tenant) || Math.abs(tenant) > 2_147_483_647)) return [];
  return (await segment.query<ClientRow>(platform, select, [tenant ?? null])).map(asSummary);
}
