import type { Operation } from '@safeguard/http';
import { officerOperations } from './officer-operations.ts';
import { ownOperations } from './own-operations.ts';
import { createRights, type RightsDeps } from './rights.ts';

export { migrations } from './migrations.ts';
export { rightsPages } from './pages/pages.ts';
export type { RightsPagesDeps } from './pages/ports.ts';
export { createRights, type RightsDeps, type TellRight } from './rights.ts';
export type { NewRightRequest, RightFilter, RightKind, RightRequest, Rights } from './types.ts';

/** The operations of `/api/v1` over patients' rights. */
export function rightsOperations(deps: RightsDeps): Operation[] {
  const parts = { rights: createRights(deps), clock: deps.clock };
  return [...ownOperations(parts), ...officerOperations(parts)];
}
