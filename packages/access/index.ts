export { type Access, type AccessDeps, createAccess } from './access.ts';
export type { Decide, Decision, DecisionTarget, Reason } from './decide.ts';
export type { Guard } from './guard.ts';
export {
  envelopeInteractions,
  type Letter,
  operatorActions,
  publicInteractions,
  systemInteractions,
  typeInteractions,
} from './interactions.ts';
export { type Permission, permissionInteractions, permissions } from './permissions.ts';
export type { Scope } from './scope.ts';
export { sharedTypes } from './shared-types.ts';
export type { Visibility, Visible } from './visible.ts';
