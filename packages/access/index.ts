export { type Access, type AccessDeps, createAccess } from './access.ts';
export type { Decide } from './decide.ts';
export type { Decision, DecisionTarget, Reason } from './decisions.ts';
export type { Guard } from './guard.ts';
export {
  envelopeInteractions,
  type Letter,
  publicInteractions,
  systemInteractions,
  typeInteractions,
} from './interactions.ts';
export { type Permission, permissionInteractions, permissions } from './permissions.ts';
export { administratorActions, operatorActions, type ScopedAction, selfActions, workforceActions } from './product.ts';
export type { Condition, JudgeParameter, ParameterAnswer } from './restriction.ts';
export { type Level, productScopes, type Scope, type Vocabulary } from './scope.ts';
export { sharedTypes } from './shared-types.ts';
export type { Sight, Visibility, Visible } from './visible.ts';
