import { type Approvers, besides, holdersOf } from '../requests/approvers.ts';
import { policyApprovers } from './approvals.ts';
import type { PolicyDeps } from './deps.ts';

/** Active accounts that may decide about policies at this moment. */
export const approversOf = (deps: PolicyDeps, tenant: number): Promise<Approvers> =>
  holdersOf(deps, tenant, policyApprovers);

/** Ids of those who may decide about what these people wrote. */
export const othersOf = (approvers: Approvers, authors: readonly string[]): readonly string[] => [
  ...besides(approvers, authors),
];
