import type { Clock } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';

/** A handle on the data key that entries are sealed under; a `DataKey` of `@safeguard/seal` is one. */
export interface EntryKey {
  readonly id: number;
  readonly owner: string;
}

/** What the ledger needs of one tenant's vault in the ledger segment; a `Vault` of `@safeguard/seal` is one. */
export interface EntryVault {
  keysFor(owners: readonly string[]): Promise<Map<string, EntryKey>>;
  keysById(ids: readonly number[]): Promise<Map<number, EntryKey>>;
  seal(key: EntryKey, binding: EntryBinding, plain: Buffer): Buffer;
  open(key: EntryKey, binding: EntryBinding, sealed: Buffer): Buffer;
}

export interface EntryBinding {
  readonly resource: string;
  readonly version: number;
  readonly purpose: string;
}

/** Signs checkpoints. `name` begins every log's origin: a schema-less URL without spaces or plus signs. */
export interface LedgerSigner {
  readonly name: string;
  /** The raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The Ed25519 signature of the message, 64 bytes. */
  sign(message: Buffer): Buffer | Promise<Buffer>;
}

/** Where operational news go. No event's content ever does. */
export interface LedgerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LedgerDeps {
  readonly segment: Segment;
  vault(tenant: number): Promise<EntryVault>;
  readonly clock: Clock;
  readonly signer: LedgerSigner;
  /** Folder of local copies of the newest checkpoints: a database that was rolled back is held against them. */
  readonly anchors: string;
  /** How often a log that grew is signed, at least. Default 1000. */
  readonly checkpoint_interval_ms?: number;
  /** By when an append is answered. Default 5000. */
  readonly append_deadline_ms?: number;
  /** Entries that may wait per log before appends are refused. Default 8192. */
  readonly queue_limit?: number;
  readonly log: LedgerLog;
}

/** Where appended events stand: entries [first, first + count) of the log named by its origin. */
export interface Appended {
  readonly log: string;
  readonly first: number;
  readonly count: number;
}

export interface ReadEntry {
  readonly index: number;
  /** The event's own time, milliseconds since the Unix epoch. */
  readonly at: number;
  /** The event; of one that was partitioned, this part (`part`, `parts`). */
  readonly event: object;
}

/** One log of a tenant. */
export interface LogSize {
  readonly shard: number;
  readonly size: number;
}

export interface State {
  readonly serving: boolean;
  readonly reason?: string;
}

/** A checkpoint as signed note and taken apart. */
export interface SignedCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

export interface InclusionProof {
  readonly index: number;
  readonly size: number;
  readonly leaf: Buffer;
  readonly root: Buffer;
  readonly proof: readonly Buffer[];
  /** The signed checkpoint whose root it is. */
  readonly note: string;
}

export interface ConsistencyProof {
  readonly from: number;
  readonly to: number;
  readonly fromRoot: Buffer;
  readonly toRoot: Buffer;
  readonly proof: readonly Buffer[];
}

/** That some entries of one log, in ascending order, stand in it at this checkpoint: see `proveMany`. */
export interface ManyProof extends SignedCheckpoint {
  /** Hashes of the parts of the tree that hold none of them, left to right. */
  readonly hashes: readonly Buffer[];
}

/** An entry as it stands in the database. */
export interface SealedEntry {
  readonly index: number;
  readonly body: Buffer;
  /** SHA-256(0x00 || body). */
  readonly leaf: Buffer;
}

/** `shard` is this process's own unless given. */
export interface Ledger {
  /** This process's shard: its log of a tenant is `<signer name>/<tenant>/<shard>`. */
  shard(): number;
  /**
   * Resolves when every event is durable and chained, all of them in one transaction. Throws Fault `unavailable` by
   * the deadline otherwise; the events may then still have been chained (the outcome of a lost COMMIT is unknown).
   */
  append(tenant: number, events: readonly object[]): Promise<Appended>;
  /** Whether the tenant's log (default: the platform's) takes appends, as far as is known. Synchronous, no I/O. */
  state(tenant?: number): State;
  /** Really writes: an INSERT rolled back, and at least once a minute a real append. Throws Fault `unavailable`. */
  probe(): Promise<void>;
  /** Seals an event that waits in another database's transaction to be chained. */
  sealIntent(tenant: number, event: object): Promise<Buffer>;
  openIntent(tenant: number, bytes: Buffer): Promise<object>;
  /** Events chained since `since_ms` (and some before), of all shards, newest first within each. */
  recent(tenant: number, since_ms: number): AsyncIterable<object>;
  /** At most 1000 entries from an index on. */
  read(tenant: number, from: number, count: number, shard?: number): Promise<ReadEntry[]>;
  /** The entries at these indexes, opened, as far as there are any; at most 1000 indexes. */
  readAt(tenant: number, indexes: readonly number[], shard: number): Promise<ReadEntry[]>;
  /** The tenant's logs with the number of their entries, by shard. */
  sizes(tenant: number): Promise<LogSize[]>;
  /** The newest checkpoint; one is signed first when the log has grown. Undefined when the log is empty. */
  checkpoint(tenant: number, shard?: number): Promise<SignedCheckpoint | undefined>;
  proveInclusion(tenant: number, index: number, shard?: number): Promise<InclusionProof>;
  proveConsistency(tenant: number, from: number, to: number, shard?: number): Promise<ConsistencyProof>;
  /**
   * One proof of many entries (ascending indexes), against the newest checkpoint. Fault `missing` where it does not
   * cover one of them.
   */
  proveMany(tenant: number, indexes: readonly number[], shard?: number): Promise<ManyProof>;
  /** The sealed entries at these indexes, as far as there are any; at most 1000 indexes. */
  sealedAt(tenant: number, indexes: readonly number[], shard: number): Promise<readonly SealedEntry[]>;
  /** A C2SP tlog-proof with the sealed entry in it: checked with the public key and nothing else. */
  offlineProof(tenant: number, index: number, shard?: number): Promise<string>;
  /** Refuses new appends, chains what waits, signs a last checkpoint, gives the shard back. */
  close(): Promise<void>;
}
