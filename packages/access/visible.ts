import type { Principal } from '@safeguard/http';
import type { Decide } from './decide.ts';

/**
 * Which resources of a type a caller may see: every one, none, or those in the compartments of these patients (ids) and
 * those of shared types that belong to no patient. It is a predicate of the query, never a filter on its answer.
 */
export type Visibility = 'all' | 'none' | { readonly patients: readonly string[] };

/** `action`: the interaction that needs the sight, `search-type` where it is a step of a search. */
export type Visible = (principal: Principal, type: string, action?: string) => Visibility;

export const createVisible =
  (decide: Decide): Visible =>
  (principal, type, action = 'search-type') => {
    if (!decide(principal, action, { type }).permit) return 'none';
    return principal.patient === undefined ? 'all' : { patients: [principal.patient] };
  };
