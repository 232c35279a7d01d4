export { type Access, type AccessDeps, createAccess } from './access.ts';
export type { Cohort, CohortKind, CrowdPort, Questions, RowQuestions } from './answers/ports.ts';
export { createViewers, type ViewersDeps } from './answers/viewers/viewers.ts';
export type { Explained, ExplainPort, Question, Viewer, ViewerList, ViewersPort } from './api/answers.ts';
export { accessOperations } from './api/api.ts';
export type { AccessApiDeps } from './api/ports.ts';
export { createBreakGlass } from './break-glass/break-glass.ts';
export { accessChecks, holdersAmong } from './checks/checks.ts';
export type { AccessCheckDeps } from './checks/deps.ts';
export type { ConsentEffect } from './consent/types.ts';
export type { Decide } from './decide.ts';
export type { Decision, DecisionTarget, Reason } from './decisions.ts';
export { createGovernance, type Governance, type GovernanceDeps } from './governance.ts';
export { nextChange } from './grants/change.ts';
export type { AccessLog, ActivePolicy, GrantDeps } from './grants/deps.ts';
export { createGrants } from './grants/grants.ts';
export type {
  AccessRequest,
  BreakGlass,
  BreakGlassUse,
  Ending,
  EndReason,
  Grant,
  GrantFilter,
  Grants,
  NewRequest,
  RequestDecision,
  RequestFilter,
  RequestState,
  Requests,
} from './grants/types.ts';
export type { Guard } from './guard.ts';
export { createHolds } from './holds/holds.ts';
export type { Causer, EnteredAccount, Hold, HoldCause, HoldFilter, Holds, WayIn } from './holds/types.ts';
export {
  envelopeInteractions,
  type Letter,
  letters,
  publicInteractions,
  systemInteractions,
  typeInteractions,
} from './interactions.ts';
export { migrations } from './migrations.ts';
export type { MailPort } from './notices/send.ts';
export {
  type NewNotice,
  type Notice,
  type NoticeKind,
  type NoticePort,
  type Notices,
  noticeKinds,
} from './notices/types.ts';
export { pathOf as noticePath } from './notices/words.ts';
export { accessPages } from './pages/pages.ts';
export type { AccessPagesDeps } from './pages/ports.ts';
export { accessAround, may, recordAround } from './pages/ways.ts';
export type { ClientFacts, PeoplePort, PersonFacts } from './people-port.ts';
export { type Permission, permissionInteractions, permissions } from './permissions.ts';
export { housePolicy } from './policies/house.ts';
export { purposesOfUse } from './policies/purposes.ts';
export { readPolicy } from './policies/reading/read.ts';
export type { Sample, SampleRow } from './policies/simulator/types.ts';
export type { Policies, PolicyVersion } from './policies/types.ts';
export type { PolicyVocabulary } from './policies/vocabulary.ts';
export { compilePolicy } from './policy/compile.ts';
export type { CompiledPolicy } from './policy/compiled.ts';
export type { Explain, Explanation, FailedPart, RuleTrace, Through } from './policy/explain.ts';
export type { RowFacts } from './policy/row.ts';
export { entitled, makeStanding, openStanding } from './policy/sealed-standing.ts';
export type { Shielding } from './policy/shields.ts';
export { shows } from './policy/shows.ts';
export type { Policy } from './policy/types.ts';
export { type Unviewed, viewOf } from './policy/view.ts';
export {
  actionsOnHold,
  administratorActions,
  operatorActions,
  type RoleAction,
  roleActions,
  type ScopedAction,
  selfActions,
  workforceActions,
} from './product.ts';
export { createRequests } from './requests/requests.ts';
export type { Condition, JudgeParameter, ParameterAnswer } from './restriction.ts';
export type { Review, ReviewItem, Reviews } from './reviews/types.ts';
export { rolesHeld } from './roles-held.ts';
export { type Level, productScopes, type Scope, type Vocabulary } from './scope.ts';
export { sharedTypes } from './shared-types.ts';
export type { Exception, Shield, Sight, Visibility } from './sight.ts';
export { createAlike, type HeldList } from './standing/alike.ts';
export type { StandingDeps } from './standing/deps.ts';
export { createStanding, type Holders, type Standings } from './standing/standing.ts';
export type { ClinicalFacts, ConsentSnapshot, Holding } from './standing/types.ts';
export { typeWords } from './type-words.ts';
export type { Visible } from './visible.ts';
