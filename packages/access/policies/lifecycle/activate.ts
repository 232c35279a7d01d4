import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { nextChange } from '../../grants/change.ts';
import { besides, mayStill } from '../../requests/approvers.ts';
import { checkWorkforce } from '../../requests/person.ts';
import { policyApprovers } from '../approvals.ts';
import type { PolicyDeps } from '../deps.ts';
import { createFind } from '../find.ts';
import { approversOf } from '../officers.ts';
import { lockPolicy, mustBe, noPolicy, type PolicyRow } from '../rows.ts';
import { notAnApprover } from './decide.ts';
import { neededNow } from './submit.ts';

/**
 * At once is never before another that began at once, whatever this machine's clock says: of two, the one that was
 * activated later counts.
 */
const activateRow = {
  name: 'access.policy.activate',
  text: `update access.policy set state = 'activated', activated_at = $3, activated_by = $4, activation = $5,
      activates_at = coalesce($6, greatest($3, (select max(p.activates_at) from access.policy p
        where p.tenant = $1 and p.state = 'activated' and p.activates_at <= p.activated_at)))
    where tenant = $1 and version = $2`,
};
const approvals = {
  name: 'access.policy_decision.approved',
  text: `select count(*) as n from access.policy_decision where tenant = $1 and policy = $2 and verdict = 'approve'`,
};

const ahead_ms_most = 366 * 86_400_000;

function checkMoment(at: number | undefined, now: number): void {
  if (at === undefined) return;
  if (!Number.isSafeInteger(at) || at < now) throw fault('invalid', 'The moment of activation is in the past.');
  if (at - now > ahead_ms_most) throw fault('invalid', 'The moment of activation is more than a year ahead.');
}

interface Step {
  readonly by: string;
  readonly now: number;
  /** Absent: at once. */
  readonly at?: number;
  /** Who is told. */
  readonly to: readonly string[];
}

/** Puts a locked version in force. The change is numbered last: whoever else changes rights waits for it. */
export async function activateLocked(
  deps: PolicyDeps,
  connection: Connection,
  { tenant, version }: Pick<PolicyRow, 'tenant' | 'version'>,
  { by, now, at, to }: Step,
): Promise<void> {
  await deps.notices.tell(connection, { tenant, kind: 'policy-activated', to, about: String(version), at: now });
  const n = await nextChange(connection, tenant);
  const moment = at === undefined ? null : new Date(at);
  await connection.query(activateRow, [tenant, version, new Date(now), by, n, moment]);
}

const moreNeeded = () =>
  fault('conflict', 'What is in force has changed: this version now needs another approval. Draft and submit it anew.');

/** What it needs against what is in force now: since it was submitted, another version may have begun. */
async function neededStill(deps: PolicyDeps, tenant: number, version: number): Promise<number> {
  const found = await createFind(deps).byVersion(tenant, version);
  if (found === undefined || found.version === 0) throw noPolicy();
  const own = [...found.authors, ...(found.submitted_by === undefined ? [] : [found.submitted_by])];
  return (await neededNow(deps, tenant, found, own)).needed;
}

/** Fault `conflict` (not approved; what is in force has changed so that it needs more), `invalid` (the moment). */
export async function activate(deps: PolicyDeps, by: Principal, version: number, at?: number): Promise<void> {
  checkWorkforce(by);
  const { tenant, id } = by;
  const now = deps.clock.now();
  checkMoment(at, now);
  const approvers = await approversOf(deps, tenant);
  const needed = await neededStill(deps, tenant, version);
  await deps.segment.transaction(tenant, async (connection) => {
    if (!(await mayStill(connection, tenant, { account: id, roles: policyApprovers, at: now }, approvers))) {
      throw notAnApprover();
    }
    const row = await lockPolicy(connection, tenant, version);
    mustBe(row, 'approved');
    const [counted] = await connection.query<{ n: number }>(approvals, [tenant, row.id]);
    if ((counted?.n ?? 0) < Math.max(needed, row.needed ?? 2)) throw moreNeeded();
    const to = [...new Set([...besides(approvers, []), ...row.authors])];
    await activateLocked(deps, connection, row, { by: id, now, to, ...(at === undefined ? {} : { at }) });
  });
  deps.changed?.(tenant);
}
