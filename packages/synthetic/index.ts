export { type Canary, type CanaryCategory, canaryBundle, canaryCategories, plantCanaries } from './canaries.ts';
export { type LinkedResource, linkedNine } from './linked-nine.ts';
export { type PatientsOptions, syntheticObservation, syntheticPatient, syntheticPatients } from './patients.ts';
export { facilityBundle } from './resources/facilities.ts';
export { createRng, type Rng } from './rng.ts';
export type { BundleEntry, Resource, TransactionBundle } from './types.ts';
