export { anchorFile, readAnchors } from './anchor.ts';
export { createLedger } from './ledger.ts';
export { migrations } from './migrations.ts';
export { ed25519Signer, originOf } from './note.ts';
export { entryLimit_bytes, partition, partLimit_bytes } from './partition.ts';
export type {
  Appended,
  ConsistencyProof,
  EntryBinding,
  EntryKey,
  EntryVault,
  InclusionProof,
  Ledger,
  LedgerDeps,
  LedgerLog,
  LedgerSigner,
  LogSize,
  ReadEntry,
  SignedCheckpoint,
  State,
} from './types.ts';
