import type { JudgeParameter } from '@safeguard/access';
import { type Criterion, matches, parametersOf } from '@safeguard/fhir';
import { isFault, type JsonObject } from '@safeguard/kernel';
import { readRule, ruleKinds } from './rule-query.ts';

/** `ap` depends on today: what a scope shows must not. */
const dependsOnNow = (kind: string, value: string): boolean => kind === 'date' && /(?:^|,)ap/.test(value);

/** Which parameters a scope may be restricted by: for `access`, which knows none. `*`: those that every type has. */
export const scopeParameters: JudgeParameter = (type, name, value) => {
  const kind = parametersOf(type === '*' ? 'Resource' : type).get(name)?.type;
  if (kind === undefined && name !== '_id') return 'unknown';
  if (kind !== undefined && (!ruleKinds.has(kind) || dependsOnNow(kind, value))) return 'refused';
  try {
    readRule(type, new URLSearchParams([[name, value]]));
    return 'served';
  } catch (error) {
    if (isFault(error) && error.kind === 'invalid') return 'refused';
    throw error;
  }
};

/** Whether an opened resource fulfils a criterion that it can answer by itself; for any other one, `otherwise`. */
export function fulfils(resource: JsonObject, criterion: Criterion, otherwise: () => boolean): boolean {
  switch (criterion.kind) {
    case 'condition':
      return matches(resource, criterion);
    case 'and':
      return criterion.all.every((one) => fulfils(resource, one, otherwise));
    case 'or':
      return criterion.all.some((one) => fulfils(resource, one, otherwise));
    case 'not':
      return !fulfils(resource, criterion.one, otherwise);
    case 'id':
      return criterion.ids.includes(String(resource.id));
    default:
      return otherwise();
  }
}
