import { fault } from '@safeguard/kernel';
import { openReasons } from '../requests/reasons.ts';
import { activationsOf, inForceAt } from './active.ts';
import type { PolicyDeps } from './deps.ts';
import { openDocument, type PolicyDocument } from './document.ts';
import { housePolicy } from './house.ts';
import { isVersion, type Moment, noPolicy, type PolicyRow, policyColumns, summaryOf } from './rows.ts';
import type { PolicyDecision, PolicyFilter, PolicySummary, PolicyVersion } from './types.ts';

const page_most = 100;
const list = {
  name: 'access.policy.list',
  text: `select ${policyColumns} from access.policy p where p.tenant = $1 and p.version < $2
    order by p.version desc limit $3`,
};
const one = {
  name: 'access.policy.read',
  text: `select ${policyColumns} from access.policy p where p.tenant = $1 and p.version = $2`,
};
const decisions = {
  name: 'access.policy_decision.list',
  text: `select id, decided_by, verdict, decided_at, key_id, sealed from access.policy_decision
    where tenant = $1 and policy = $2 order by decided_at, id`,
};

type DecisionRow = {
  id: string;
  decided_by: string;
  verdict: 'approve' | 'reject';
  decided_at: Date;
  key_id: number | null;
  sealed: Buffer | null;
};

export const decisionPurpose = 'policy decision';

/** The house's own policy as a version: nobody wrote it, and it is always there. */
const house = (tenant: number, active: number): PolicyVersion => ({
  ...{ tenant, version: 0, state: active === 0 ? 'active' : 'superseded', edition: 1, authors: [], based_on: 0 },
  ...{ rolls_back: false, drafted_at: 0, changed_at: 0, policy: housePolicy, tests: [], decisions: [] },
});

async function decisionsOf(deps: PolicyDeps, { tenant, id }: PolicyRow): Promise<PolicyDecision[]> {
  const rows = await deps.segment.query<DecisionRow>(tenant, decisions, [tenant, id]);
  const sealed = rows.flatMap(({ id: of, key_id, sealed: bytes }) =>
    key_id === null || bytes === null ? [] : { of, key_id, sealed: bytes, purpose: decisionPurpose },
  );
  const texts = await openReasons(await deps.vault(tenant), sealed);
  const reasons = new Map(sealed.map(({ of }, index) => [of, texts[index]]));
  return rows.map(({ id: of, decided_by: by, verdict, decided_at }) => {
    const reason = reasons.get(of);
    return { by, verdict, at: decided_at.getTime(), ...(reason === undefined ? {} : { reason }) };
  });
}

/** The version in force, and what time it is. */
export async function momentOf(deps: Pick<PolicyDeps, 'segment' | 'clock'>, tenant: number): Promise<Moment> {
  const at = deps.clock.now();
  return { at, active: inForceAt(await activationsOf(deps, tenant, at), at) };
}

/** The text of a version. Fault `missing`. */
export async function documentOf(deps: PolicyDeps, tenant: number, version: number): Promise<PolicyDocument> {
  if (version === 0) return { policy: housePolicy, tests: [] };
  const [row] = isVersion(version) ? await deps.segment.query<PolicyRow>(tenant, one, [tenant, version]) : [];
  if (row === undefined) throw noPolicy();
  return openDocument(await deps.vault(tenant), row);
}

export function createFind(deps: PolicyDeps) {
  const { segment, vault } = deps;
  const byVersion = async (tenant: number, version: number): Promise<PolicyVersion | undefined> => {
    const moment = await momentOf(deps, tenant);
    if (version === 0) return house(tenant, moment.active);
    const [row] = isVersion(version) ? await segment.query<PolicyRow>(tenant, one, [tenant, version]) : [];
    if (row === undefined) return undefined;
    const document = await openDocument(await vault(tenant), row);
    return { ...summaryOf(row, moment), ...document, decisions: await decisionsOf(deps, row) };
  };
  return {
    byVersion,
    /** A version that was just written. */
    async written(tenant: number, version: number): Promise<PolicyVersion> {
      const found = await byVersion(tenant, version);
      if (found === undefined) throw fault('internal', 'A policy that was just written is not there.');
      return found;
    },
    async list(tenant: number, wanted: PolicyFilter = {}): Promise<PolicySummary[]> {
      const { state, before = 2 ** 31 - 1, count = page_most } = wanted;
      const moment = await momentOf(deps, tenant);
      const found: PolicySummary[] = [];
      // A state may be of the clock: what does not fit is passed over, page by page.
      for (let below = before; found.length < count; ) {
        const rows = await segment.query<PolicyRow>(tenant, list, [tenant, below, page_most]);
        const fit = rows
          .map((row) => summaryOf(row, moment))
          .filter((row) => state === undefined || row.state === state);
        found.push(...fit);
        below = rows.at(-1)?.version ?? 0;
        if (rows.length < page_most) break;
      }
      return found.slice(0, Math.min(count, page_most));
    },
  };
}
