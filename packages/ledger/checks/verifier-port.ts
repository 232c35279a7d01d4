/**
 * The independent verifier as the checks need it. `@safeguard/verifier` is one; it is handed in, because this package
 * and that one import nothing of each other: an error in one is not to hide in the other.
 */
export interface LedgerVerifier {
  verifyOnward(query: LogQuery, log: LogRow, options: OnwardOptions): Promise<Onward>;
  openCheckpoint(
    note: string,
    origin: string | undefined,
    publicKeys: readonly Uint8Array[],
  ): Checkpoint | { readonly reason: string };
  verifyConsistency(claim: {
    readonly from: number;
    readonly to: number;
    readonly fromRoot: Uint8Array;
    readonly toRoot: Uint8Array;
    readonly proof: readonly Uint8Array[];
  }): boolean;
}

export type LogQuery = (text: string, values: readonly unknown[]) => Promise<readonly Record<string, unknown>[]>;

export interface LogRow {
  readonly tenant: number;
  readonly shard: number;
  readonly origin: string;
}

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
}

interface OnwardOptions {
  readonly publicKeys: readonly Uint8Array[];
  // What the verifier gave back before; only it looks inside.
  readonly from?: Reached | undefined;
  readonly enough?: () => boolean | Promise<boolean>;
  readonly page?: number;
}

/** How far a log held. */
export interface Reached {
  readonly range: { size: number; readonly peaks: Buffer[] };
  readonly good: Checkpoint | null;
}

export interface Onward {
  readonly verdict: {
    readonly ok: boolean;
    readonly bad?: {
      readonly what: string;
      readonly index: number;
      readonly until?: number;
      readonly reason: string;
    };
  };
  readonly read: number;
  readonly reached: Reached;
  readonly ended: boolean;
}
