import type { Check, Probe } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Ledger, LedgerSigner } from '../types.ts';
import { anchored } from './anchored.ts';
import { appendOnly } from './append-only.ts';
import { checkpointsSigned } from './checkpoints.ts';
import { probeRecorded } from './recorded.ts';
import { retention } from './retention.ts';
import type { LedgerVerifier } from './verifier-port.ts';
import { verifies } from './verifies.ts';

export interface LedgerCheckDeps {
  readonly ledger: Pick<Ledger, 'shard' | 'checkpoint' | 'proveConsistency'>;
  /** The ledger segment under the role that writes it. */
  readonly segment: Segment;
  /** The same under the role that may only read it, all tenants (`Store.reader`). */
  readonly reader: Segment;
  /** The instance's, by whose public key checkpoints are judged. */
  readonly signer: Pick<LedgerSigner, 'publicKey'>;
  /** Folder of the anchors. */
  readonly anchors: string;
  readonly probe: Pick<Probe, 'ask' | 'entryOf' | 'tenants'>;
  /** `@safeguard/verifier`. */
  readonly verifier: LedgerVerifier;
}

/** The checks of the log: that requests are in it, that it is whole, that nobody can change it. */
export const ledgerChecks = (deps: LedgerCheckDeps): Check[] => [
  probeRecorded(deps),
  verifies(deps),
  appendOnly(deps),
  retention(deps),
  checkpointsSigned(deps),
  anchored(deps),
];
