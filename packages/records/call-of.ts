import { outcomeOf, type RequestContext } from '@safeguard/http';
import { newId } from '@safeguard/kernel';
import type { Call } from './call.ts';
import { conditionsOf, fhirPath, isLenient } from './negotiate.ts';
import { withoutTimes } from './verbs/coarse-times.ts';

/** The call that a request makes; its entries, if it is a bundle, get calls of their own. */
export function callOf(context: RequestContext, action: string): Call {
  return {
    principal: context.principal,
    base: `${context.base}${fhirPath}`,
    conditions: withoutTimes(context, conditionsOf(context)),
    lenient: isLenient(context),
    event: (status, targets) => ({ ...context.event(status, targets), action }),
    entry: (entryAction, conditions) => entryCall(context, entryAction, conditions),
  };
}

function entryCall(context: RequestContext, action: string, conditions: Call['conditions']): Call {
  const id = newId();
  return {
    principal: context.principal,
    base: `${context.base}${fhirPath}`,
    conditions: withoutTimes(context, conditions),
    lenient: isLenient(context),
    event: (status, targets, reason) => ({
      ...context.event(status, targets),
      id,
      action,
      within: context.id,
      outcome: outcomeOf(status),
      ...(reason === undefined ? {} : { reason }),
    }),
    entry: (other, otherConditions) => entryCall(context, other, otherConditions),
  };
}
