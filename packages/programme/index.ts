export { programmeOperations } from './api/api.ts';
export { house, type ProgrammeApi } from './api/ports.ts';
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
export { migrations } from './migrations.ts';
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
export type { Actor, Task, Workflow } from './workflow/types.ts';
