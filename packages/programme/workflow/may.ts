import { fault } from '@safeguard/kernel';
import { everyone, operatorId, serviceId, type WorkflowDeps } from './deps.ts';
import type { TaskRow } from './rows.ts';
import type { Actor, Definition } from './types.ts';

export const isOperator = ({ id }: Pick<Actor, 'id'>): boolean => id === operatorId;

/** The operator at the machine does what anybody may; Safeguard itself what names the role `service`. */
export function hasRole(actor: Actor, roles: readonly string[]): boolean {
  if (isOperator(actor)) return true;
  if (actor.id === serviceId) return roles.includes(serviceId);
  return roles.includes(everyone) || roles.some((role) => actor.roles.includes(role));
}

export function checkRole(actor: Actor, roles: readonly string[]): void {
  if (!hasRole(actor, roles)) throw fault('forbidden', 'Access denied: not a role that does this.');
}

/** Roles that approve this task: those that its subject names, of those that the kind allows. */
export function approversOf({ approve, approvers }: Definition, subject: Readonly<Record<string, unknown>>) {
  const named = new Set(approvers?.(subject) ?? []);
  const fit = approve.filter((role) => named.has(role));
  return fit.length > 0 ? fit : approve;
}

/** Ids of everybody who may approve at this moment, but these. */
export async function eligible(
  { holders }: Pick<WorkflowDeps, 'holders'>,
  tenant: number,
  roles: readonly string[],
  barred: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await Promise.all(roles.map((role) => holders(tenant, role)));
  return new Set(found.flat().filter((id) => !barred.includes(id)));
}

/** What the kind wants, of those who may; one at least, whoever may. */
export const neededOf = ({ quorum }: Pick<Definition, 'quorum'>, who: ReadonlySet<string>): number =>
  Math.max(1, Math.min(quorum, who.size));

/**
 * Who decides: somebody else, by what the roles say now and by what the session brought (one that is narrowed decides
 * nothing); without anybody else the operator. Fault `forbidden`.
 */
export function checkDecides(
  actor: Actor,
  { barred }: Pick<TaskRow, 'barred'>,
  roles: readonly string[],
  who: ReadonlySet<string>,
): void {
  if (barred.includes(actor.id)) {
    throw fault('forbidden', 'Nobody decides what they opened, worked on or submitted.');
  }
  if (isOperator(actor)) {
    if (who.size === 0) return;
    throw fault('forbidden', 'Somebody else may decide this: then the operator does not.');
  }
  if (who.has(actor.id) && roles.some((role) => actor.roles.includes(role))) return;
  throw fault('forbidden', 'Access denied: not an approver of this task.');
}

/** Who is given work: an active person of the workforce who holds a role of it. Fault `invalid`. */
export async function checkAssignee(
  { people, holders }: Pick<WorkflowDeps, 'people' | 'holders'>,
  tenant: number,
  { work }: Definition,
  to: string,
): Promise<void> {
  const person = await people.byId(tenant, to);
  const fits = person !== undefined && person.kind === 'workforce' && person.state === 'active';
  const held = fits && !work.includes(everyone) ? await Promise.all(work.map((role) => holders(tenant, role))) : [];
  if (fits && (work.includes(everyone) || held.flat().includes(to))) return;
  const text = 'assignee: expected an active account of the workforce with a role that works on this';
  throw fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at: 'assignee' }] });
}
