import type { Operation } from '@safeguard/http';
import type { Clock } from '@safeguard/kernel';
import { officerOperations } from './officer-operations.ts';
import { ownOperations } from './own-operations.ts';
import type { Rights } from './types.ts';

export { type RightsCheckDeps, rightsChecks } from './checks/checks.ts';
export { migrations } from './migrations.ts';
export { rightsPages } from './pages/pages.ts';
export type { RightsPagesDeps } from './pages/ports.ts';
export { createRights, type RightsDeps, type TellRight } from './rights.ts';
export type { NewRightRequest, RightFilter, RightKind, RightRequest, Rights } from './types.ts';

/** The operations of `/api/v1` over patients' rights. */
export const rightsOperations = (deps: { readonly rights: Rights; readonly clock: Clock }): Operation[] => [
  ...ownOperations(deps),
  ...officerOperations(deps),
];
