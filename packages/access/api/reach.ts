import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { AccessRequest } from '../grants/types.ts';
import { openStanding } from '../policy/sealed-standing.ts';
import { officers } from '../product.ts';
import { roleHeld } from '../roles-held.ts';

/** Officers look at everybody's; so does a program that was let in to look. The rest at what is theirs. */
export const seesAll = (principal: Principal): boolean =>
  principal.kind === 'client' || roleHeld(principal, officers) !== undefined;

/** Fault `forbidden`. */
export function checkSeesAll(principal: Principal): void {
  if (!seesAll(principal)) throw fault('forbidden', 'Access denied: officers only.');
}

/** Whether somebody holds a role that approves this one, whoever asked for it. */
export function approves(principal: Principal, role: string): boolean {
  const roles = openStanding(principal)?.policy.policy.roles ?? {};
  const approvers = Object.hasOwn(roles, role) ? roles[role]?.approvers : undefined;
  return approvers !== undefined && roleHeld(principal, approvers) !== undefined;
}

/** Who may look at a request: who asked, for whom it is, who decided or may decide it, officers. */
export function seesRequest(principal: Principal, request: AccessRequest): boolean {
  const { id } = principal;
  const isParty = [request.asked_by, request.account, ...request.decisions.map(({ by }) => by)].includes(id);
  return isParty || seesAll(principal) || approves(principal, request.role);
}

/** What is not there, and what is not the caller's to look at, are told alike. */
export const noSuch = () => fault('missing', 'There is nothing of this kind under this id.');
