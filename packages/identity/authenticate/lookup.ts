import type { Assurance, Principal } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { AccountKind } from '../accounts/types.ts';
import { platform } from '../tenants.ts';
import type { View } from '../types.ts';
import { aliveToken, tokenTables } from './alive.ts';
import type { Confirmation, KnownToken } from './known.ts';

const select = {
  name: 'identity.token.lookup',
  text: `select t.client, t.tenant, t.scopes, t.expires_at, t.account, t.session, t.patient, t.confirmation, t.level,
      t.methods, t.authenticated_at, c.view, c.patient as bound, c.permissions, a.roles, a.fhir_user,
      a.kind,
      case when a.kind in ('patient', 'proxy') then
        array(select p.patient::text from identity.account_patient p where p.account = a.id order by 1) end as within
    from ${tokenTables}
    where t.hash = $1 and t.expires_at > $2 and ${aliveToken}`,
};

type Row = {
  client: string;
  tenant: number;
  scopes: string[];
  expires_at: Date;
  account: string | null;
  session: string | null;
  patient: string | null;
  confirmation: Confirmation | null;
  level: 1 | 2 | null;
  methods: string[] | null;
  authenticated_at: Date | null;
  view: View;
  /** The one patient that the client itself is limited to. */
  bound: string | null;
  permissions: string[];
  roles: string[] | null;
  fhir_user: string | null;
  kind: AccountKind | null;
  within: string[] | null;
};

const clientOf = ({ client, tenant, scopes, view, bound, permissions }: Row): Principal => ({
  tenant,
  kind: 'client',
  id: client,
  scopes: Object.freeze(scopes),
  view,
  ...(bound === null ? {} : { patient: bound }),
  permissions: Object.freeze(permissions),
});

/** A client that is limited to one patient limits the people who use it as well. */
function withinOf({ bound, within }: Row): { within?: readonly string[] } {
  if (bound === null) return within === null ? {} : { within: Object.freeze(within) };
  return { within: Object.freeze(within === null || within.includes(bound) ? [bound] : []) };
}

const assuranceOf = ({ level, methods, authenticated_at }: Row): Assurance =>
  Object.freeze({
    level: level ?? 1,
    at: authenticated_at?.getTime() ?? 0,
    methods: Object.freeze(methods ?? []),
  });

/** What a client was given beside its scopes it has for itself, not for the people who use it. */
const userOf = (row: Row, account: string): Principal => ({
  tenant: row.tenant,
  kind: 'user',
  id: account,
  client: row.client,
  ...(row.session === null ? {} : { session: row.session }),
  scopes: Object.freeze(row.scopes),
  view: row.view,
  ...(row.patient === null ? {} : { patient: row.patient }),
  ...withinOf(row),
  permissions: Object.freeze([]),
  roles: Object.freeze(row.roles ?? []),
  ...(row.kind === null ? {} : { account: row.kind }),
  ...(row.fhir_user === null ? {} : { fhir_user: row.fhir_user }),
  assurance: assuranceOf(row),
});

/** Frozen: `access` may remember what it compiled from the scopes. */
const principalOf = (row: Row): Principal =>
  Object.freeze(row.account === null ? clientOf(row) : userOf(row, row.account));

/** Asks the database for a token by its hash. Fault `unavailable` of the store when it does not answer. */
export async function lookup(segment: Segment, clock: Clock, hash: Buffer): Promise<KnownToken | undefined> {
  const checked_at_ms = performance.now();
  const [row] = await segment.query<Row>(platform, select, [hash, new Date(clock.now())]);
  if (row === undefined) return undefined;
  const expires_at = row.expires_at.getTime();
  const { confirmation } = row;
  const principal = principalOf(row);
  return { principal, expires_at, checked_at_ms, used: true, ...(confirmation === null ? {} : { confirmation }) };
}
