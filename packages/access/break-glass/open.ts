import type { Principal } from '@safeguard/http';
import { fault, isUuid, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import type { GrantDeps } from '../grants/deps.ts';
import { lockStaying } from '../grants/holder.ts';
import { makeGrant } from '../grants/make.ts';
import type { BreakGlass, Grant } from '../grants/types.ts';
import type { PersonFacts } from '../people-port.ts';
import type { Policy } from '../policy/types.ts';
import { checkMeeting } from '../requests/apart.ts';
import { besides, holdersOf, neededOf } from '../requests/approvers.ts';
import { checkNotMany } from '../requests/ask.ts';
import { day_ms } from '../requests/check.ts';
import { checkWorkforce, subjectOf } from '../requests/person.ts';
import { isReason, longest, type SealedReason, sealReason, shortest } from '../requests/reasons.ts';
import { emergencyRole, invalid, issue, roleIn } from '../requests/role.ts';
import { insertRequest, requestPurpose } from '../requests/rows.ts';
import { openedWithin } from './opened.ts';

const usual_minutes = 60;
const minute_ms = 60_000;
/** Uses that nobody looked at yet: the next one waits for somebody. */
const mostUnreviewed = 10;

const heldRoles = {
  name: 'access.grant.standing-roles',
  text: `select distinct g.role from access.grant g where g.tenant = $1 and g.account = $3 and g.ended_at is null
    and g.from_at <= $2 and g.until_at > $2 and g.kind <> 'break-glass'`,
};
const unreviewed = {
  name: 'access.break_glass.unreviewed',
  text: `select count(*)::int as n, count(*) filter (where review_by <= $3)::int as overdue
    from access.break_glass where tenant = $1 and account = $2 and reviewed_at is null`,
};
const isOpen = {
  name: 'access.grant.is-open',
  text: `select g.id from access.grant g where g.tenant = $1 and g.account = $2 and g.kind = 'break-glass'
    and g.patients = array[$3::uuid] and g.ended_at is null and g.until_at > $4`,
};

export type Emergency = Parameters<BreakGlass['open']>[1];

interface Opening {
  readonly tenant: number;
  readonly account: string;
  /** Id of the request. */
  readonly id: string;
  readonly patient: string;
  readonly at: number;
  readonly until: number;
  readonly reason: SealedReason;
  readonly policy: Policy;
  readonly person: PersonFacts;
  /** Who may approve, when it takes an approval. */
  readonly eligible: readonly string[];
  readonly needed: number;
  readonly administrators: readonly string[];
}

function checkEmergency(wanted: Emergency, most_minutes: number): number {
  const { patient, reason, minutes = most_minutes } = wanted;
  const sound = typeof patient === 'string' && isUuid(patient);
  const isTime = Number.isSafeInteger(minutes) && minutes >= 1 && minutes <= most_minutes;
  const issues = [
    ...(sound ? [] : [issue('patient', 'the id of one Patient')]),
    ...(isReason(reason) ? [] : [issue('reason', `${shortest} to ${longest} printable characters`)]),
    ...(isTime ? [] : [issue('minutes', `1 to ${most_minutes}`)]),
  ];
  if (issues.length > 0) throw invalid(issues);
  return minutes * minute_ms;
}

/** Fault `forbidden` for who holds no role that the policy lets into an emergency. */
async function checkMayOpen(deps: GrantDeps, tenant: number, account: string, policy: Policy, at: number) {
  const values = [tenant, new Date(at), account];
  const rows = await deps.segment.query<{ role: string }>(tenant, heldRoles, values);
  if (rows.some(({ role }) => roleIn(policy, role)?.emergency === true)) return;
  throw fault('forbidden', 'Access denied: no role that you hold opens a record in an emergency.');
}

async function prepare(deps: GrantDeps, by: Principal, wanted: Emergency): Promise<Opening> {
  const length_ms = checkEmergency(wanted, deps.limits?.break_glass_minutes ?? usual_minutes);
  const { tenant, id: account } = by;
  const at = deps.clock.now();
  const { policy } = await deps.policies.active(tenant);
  const definition = roleIn(policy, emergencyRole);
  if (definition === undefined) throw fault('forbidden', 'Access denied: the policy has no emergency access.');
  await checkMayOpen(deps, tenant, account, policy, at);
  const person = await subjectOf(deps, tenant, account);
  const { administrators } = await holdersOf(deps, tenant, ['administrator']);
  const eligible = [...besides(await holdersOf(deps, tenant, definition.approvers), [account])];
  const id = newId();
  const bound = { of: id, purpose: requestPurpose };
  return {
    ...{ tenant, account, id, at, policy, person, eligible, patient: wanted.patient, until: at + length_ms },
    reason: await sealReason(await deps.vault(tenant), account, bound, wanted.reason),
    needed: neededOf(definition, eligible.length),
    administrators: [...administrators],
  };
}

/** Whether somebody has to approve first: an earlier use was not looked at in time, or too many wait. */
async function mustWait(connection: Connection, { tenant, account, at }: Opening): Promise<boolean> {
  const [row] = await connection.query<{ n: number; overdue: number }>(unreviewed, [tenant, account, new Date(at)]);
  return row === undefined || row.overdue > 0 || row.n >= mostUnreviewed;
}

async function checkClosed(connection: Connection, { tenant, account, patient, at }: Opening): Promise<void> {
  const rows = await connection.query(isOpen, [tenant, account, patient, new Date(at)]);
  if (rows.length > 0) throw fault('conflict', 'You opened this record already.');
}

function rowOf({ tenant, id, account, patient, at, until, reason }: Opening) {
  return {
    ...{ id, tenant, account, kind: 'break-glass' as const, role: emergencyRole, asked_by: account, ...reason },
    ...{ patients: [patient], opens: null, asked_at: new Date(at), from_at: null, until_at: new Date(until) },
    lapses_at: new Date(at + day_ms),
  };
}

/** The request when it has to wait, else the grant. The holder is locked: two at once see each other. */
async function openLocked(deps: GrantDeps, connection: Connection, opening: Opening): Promise<Grant | undefined> {
  const { tenant, id, account, patient, at, until, eligible, needed, person, policy, administrators } = opening;
  await checkClosed(connection, opening);
  const what = { kind: 'break-glass', role: emergencyRole, patients: [patient], opens: null, from: at, until } as const;
  await checkMeeting(connection, tenant, person, policy, what);
  if (await mustWait(connection, opening)) {
    await checkNotMany(connection, tenant, account, new Date(at));
    await insertRequest(connection, { ...rowOf(opening), state: 'open', needed });
    await deps.notices.tell(connection, { tenant, kind: 'request-to-decide', to: eligible, about: id, at });
    return undefined;
  }
  await insertRequest(connection, { ...rowOf(opening), state: 'approved', needed: 0 });
  const grant = await makeGrant(connection, { ...what, tenant, request: id, account }, at);
  await openedWithin(deps, connection, grant, at, administrators);
  return grant;
}

/** The grant, or the id of the request that has to be approved first. */
export async function openEmergency(deps: GrantDeps, by: Principal, wanted: Emergency): Promise<Grant | string> {
  checkWorkforce(by);
  if (by.assurance?.level !== 2) throw fault('forbidden', 'Access denied: second factor required.');
  const opening = await prepare(deps, by, wanted);
  const { tenant, id, account } = opening;
  const grant = await deps.segment.transaction(tenant, async (connection) => {
    await lockStaying(connection, tenant, [account]);
    return openLocked(deps, connection, opening);
  });
  if (grant !== undefined) deps.changed?.(tenant);
  return grant ?? id;
}
