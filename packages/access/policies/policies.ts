import type { Principal } from '@safeguard/http';
import { createActive } from './active.ts';
import type { PolicyDeps } from './deps.ts';
import { createFind } from './find.ts';
import { activate } from './lifecycle/activate.ts';
import { decide } from './lifecycle/decide.ts';
import { change, draft } from './lifecycle/draft.ts';
import { rollBack } from './lifecycle/roll-back.ts';
import { submit } from './lifecycle/submit.ts';
import { withdraw } from './lifecycle/withdraw.ts';
import { simulate } from './simulator/simulate.ts';
import type { Policies, PolicyVersion } from './types.ts';

/** Policies as documents: drafted, tried out, approved by another, put in force at a time, replaced. */
export function createPolicies(given: PolicyDeps): Policies {
  const { active, forget } = createActive(given);
  const deps: PolicyDeps = {
    ...given,
    changed(tenant) {
      forget(tenant);
      given.changed?.(tenant);
    },
  };
  const find = createFind(deps);
  type Step<T extends unknown[]> = (deps: PolicyDeps, by: Principal, version: number, ...rest: T) => Promise<void>;
  const stepping =
    <T extends unknown[]>(step: Step<T>) =>
    async (by: Principal, version: number, ...rest: T): Promise<PolicyVersion> => {
      await step(deps, by, version, ...rest);
      return find.written(by.tenant, version);
    };
  return {
    active,
    forget,
    list: find.list,
    byVersion: find.byVersion,
    draft: async (by, wanted) => find.written(by.tenant, await draft(deps, by, wanted)),
    change: stepping(change),
    simulate: (tenant, version) => simulate(deps, tenant, version),
    submit: stepping(submit),
    decide: stepping(decide),
    activate: stepping(activate),
    rollBack: async (by, version) => find.written(by.tenant, await rollBack(deps, by, version)),
    withdraw: stepping(withdraw),
  };
}
