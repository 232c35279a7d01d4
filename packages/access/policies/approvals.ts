import type { Policy } from '../policy/types.ts';

/** Whoever holds one of these may approve and activate a version that is not their own. */
export const policyApprovers = ['security-officer', 'administrator'] as const;

/** Roles that govern the others, and the operator's: who changes them could give themselves anything. */
const governing = ['administrator', 'security-officer', 'privacy-officer', 'operator'] as const;

const rulesFor = ({ rules }: Policy, role: string) => rules.filter(({ who }) => who.roles?.includes(role));

/** Everything that a policy says of a role. */
const saidOf = (policy: Policy, role: string): string =>
  JSON.stringify([policy.roles[role], policy.matrix[role], rulesFor(policy, role)]);

/** Permits that reach people past roles, and so past grants and the matrix. */
const pastRoles = ({ rules }: Policy): string[] =>
  rules
    .filter(({ effect, who }) => effect === 'permit' && (who.users ?? who.groups ?? who.clients ?? who.everyone))
    .map((rule) => JSON.stringify(rule));

function takesApprovals(before: Policy, after: Policy): boolean {
  return Object.entries(before.roles).some(([name, { approvals }]) => (after.roles[name]?.approvals ?? 2) < approvals);
}

/**
 * 2 where it changes what a governing role is or reaches, takes an approval from any role, or permits people anything
 * past their roles; else 1.
 */
export function approvalsFor(before: Policy, after: Policy): 1 | 2 {
  const known = new Set(pastRoles(before));
  const grave =
    governing.some((role) => saidOf(before, role) !== saidOf(after, role)) ||
    takesApprovals(before, after) ||
    pastRoles(after).some((rule) => !known.has(rule));
  return grave ? 2 : 1;
}
