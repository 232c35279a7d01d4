import type { Operation } from '@safeguard/http';
import { consentOperations } from './consent-operations.ts';
import { decisionOperations } from './decision-operations.ts';
import { emergencyOperations } from './emergency-operations.ts';
import { explainOperations } from './explain-operations.ts';
import { grantOperations } from './grant-operations.ts';
import { holdOperations } from './hold-operations.ts';
import { noticeOperations } from './notice-operations.ts';
import { viewerOperations } from './patient-operations.ts';
import { policyOperations } from './policy-operations.ts';
import { policySteps } from './policy-steps.ts';
import type { AccessApiDeps } from './ports.ts';
import { requestOperations } from './request-operations.ts';
import { reviewOperations } from './review-operations.ts';
import { reviewSteps } from './review-steps.ts';

/** `/api/v1/access`: who asks for access, decides it, ends it, and says why somebody has it. */
export const accessOperations = (deps: AccessApiDeps): Operation[] => [
  ...requestOperations(deps),
  ...decisionOperations(deps),
  ...emergencyOperations(deps),
  ...holdOperations(deps),
  ...grantOperations(deps),
  ...policyOperations(deps),
  ...policySteps(deps),
  ...reviewOperations(deps),
  ...reviewSteps(deps),
  ...noticeOperations(deps),
  ...(deps.explain === undefined ? [] : explainOperations(deps, deps.explain)),
  ...(deps.viewers === undefined ? [] : viewerOperations(deps, deps.viewers)),
  ...(deps.consentNotes === undefined ? [] : consentOperations(deps.consentNotes)),
];
