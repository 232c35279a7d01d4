import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import { neededOf } from '../../requests/approvers.ts';
import { checkWorkforce } from '../../requests/person.ts';
import { approvalsFor } from '../approvals.ts';
import type { PolicyDeps } from '../deps.ts';
import { openDocument, type PolicyDocument } from '../document.ts';
import { documentOf, momentOf } from '../find.ts';
import { approversOf, othersOf } from '../officers.ts';
import { readPolicy } from '../reading/read.ts';
import { isVersion, lockPolicy, mustBe, noPolicy, type PolicyRow, policyColumns } from '../rows.ts';
import { runTests } from '../tests/run.ts';

const read = {
  name: 'access.policy.read-to-submit',
  text: `select ${policyColumns} from access.policy p where p.tenant = $1 and p.version = $2`,
};
export const submitRow = {
  name: 'access.policy.submit',
  text: `update access.policy set state = 'submitted', submitted_by = $3, submitted_at = $4, needed = $5
    where tenant = $1 and version = $2`,
};

/** The rules may have changed since it was written, and what it says must be what its tests expect. */
function checkText({ vocabulary }: PolicyDeps, { policy, tests }: PolicyDocument): void {
  readPolicy(policy, vocabulary);
  const failed = runTests(policy, tests, vocabulary).filter(({ holds }) => !holds);
  if (failed.length === 0) return;
  const issues = failed.map(({ index }) => ({
    severity: 'error' as const,
    code: 'business-rule',
    text: 'the policy does not answer as this test expects',
    at: `/tests/${index}`,
  }));
  throw fault('invalid', 'The policy fails tests of its own.', { issues });
}

/** How many must approve it, against what is in force now; of those who may, and who did not write it. */
export async function neededNow(
  deps: PolicyDeps,
  tenant: number,
  after: PolicyDocument,
  own: readonly string[],
): Promise<{ readonly needed: number; readonly others: readonly string[] }> {
  const { active } = await momentOf(deps, tenant);
  const before = await documentOf(deps, tenant, active);
  const others = othersOf(await approversOf(deps, tenant), own);
  return { needed: neededOf({ approvals: approvalsFor(before.policy, after.policy) }, others.length), others };
}

/** From here on its text stays as it is. */
export async function submit(deps: PolicyDeps, by: Principal, version: number): Promise<void> {
  checkWorkforce(by);
  const { tenant, id } = by;
  const [row] = isVersion(version) ? await deps.segment.query<PolicyRow>(tenant, read, [tenant, version]) : [];
  if (row === undefined) throw noPolicy();
  mustBe(row, 'draft');
  const document = await openDocument(await deps.vault(tenant), row);
  checkText(deps, document);
  const { needed, others } = await neededNow(deps, tenant, document, [...row.authors, id]);
  const at = deps.clock.now();
  await deps.segment.transaction(tenant, async (connection) => {
    const locked = await lockPolicy(connection, tenant, version);
    mustBe(locked, 'draft');
    if (locked.edition !== row.edition) throw fault('stale', 'The draft was changed by somebody else in the meantime.');
    await connection.query(submitRow, [tenant, version, id, new Date(at), needed]);
    const told = { tenant, kind: 'policy-submitted', to: others, about: String(version), at } as const;
    await deps.notices.tell(connection, told);
  });
}
