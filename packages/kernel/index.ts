export type { Check, CheckContext, CheckResult, Probe, ProbeAnswer } from './check.ts';
export { type Looked, resultOf } from './check-result.ts';
export { type Clock, systemClock } from './clock.ts';
export { Fault, type FaultKind, fault, type Issue, isFault } from './fault.ts';
export { isUuid, newId, uuidBytes, uuidText } from './ids.ts';
export { fold, type Json, type JsonObject, quote } from './text.ts';
