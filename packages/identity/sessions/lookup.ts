import type { Principal } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { AccountKind } from '../accounts/types.ts';
import { platform } from '../tenants.ts';
import type { KnownSession } from './known.ts';
import type { Assurance, Method, SignedIn } from './types.ts';

/** Idle and old ones are found too: whoever asks ends them, with the reason. */
const select = {
  name: 'identity.session.lookup',
  text: `select s.id, s.tenant, s.account, s.level, s.methods, s.browser, s.authenticated_at, s.created_at,
      s.last_used_at, a.kind, a.roles, a.fhir_user, array(select p.patient::text from identity.account_patient p
        where p.account = a.id and p.tenant = a.tenant order by p.patient) as patients
    from identity.session s join identity.account a on a.id = s.account and a.tenant = s.tenant
    where s.hash = $1 and s.ended_at is null and a.state = 'active'`,
};
const touch = {
  name: 'identity.session.touch',
  text: `update identity.session set last_used_at = greatest(last_used_at, $2) where id = $1 and ended_at is null`,
};
type Row = {
  id: string;
  tenant: number;
  account: string;
  level: Assurance;
  methods: Method[];
  browser: Buffer;
  authenticated_at: Date;
  created_at: Date;
  last_used_at: Date;
  kind: AccountKind;
  roles: string[];
  fhir_user: string | null;
  patients: string[];
};

/** Frozen: it is handed to every handler, and `access` may remember what it made of it. */
function principalOf(row: Row): Principal {
  const { id, tenant, account, level, methods, authenticated_at, kind, roles, patients, fhir_user } = row;
  return Object.freeze({
    tenant,
    kind: 'user',
    id: account,
    scopes: Object.freeze([]),
    view: 'full',
    session: id,
    assurance: Object.freeze({ level, at: authenticated_at.getTime(), methods: Object.freeze(methods) }),
    roles: Object.freeze(roles),
    account: kind,
    ...(fhir_user === null ? {} : { fhir_user }),
    ...(kind === 'workforce' ? {} : { within: Object.freeze(patients) }),
  });
}

const signedInOf = (row: Row): SignedIn =>
  Object.freeze({
    session: row.id,
    tenant: row.tenant,
    account: row.account,
    level: row.level,
    methods: row.methods,
    authenticated_at: row.authenticated_at.getTime(),
    roles: row.roles,
    principal: principalOf(row),
  });

/** Asks the database for an open session of an active account. Fault `unavailable` of the store when it cannot tell. */
export async function lookupSession(segment: Segment, hash: Buffer): Promise<KnownSession | undefined> {
  const checked_at_ms = performance.now();
  const [row] = await segment.query<Row>(platform, select, [hash]);
  if (row === undefined) return undefined;
  return {
    who: signedInOf(row),
    browser: row.browser,
    last_used_at: row.last_used_at.getTime(),
    created_at: row.created_at.getTime(),
    checked_at_ms,
  };
}

/** Writes down that it is in use. */
export async function touchSession(segment: Segment, clock: Clock, session: string): Promise<void> {
  await segment.query(platform, touch, [session, new Date(clock.now())]);
}
