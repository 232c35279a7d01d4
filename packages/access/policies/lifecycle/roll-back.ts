import type { Principal } from '@safeguard/http';
import { fault, newId } from '@safeguard/kernel';
import type { Connection } from '@safeguard/store';
import { besides, mayStill } from '../../requests/approvers.ts';
import { checkWorkforce } from '../../requests/person.ts';
import { policyApprovers } from '../approvals.ts';
import type { PolicyDeps } from '../deps.ts';
import { sealDocument } from '../document.ts';
import { documentOf } from '../find.ts';
import { approversOf } from '../officers.ts';
import { readPolicy } from '../reading/read.ts';
import { activateLocked } from './activate.ts';
import { notAnApprover } from './decide.ts';
import { insertDraft } from './draft.ts';
import { neededNow, submitRow } from './submit.ts';

/** All that began by now, the last first: what is in force, what was before it. */
const begun = {
  name: 'access.policy.begun',
  text: `select version, activates_at from access.policy
    where tenant = $1 and state = 'activated' and activates_at <= $2
    order by activates_at desc, activation desc limit 2`,
};
const wasInForce = {
  name: 'access.policy.was-in-force',
  text: `select version from access.policy
    where tenant = $1 and version = $2 and state = 'activated' and activates_at <= $3`,
};

/** How long after an activation it may be undone by one person. */
const undo_ms_most = 86_400_000;

interface Begun extends Record<string, unknown> {
  readonly version: number;
  readonly activates_at: Date;
}

/** Whether the version was in force just before what is, and that is not long ago. Fault `conflict`: it never was. */
async function isUndo(connection: Connection, tenant: number, version: number, now: number): Promise<boolean> {
  const [current, before] = await connection.query<Begun>(begun, [tenant, new Date(now)]);
  if (current === undefined)
    throw fault('conflict', 'The policy of the house is in force: there is nothing before it.');
  if (current.version === version) throw fault('conflict', 'That version is in force.');
  if (version > 0 && (await connection.query(wasInForce, [tenant, version, new Date(now)])).length === 0) {
    throw fault('conflict', 'That version was never in force.');
  }
  return (before?.version ?? 0) === version && now - current.activates_at.getTime() <= undo_ms_most;
}

/** The text of a version that was in force, as a new one; see `Policies.rollBack`. Answers its number. */
export async function rollBack(deps: PolicyDeps, by: Principal, version: number): Promise<number> {
  checkWorkforce(by);
  const { tenant, id } = by;
  const { segment, clock, vocabulary } = deps;
  const { policy } = await documentOf(deps, tenant, version);
  readPolicy(policy, vocabulary);
  const approvers = await approversOf(deps, tenant);
  const { needed, others } = await neededNow(deps, tenant, { policy, tests: [] }, [id]);
  const row = newId();
  const text = await sealDocument(await deps.vault(tenant), row, 1, { policy, tests: [] });
  const now = clock.now();
  const made = await segment.transaction(tenant, async (connection) => {
    const asking = { account: id, roles: policyApprovers, at: now };
    if (!(await mayStill(connection, tenant, asking, approvers))) throw notAnApprover();
    const undoes = await isUndo(connection, tenant, version, now);
    const origin = { author: id, based_on: version, rolls_back: true, undoes };
    const next = await insertDraft(connection, { id: row, tenant, ...origin, at: now, text });
    // Drafting took the lock of the tenant's versions: what began in the meantime is seen now.
    if ((await isUndo(connection, tenant, version, now)) !== undoes) throw fault('conflict', 'Another version began.');
    if (undoes) {
      await activateLocked(
        deps,
        connection,
        { tenant, version: next },
        { by: id, now, to: [...besides(approvers, [])] },
      );
      return next;
    }
    await connection.query(submitRow, [tenant, next, id, new Date(now), needed]);
    const told = { tenant, kind: 'policy-submitted', to: others, about: String(next), at: now } as const;
    await deps.notices.tell(connection, told);
    return next;
  });
  deps.changed?.(tenant);
  return made;
}
