import type { Guard, Principal } from '@safeguard/http';
import { fault, isFault } from '@safeguard/kernel';
import { missing } from './rows.ts';
import type { Actor, Application, Applications } from './types.ts';

/** Who may review may see all of a tenant's applications; anybody else sees their own. */
export function mayReview(guard: Guard, principal: Principal): boolean {
  try {
    guard(principal, 'application-decide', { type: 'Application' });
    return true;
  } catch (error) {
    if (isFault(error) && error.kind === 'forbidden') return false;
    throw error;
  }
}

export const actorOf = ({ kind, tenant, id }: Principal): Actor => {
  if (kind !== 'user' && kind !== 'client') throw fault('forbidden', 'Access denied: people and programs only.');
  return { kind, tenant, id };
};

/** A person: applications are asked for by somebody who can be asked back. */
export const personOf = (principal: Principal): Actor => {
  if (principal.kind !== 'user') throw fault('forbidden', 'Access denied: applications are asked for by people.');
  return actorOf(principal);
};

/** A person at our own pages, with no app between: an app could approve another, or itself. */
export const deciderOf = (principal: Principal): Actor => {
  if (principal.kind === 'user' && principal.client === undefined) return actorOf(principal);
  throw fault('forbidden', 'Access denied: applications are decided by people, at our own pages.');
};

export interface Reach {
  /** Own, or anybody's for a reviewer. Fault `missing` otherwise: what is not theirs is like none. */
  seen(principal: Principal, id: string): Promise<Application>;
  /** The requester's own. */
  own(principal: Principal, id: string): Promise<Application>;
}

export function createReach(guard: Guard, applications: Pick<Applications, 'byId'>): Reach {
  const own = async (principal: Principal, id: string, all: boolean): Promise<Application> => {
    const found = await applications.byId(principal.tenant, id);
    const theirs = found?.requester === principal.id && found.source === 'portal';
    if (found === undefined || !(theirs || all)) throw missing();
    return found;
  };
  return {
    seen: (principal, id) => own(principal, id, mayReview(guard, principal)),
    own: (principal, id) => own(principal, id, false),
  };
}
