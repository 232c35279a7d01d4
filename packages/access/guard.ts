import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Decide } from './decide.ts';
import type { DecisionTarget } from './decisions.ts';
import { noteBecause } from './policy/sealed-standing.ts';

export type Guard = (principal: Principal, action: string, target?: DecisionTarget) => void;

/** The one door: returns when `decide` permits, throws Fault `forbidden` with the reason in fixed words otherwise. */
export const createGuard =
  (decide: Decide): Guard =>
  (principal, action, target) => {
    const decision = decide(principal, action, target);
    noteBecause(principal, decision);
    if (decision.permit !== true) throw fault('forbidden', `Access denied: ${decision.reason}.`);
  };
