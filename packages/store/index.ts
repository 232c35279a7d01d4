export type { PoolSizes, Store, StoreStatus } from './assemble.ts';
export type { BinaryChoice } from './binaries.ts';
export { attempt, refusal, type StoreCheckDeps, storeChecks } from './checks/index.ts';
export { type Embedded, type EmbeddedOptions, startEmbedded } from './embedded.ts';
export type { Endpoint, Log, Login } from './endpoint.ts';
export { isCommitUnknown } from './failure.ts';
export { type ExternalOptions, openStore, type StoreOptions } from './open.ts';
export type { PoolStatus } from './segment.ts';
export { startTemporary, type TestStore, testStore } from './test-store.ts';
export {
  type Connection,
  type MigrationSet,
  type Row,
  type Segment,
  type SegmentName,
  type Statement,
  segmentNames,
} from './types.ts';
