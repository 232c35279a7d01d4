import type { Principal } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import { platform } from '../tenants.ts';
import type { View } from '../types.ts';
import type { KnownToken } from './known.ts';

const select = {
  name: 'identity.token.lookup',
  text: `select t.client, t.tenant, t.scopes, t.expires_at, c.view, c.patient, c.permissions
    from identity.token t join identity.client c on c.id = t.client
    where t.hash = $1 and t.revoked_at is null and c.revoked_at is null and t.expires_at > $2`,
};
type Row = {
  client: string;
  tenant: number;
  scopes: string[];
  expires_at: Date;
  view: View;
  patient: string | null;
  permissions: string[];
};

/** Frozen: `access` may remember what it compiled from the scopes. */
const principalOf = ({ client, tenant, scopes, view, patient, permissions }: Row): Principal =>
  Object.freeze({
    tenant,
    kind: 'client',
    id: client,
    scopes: Object.freeze(scopes),
    view,
    ...(patient === null ? {} : { patient }),
    permissions: Object.freeze(permissions),
  });

/** Asks the database for a token by its hash. Fault `unavailable` of the store when it does not answer. */
export async function lookup(segment: Segment, clock: Clock, hash: Buffer): Promise<KnownToken | undefined> {
  const checked_at_ms = performance.now();
  const [row] = await segment.query<Row>(platform, select, [hash, new Date(clock.now())]);
  if (row === undefined) return undefined;
  return { principal: principalOf(row), expires_at: row.expires_at.getTime(), checked_at_ms, used: true };
}
