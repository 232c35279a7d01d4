import { resourceTypes } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import type { PolicyDeps } from '../../policies/deps.ts';
import { housePolicy } from '../../policies/house.ts';
import { createPolicies } from '../../policies/policies.ts';
import type { PolicyVocabulary } from '../../policies/vocabulary.ts';
import type { Policy, Rule } from '../../policy/types.ts';
import { startWorld } from '../grants/world.ts';

/** A few parameters, as `records` would answer for them. */
const known: Readonly<Record<string, readonly string[]>> = {
  Patient: ['active', 'gender', 'organization'],
  Observation: ['category', 'code', 'subject:Patient.active'],
};
export const vocabulary: PolicyVocabulary = {
  types: new Set(resourceTypes),
  isServedQuery(type, query) {
    const names = query.split('&').map((each) => each.split('=')[0] ?? '');
    const served = names.every((name) => ['_tag', '_security', ...(known[type] ?? [])].includes(name));
    return served ? true : 'a parameter that the type does not have';
  },
};

/** The policy of the house as JSON, for a test to bend. */
export const house = (): { -readonly [K in keyof Policy]: Policy[K] } => structuredClone(housePolicy);

export const rule = (more: Partial<Rule> = {}): Rule => ({
  id: 'a-rule',
  reason: 'For a test.',
  effect: 'permit',
  who: { roles: ['clinician'] },
  interactions: ['read', 'search'],
  types: ['Observation'],
  ...more,
});

export const withRules = (...rules: readonly Rule[]): Policy => ({
  ...house(),
  rules: [...housePolicy.rules, ...rules],
});

export async function startPolicies() {
  const world = await startWorld();
  const { deps: given, people, person, time } = world;
  const deps: PolicyDeps = { ...given, vocabulary };
  const policies = createPolicies(deps);
  const officer = (): Principal => person(people.add({ roles: ['administrator'] }), { roles: ['administrator'] });
  const [author, approver, another] = [officer(), officer(), officer()];
  return {
    ...world,
    policies,
    policyDeps: deps,
    ...{ author, approver, another, officer },
    /** Another process: its own memory. */
    replica: () => createPolicies(deps),
    /** Drafted, submitted, approved as often as it takes. */
    async approved(policy: Policy): Promise<number> {
      const { version } = await policies.draft(author, { policy });
      await policies.submit(author, version);
      const { state } = await policies.decide(approver, version, 'approve');
      if (state === 'submitted') await policies.decide(another, version, 'approve');
      return version;
    },
    async activated(policy: Policy): Promise<number> {
      const version = await this.approved(policy);
      await policies.activate(approver, version);
      time.now += 1;
      return version;
    },
  };
}
