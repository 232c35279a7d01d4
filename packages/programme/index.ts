export { programmeOperations } from './api/api.ts';
export { inheritanceOperations, inheritanceView } from './api/inheritance-operations.ts';
export { oscalOperations } from './api/oscal-operations.ts';
export { house, type ProgrammeApi } from './api/ports.ts';
export { filenameOf, reportOperations, wantedOf } from './api/report-operations.ts';
export { makingView, reportView, requestView } from './api/report-schemas.ts';
export { programmeViews } from './api/views.ts';
export { type Code, codeDigest, readCode } from './checks/code.ts';
export { createEvidence, type EvidenceDeps, type Evidences } from './checks/evidence.ts';
export { checkIds } from './checks/ids.ts';
export { operationsChecks } from './checks/operations/operations.ts';
export type { CheckLog } from './checks/perform.ts';
export { createRunner } from './checks/runner.ts';
export type { RunnerDeps } from './checks/running.ts';
export { evidenceOf } from './checks/shape.ts';
export type { Evidence, EvidencePlace, EvidenceStore, PlacedEvidence, Runner } from './checks/types.ts';
export type { Unfound } from './checks/unfound.ts';
export { programmeDirectory, readContent } from './content/read.ts';
export { render, words } from './content/render.ts';
export * from './content/types.ts';
export { inheritanceHtml, inheritancePdf } from './inheritance/document.ts';
export { createInheritance, type InheritanceDeps } from './inheritance/inheritance.ts';
export type { Customer, Inheritance, InheritedControl, Inheriter } from './inheritance/types.ts';
export { migrations } from './migrations.ts';
export * from './oscal/oscal.ts';
export { createOscal } from './oscal/serve.ts';
export { programmePages } from './pages/pages.ts';
export type { ProgrammePagesDeps } from './pages/ports.ts';
export { type CurrentParameter, type CurrentParameters, settingsOf } from './parameters/current.ts';
export {
  createParameters,
  type ListedParameter,
  type Parameters,
  type ParametersDeps,
  type ParameterVersion,
} from './parameters/parameters.ts';
export { createPosture, type PostureDeps, postureAt } from './posture/posture.ts';
export type { CheckState, ControlState, Posture, PostureInput, StateName } from './posture/types.ts';
export { createProgramme, type Programme, type ProgrammeDeps } from './programme.ts';
export { compareStated } from './reports/bundle/compare.ts';
export { lastWhole as lastReport } from './reports/keep.ts';
export { stream as streamEvidence } from './reports/period/period.ts';
export { createReporting, type Reporting, type ReportingDeps } from './reports/reporting.ts';
export { createReports } from './reports/reports.ts';
export { ndaText } from './reports/requests/nda.ts';
export type { Asking, ReportRequest, ReportRequests } from './reports/requests/types.ts';
export {
  type Making,
  type Report,
  type Reports,
  type ReportsDeps,
  reportKinds,
  type Wanted,
} from './reports/types.ts';
export { trustPages } from './trust/pages.ts';
export type { TrustDeps } from './trust/types.ts';
export type { Actor, Task, Workflow } from './workflow/types.ts';
