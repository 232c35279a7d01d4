import { newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { nextChange } from './change.ts';
import { asGrant, type GrantRow, grantColumns } from './rows.ts';
import type { Grant } from './types.ts';

const insert = {
  name: 'access.grant.make',
  text: `insert into access.grant as g (id, tenant, request, kind, account, role, patients, opens, from_at, until_at,
      changed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning ${grantColumns}`,
};
/** What the new grant gives for at least as long. It begins at once, so nothing is lost in between. */
const replaced = {
  name: 'access.grant.replace',
  text: `update access.grant g set ended_at = $3, ended_why = 'replaced', ended_by = 'service', changed = $4
    from access.grant n
    where n.id = $2 and n.tenant = $1 and g.tenant = $1 and g.id <> n.id and g.account = n.account
      and g.role = n.role and g.kind = n.kind and g.patients is not distinct from n.patients
      and g.opens is not distinct from n.opens and g.ended_at is null and n.from_at <= $3
      and g.until_at > $3 and g.until_at <= n.until_at`,
};

/** What a request came to. */
export interface Approved {
  readonly tenant: number;
  readonly request: string;
  readonly kind: GrantRow['kind'];
  readonly account: string;
  readonly role: string;
  readonly patients: readonly string[] | null;
  readonly opens: readonly string[] | null;
  readonly from: number;
  readonly until: number;
}

/** Makes the grant of an approved request; `at` is now. The holder is locked. */
export async function makeGrant(connection: Connection, approved: Approved, at: number): Promise<Grant> {
  const { tenant, request, kind, account, role, patients, opens, from, until } = approved;
  const id = newId();
  const n = await nextChange(connection, tenant);
  const what = [id, tenant, request, kind, account, role, patients, opens];
  const [row] = await connection.query<GrantRow>(insert, [...what, new Date(from), new Date(until), n]);
  await connection.query(replaced, [tenant, id, new Date(at), n]);
  return asGrant(row as GrantRow);
}
