import { fault, type Issue } from '@safeguard/kernel';
import type { Policy, RoleDefinition } from '../policy/types.ts';

/** What a role is in this policy; a name that the caller made up is none, whatever objects inherit. */
export const roleIn = ({ roles }: Policy, name: string): RoleDefinition | undefined =>
  Object.hasOwn(roles, name) ? roles[name] : undefined;

/** Whether two roles must not meet in one person: either may say so. */
export const areApart = (policy: Policy, one: string, other: string): boolean =>
  roleIn(policy, one)?.apart.includes(other) === true || roleIn(policy, other)?.apart.includes(one) === true;

export const issue = (at: string, expected: string): Issue => ({
  severity: 'error',
  code: 'invalid',
  text: `${at}: expected ${expected}`,
  at,
});

/** Fault `invalid` with these issues, of which there is one at least. */
export const invalid = (issues: readonly Issue[]) => fault('invalid', issues[0]?.text ?? 'invalid', { issues });

/** The role that is held in an emergency alone: it is opened, never asked for. */
export const emergencyRole = 'break-glass';
