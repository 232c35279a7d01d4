import type { Checkpoint } from './note.ts';

/** The first position at which a log is not what it was. */
export interface Bad {
  /** What was altered: an entry, a checkpoint, a stored hash (tile, or the leaf hashes kept with a checkpoint). */
  readonly what: 'entry' | 'checkpoint' | 'tile' | 'leaves' | 'anchor';
  /** The entry's index; for a checkpoint or an anchor its size; for a stored hash the index of its first leaf. */
  readonly index: number;
  /** Given when the entry could be narrowed down to [index, until) only. */
  readonly until?: number;
  readonly reason: string;
}

export interface Verdict {
  readonly ok: boolean;
  readonly origin: string;
  /** Entries read until the end, or until the log was found bad. */
  readonly entries: number;
  /** The newest checkpoint that held. */
  readonly checkpoint: Checkpoint | null;
  /** Checkpoints that held. */
  readonly checkpoints: number;
  /** Entries after the newest checkpoint: chained, but signed by nobody yet. */
  readonly uncovered: number;
  /** Present when `ok` is false. */
  readonly bad?: Bad;
}

export interface Progress {
  readonly origin: string;
  readonly entries: number;
}

export interface VerifyOptions {
  /** Raw Ed25519 public keys that may sign this log's checkpoints, 32 bytes each. */
  readonly publicKeys: readonly Uint8Array[];
  /** Signed notes of this log kept outside its database: local copies, a witness's, a customer's. */
  readonly anchors?: readonly string[];
  /** Called about every 10,000 entries. */
  readonly onProgress?: (progress: Progress) => void;
}
