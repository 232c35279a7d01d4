export { type BundleOptions, type BundleVerdict, leavesIn, readBundle, verifyBundle } from './bundle/bundle.ts';
export { type Leaf, verifyMany } from './bundle/many.ts';
export { bundleText } from './bundle/words.ts';
export type { Wrong } from './bundle/wrong.ts';
export {
  type Consistency,
  type SubtreeConsistency,
  verifyConsistency,
  verifySubtreeConsistency,
} from './consistency.ts';
export { type DatabaseVerdict, verifyDatabase } from './database.ts';
export { leafHash } from './hash.ts';
export {
  type Inclusion,
  type SubtreeInclusion,
  verifyEntry,
  verifyInclusion,
  verifySubtreeInclusion,
} from './inclusion.ts';
export { type Checkpoint, isRefusal, openCheckpoint, type Refusal } from './note.ts';
export { type OfflineProof, type OfflineVerdict, verifyOfflineProof } from './offline.ts';
export { type Onward, type OnwardOptions, type Reached, verifyOnward } from './onward.ts';
export type { CheckpointRow, EntryRow, LogSource, TileRow } from './source.ts';
export { type LogRow, type Query, sqlLogs, sqlSource } from './sql.ts';
export type { Bad, Progress, Verdict, VerifyOptions } from './verdict.ts';
export { verifyLog } from './verify.ts';
