export { anchorFile, readAnchors } from './anchor.ts';
export { type LedgerCheckDeps, type LedgerVerifier, ledgerChecks } from './checks/index.ts';
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
  ManyProof,
  ReadEntry,
  SealedEntry,
  SignedCheckpoint,
  State,
} from './types.ts';
