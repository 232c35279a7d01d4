import type { PolicySummary } from '../policies/types.ts';

export const policyStates: Readonly<Record<PolicySummary['state'], string>> = {
  draft: 'Draft',
  submitted: 'Waits for a decision',
  approved: 'Approved, not in force',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
  scheduled: 'Approved, begins later',
  active: 'In force',
  superseded: 'Was in force',
};
