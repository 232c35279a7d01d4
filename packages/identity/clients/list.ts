import { isUuid } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { ClientAuthMethod, ClientState, ClientSummary, GrantType, View } from '../types.ts';

const columns = `id, tenant, name, scopes, view, patient, permissions, type, state, auth_method, grant_types,
  redirect_uris, created_at, revoked_at`;
const select = {
  name: 'identity.client.list',
  text: `select ${columns} from identity.client
    where $1::int is null or tenant = $1 order by created_at, id`,
};

const selectOne = {
  name: 'identity.client.by-id',
  text: `select ${columns} from identity.client where id = $1`,
};

type ClientRow = {
  id: string;
  tenant: number;
  name: string;
  scopes: string[];
  view: View;
  patient: string | null;
  permissions: string[];
  type: ClientSummary['type'];
  state: ClientState;
  auth_method: ClientAuthMethod;
  grant_types: GrantType[];
  redirect_uris: string[];
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

export async function findClient(segment: Segment, client_id: string): Promise<ClientSummary | undefined> {
  if (!isUuid(client_id)) return undefined;
  const [row] = await segment.query<ClientRow>(platform, selectOne, [client_id]);
  return row === undefined ? undefined : asSummary(row);
}
