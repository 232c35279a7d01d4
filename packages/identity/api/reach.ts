import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Account } from '../accounts/types.ts';
import type { ScopeRules } from '../types.ts';

/**
 * How far a program reaches that may manage accounts or clients. It must not make, or get hold of, more than it has
 * itself: whoever makes a link or a secret can use it. A person who administers is bound by the guard alone.
 */
export interface Reach {
  /** Fault `forbidden` when a program would give scopes beyond its own. */
  gives(principal: Principal, scopes: readonly string[]): void;
  /** Fault `forbidden` when a program would change, or make a link for, an account that is more than it is. */
  touches(principal: Principal, account: Account): void;
  /** Fault `forbidden` unless a person asks: roles are given and taken, and who has one is ended, by people. */
  person(principal: Principal): void;
}

const tooFar = () => fault('forbidden', 'Access denied: a program gives no more than it has itself.');
const peopleOnly = () => fault('forbidden', 'Access denied: roles, and those who have one, are managed by people.');

/** What a program needs to have to give a scope of a person: the same of its own kind. */
const asSystem = (scope: string): string => scope.replace(/^(user|patient)\//, 'system/');

export function createReach({ narrows }: Pick<ScopeRules, 'narrows'>): Reach {
  const has = ({ scopes }: Principal, scope: string): boolean =>
    scopes.includes(scope) || narrows(asSystem(scope), scopes);
  const gives = (principal: Principal, scopes: readonly string[]): void => {
    if (principal.kind === 'client' && !scopes.every((scope) => has(principal, scope))) throw tooFar();
  };
  const person = ({ kind }: Principal): void => {
    if (kind === 'client') throw peopleOnly();
  };
  return {
    gives,
    person,
    touches(principal, { roles, scopes }) {
      if (roles.length > 0) person(principal);
      gives(principal, scopes);
    },
  };
}
