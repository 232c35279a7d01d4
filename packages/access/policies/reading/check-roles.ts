import type { Policy } from '../../policy/types.ts';
import type { Report } from './issues.ts';

/** Roles that people and programs hold by what they are; `service`: clients. */
const byRelationship: ReadonlySet<string> = new Set(['patient', 'proxy', 'service']);
/** Named by code of ours: approvals, emergencies, elevation and the log depend on them. */
const needed = [
  ...['administrator', 'auditor', 'break-glass', 'operator', 'patient', 'privacy-officer', 'proxy'],
  ...['security-officer', 'service'],
];

const has = (names: object, name: string): boolean => Object.hasOwn(names, name);

/** Whether each role is held by approval, or by relationship alone; and approved by roles that there are. */
function checkApprovals({ roles }: Policy, report: Report): void {
  for (const [name, role] of Object.entries(roles)) {
    const path = ['roles', name];
    if (role.approvals === 0 && !byRelationship.has(name)) report('unapproved', [...path, 'approvals']);
    if (role.approvals > 0 && role.approvers.length === 0) report('approverless', [...path, 'approvers']);
    if (role.apart.includes(name)) report('apart-self', [...path, 'apart', role.apart.indexOf(name)]);
    for (const field of ['approvers', 'apart'] as const) {
      role[field].forEach((other, index) => {
        if (!has(roles, other)) report('role', [...path, field, index]);
      });
    }
  }
}

/** What a tenant cannot give up by a policy of its own. */
function checkFloors({ roles }: Policy, report: Report): void {
  for (const name of needed) if (!has(roles, name)) report('needed', ['roles']);
  const { administrator, 'break-glass': emergency } = roles;
  if (administrator && administrator.approvals < 2) report('administrators', ['roles', 'administrator', 'approvals']);
  if (emergency && emergency.patients !== true) report('emergency', ['roles', 'break-glass', 'patients']);
}

/**
 * Somebody must be first: the administrator, whom the operator makes. A role can come to be when one of its approvers
 * other than itself can.
 */
function checkCycles({ roles }: Policy, report: Report): void {
  const possible = new Set(['administrator']);
  const rest = new Set(Object.keys(roles).filter((name) => !byRelationship.has(name) && name !== 'administrator'));
  for (let grown = true; grown; ) {
    grown = false;
    for (const name of rest) {
      if (!roles[name]?.approvers.some((other) => other !== name && possible.has(other))) continue;
      possible.add(name);
      rest.delete(name);
      grown = true;
    }
  }
  for (const name of rest) if ((roles[name]?.approvers.length ?? 0) > 0) report('cyclic', ['roles', name, 'approvers']);
}

function checkMatrix({ roles, categories, matrix }: Policy, report: Report): void {
  for (const name of Object.keys(roles)) if (!has(matrix, name)) report('no-row', ['roles', name]);
  for (const [role, row] of Object.entries(matrix)) {
    if (!has(roles, role)) report('role', ['matrix', role]);
    for (const category of Object.keys(row)) {
      if (!has(categories, category)) report('category', ['matrix', role, category]);
    }
  }
  const operators = Object.values(matrix['operator'] ?? {}).some((letters) => letters !== '');
  if (operators) report('operators', ['matrix', 'operator']);
}

/** Roles, who approves them, and what they reach at most. */
export function checkRoles(policy: Policy, report: Report): void {
  checkFloors(policy, report);
  checkApprovals(policy, report);
  checkCycles(policy, report);
  checkMatrix(policy, report);
}
