import type { ScopeRules } from '../../types.ts';
import { allOf, type Offer, spelled } from './asked.ts';
import type { Decision } from './consents.ts';

type Rules = Pick<ScopeRules, 'narrows' | 'intersect'>;

const isFhir = (scope: string): boolean => /^(user|patient)\//.test(scope);

/** True when all that is offered now was offered before: what they decided then holds. */
export const covers = (decision: Decision, offer: Offer, rules: Rules): boolean =>
  allOf(offer).every((scope) =>
    isFhir(scope) ? rules.narrows(scope, decision.asked.filter(isFhir)) : decision.asked.includes(scope),
  );

/** What of an offer a decision gives, in normal form: never more than both. */
export function givenBy(granted: readonly string[], offer: Offer, rules: Rules): string[] {
  const words = allOf(offer).filter((scope) => !isFhir(scope) && granted.includes(scope));
  return [...words, ...rules.intersect(granted.filter(isFhir), offer.fhir)];
}

/** Granted scopes as the app spells them. */
export const asSpelled = (granted: readonly string[], asked: readonly string[], rules: Rules): string[] => [
  ...granted.filter((scope) => !isFhir(scope)),
  ...spelled(granted.filter(isFhir), asked, rules),
];
