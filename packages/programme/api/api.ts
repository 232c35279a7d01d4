import type { Operation } from '@safeguard/http';
import { controlOperations } from './control-operations.ts';
import { decisionOperations } from './decision-operations.ts';
import { parameterOperations } from './parameter-operations.ts';
import { policyOperations } from './policy-operations.ts';
import type { ProgrammeApi } from './ports.ts';
import { taskOperations } from './task-operations.ts';

/** The operations of `/api/v1/programme` over controls, policies and work; reports have their own. */
export const programmeOperations = (api: ProgrammeApi): Operation[] => [
  ...controlOperations(api),
  ...parameterOperations(api),
  ...policyOperations(api),
  ...taskOperations(api),
  ...decisionOperations(api),
];
