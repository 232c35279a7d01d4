import type { Principal } from '@safeguard/http';
import { fault, newId } from '@safeguard/kernel';
import { mayStill } from '../../requests/approvers.ts';
import { checkWorkforce } from '../../requests/person.ts';
import { checkReason, sealReason } from '../../requests/reasons.ts';
import { policyApprovers } from '../approvals.ts';
import type { PolicyDeps } from '../deps.ts';
import { decisionPurpose } from '../find.ts';
import { approversOf } from '../officers.ts';
import { lockPolicy, mustBe, type PolicyRow } from '../rows.ts';

const insert = {
  name: 'access.policy_decision.insert',
  text: `insert into access.policy_decision (id, tenant, policy, decided_by, verdict, decided_at, key_id, sealed)
    values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (policy, decided_by) do nothing returning id`,
};
const approvals = {
  name: 'access.policy_decision.approvals',
  text: `select count(*) as n from access.policy_decision where tenant = $1 and policy = $2 and verdict = 'approve'`,
};
const settle = {
  name: 'access.policy.settle',
  text: 'update access.policy set state = $3 where tenant = $1 and version = $2',
};

export const notAnApprover = () => fault('forbidden', 'Access denied: not an approver.');

/** Nobody decides what they wrote or submitted. */
function checkOther({ authors, submitted_by }: PolicyRow, id: string): void {
  if (authors.includes(id) || submitted_by === id) {
    throw fault('forbidden', 'Access denied: a policy is decided by somebody who did not write or submit it.');
  }
}

/** Fault `forbidden`, `conflict` (not submitted; this person decided already). */
export async function decide(
  deps: PolicyDeps,
  by: Principal,
  version: number,
  verdict: 'approve' | 'reject',
  reason?: string,
): Promise<void> {
  checkWorkforce(by);
  const { tenant, id } = by;
  if (verdict === 'reject' || reason !== undefined) checkReason(reason);
  const approvers = await approversOf(deps, tenant);
  const decision = newId();
  const place = { of: decision, purpose: decisionPurpose };
  const sealed = reason === undefined ? undefined : await sealReason(await deps.vault(tenant), id, place, reason);
  const at = deps.clock.now();
  await deps.segment.transaction(tenant, async (connection) => {
    if (!(await mayStill(connection, tenant, { account: id, roles: policyApprovers, at }, approvers))) {
      throw notAnApprover();
    }
    const row = await lockPolicy(connection, tenant, version);
    checkOther(row, id);
    mustBe(row, 'submitted');
    const text = [sealed?.key_id ?? null, sealed?.sealed ?? null];
    const made = await connection.query(insert, [decision, tenant, row.id, id, verdict, new Date(at), ...text]);
    if (made.length === 0) throw fault('conflict', 'You have decided about this version already.');
    const [counted] = await connection.query<{ n: number }>(approvals, [tenant, row.id]);
    const settled = verdict === 'reject' ? 'rejected' : (counted?.n ?? 0) >= (row.needed ?? 2) ? 'approved' : undefined;
    if (settled === undefined) return;
    await connection.query(settle, [tenant, version, settled]);
    const to = [...new Set([...row.authors, row.submitted_by ?? ''])].filter((one) => one !== '');
    await deps.notices.tell(connection, { tenant, kind: 'policy-decided', to, about: String(version), at });
  });
}
