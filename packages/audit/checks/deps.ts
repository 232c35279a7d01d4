import type { Probe } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { Audit } from '../audit.ts';

/** What the checks of audit work with; the composition root fills it with what really runs. */
export interface AuditCheckDeps {
  readonly probe: Probe;
  /** The ledger segment: the index stands there. */
  readonly segment: Segment;
  readonly ledger: Pick<Ledger, 'read' | 'readAt' | 'sizes'>;
  /** The tenant's vault in the ledger segment. */
  readonly vault: (tenant: number) => Promise<Vault>;
  readonly audit: Pick<Audit, 'accounting'>;
  /** All tenants. */
  readonly tenants: () => Promise<readonly number[]>;
}

export const hour_s = 3_600;
export const minute_ms = 60_000;
