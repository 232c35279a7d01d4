import type { Access, PeoplePort } from '@safeguard/access';
import type { Clock } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import type { Vault } from '@safeguard/seal';
import type { Segment } from '@safeguard/store';
import type { AuditLog } from './index/background.ts';
import type { Find } from './index/find.ts';
import type { Following } from './index/follow.ts';

export interface AuditDeps {
  /** The ledger segment: the index stands beside the entries. */
  readonly segment: Segment;
  readonly ledger: Pick<Ledger, 'read' | 'readAt' | 'sizes' | 'checkpoint'>;
  /** The tenant's vault in the ledger segment. */
  vault(tenant: number): Promise<Vault>;
  readonly clock: Clock;
  readonly log: AuditLog;
  readonly access: Pick<Access, 'decide' | 'guard' | 'visible'>;
  readonly people: Pick<PeoplePort, 'byIds' | 'clients' | 'tenants'>;
  /** What this installation is called in AuditEvents (`source.observer`). Default `safeguard`. */
  readonly name?: string;
  /** How often the logs are looked at in the background, and what share of the time that may take. */
  readonly follow?: { readonly interval_ms?: number; readonly share?: number };
  /** How long a question may wait for the index. Default 5000. */
  readonly wait_ms?: number;
}

/** What the parts work with. */
export interface House extends AuditDeps {
  readonly find: Find;
  readonly following: Following;
  /** Follows the tenant's logs up to now. Fault `unavailable` when that takes longer than a question may wait. */
  fresh(tenant: number): Promise<void>;
}
