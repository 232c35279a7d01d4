import { decisionKinds } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';
import type { StateName } from '../posture/types.ts';
import { maybe, moment, oneOf, prose, type RecordOf, record, word, words } from './props.ts';

export const stateNames: readonly StateName[] = [
  'met',
  'unmet',
  'unknown',
  'documented',
  'undocumented',
  'not-applicable',
];

/** A decision and a waiver as facts of the control that they are about. */
export const decisionFacts = record({
  id: word('decision'),
  kind: oneOf('decision-kind', decisionKinds),
  why: prose('decision-why'),
  factors: prose('decision-factors'),
  by: word('decision-by'),
  approved_by: words('decision-approved-by'),
  at: moment('decision-at'),
});
export const waiverFacts = record({
  id: word('waiver'),
  owner: word('waiver-owner'),
  why: prose('waiver-why'),
  approved_by: words('waiver-approved-by'),
  from: moment('waiver-from'),
  until: moment('waiver-until'),
  ended_at: maybe(moment('waiver-ended')),
});

/** How a control stands: the state that was computed, and why. */
export const stateFacts = record({ state: oneOf('state', stateNames), because: prose('because') });

export const decisionOf = (control: string, found: RecordOf<object> | undefined): { decision?: Decision } =>
  found === undefined ? {} : { decision: { ...(found as Decision), control } };
export const waiverOf = (control: string, found: RecordOf<object> | undefined): { waiver?: Waiver } =>
  found === undefined ? {} : { waiver: { ...(found as Waiver), control } };

/**
 * OSCAL's implementation status. Only evidence makes anything `implemented` (or `alternative`): what rests on
 * documents, is unknown or unmet is `partial`; what has not even its policy is `planned`.
 */
export function implementationStatus(state: StateName, decision?: Pick<Decision, 'kind'>): string {
  if (state === 'not-applicable') return 'not-applicable';
  if (state === 'undocumented') return 'planned';
  if (state !== 'met') return 'partial';
  return decision?.kind === 'alternative' ? 'alternative' : 'implemented';
}

/** OSCAL knows two states of a finding. What no evidence bears out is never satisfied, documents included. */
export function findingStatus(state: StateName): { readonly state: string; readonly reason: string } {
  if (state === 'met') return { state: 'satisfied', reason: 'pass' };
  if (state === 'not-applicable') return { state: 'satisfied', reason: 'other' };
  return { state: 'not-satisfied', reason: state === 'unmet' ? 'fail' : 'other' };
}
