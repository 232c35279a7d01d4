import type { Check } from '@safeguard/kernel';
import { type PolicyCheckDeps, policyChecks } from './policies.ts';
import { type RecordCheckDeps, recordChecks } from './records.ts';
import { type WorkCheckDeps, workChecks } from './work.ts';

export type OwnCheckDeps = PolicyCheckDeps & WorkCheckDeps & RecordCheckDeps;

/** The programme, checked by itself. */
export const programmeChecks = (deps: OwnCheckDeps): readonly Check[] => [
  ...policyChecks(deps),
  ...workChecks(deps),
  ...recordChecks(deps),
];
