import type { CompiledPolicy } from '../policy/compiled.ts';
import type { Rule, Where } from '../policy/types.ts';
import type { Holding } from './types.ts';

/** Whose rules ask for something. */
interface Whose {
  readonly roles: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
  readonly everyone: boolean;
}

/** What has to be asked elsewhere, because a rule of the policy depends on it. */
export interface Needs {
  readonly groups: boolean;
  readonly test: boolean;
  readonly careTeam: Whose;
  readonly organizations: Whose;
}

function whose(rules: readonly Rule[], compartment: Where['compartment']): Whose {
  const own = rules.filter(({ where }) => where?.compartment === compartment).map(({ who }) => who);
  return {
    roles: new Set(own.flatMap(({ roles = [] }) => roles)),
    groups: new Set(own.flatMap(({ groups = [] }) => groups)),
    users: new Set(own.flatMap(({ users = [] }) => users)),
    everyone: own.some(({ everyone }) => everyone === true),
  };
}

const known = new WeakMap<CompiledPolicy, Needs>();

export function needsOf(compiled: CompiledPolicy): Needs {
  const before = known.get(compiled);
  if (before !== undefined) return before;
  const { rules } = compiled.policy;
  const needs = {
    groups: rules.some(({ who }) => who.groups !== undefined && who.groups.length > 0),
    test: rules.some(({ where }) => where?.test === true),
    careTeam: whose(rules, 'care-team'),
    organizations: whose(rules, 'organization'),
  };
  known.set(compiled, needs);
  return needs;
}

/** Whether a rule that may be somebody's asks. */
export const asks = (
  { roles, groups, users, everyone }: Whose,
  person: { readonly id: string; readonly holdings: readonly Holding[]; readonly groups: readonly string[] },
): boolean =>
  everyone ||
  users.has(person.id) ||
  person.holdings.some(({ role }) => roles.has(role)) ||
  person.groups.some((group) => groups.has(group));
