import type { Check } from '@safeguard/kernel';
import type { Ledger } from '@safeguard/ledger';
import { partOf } from '../event.ts';
import { accountingComplete } from './accounting.ts';
import type { AuditCheckDeps } from './deps.ts';
import { indexComplete } from './index-complete.ts';

/** What audit proves of itself while it runs: that what the log holds is found and told. */
export const auditChecks = (deps: AuditCheckDeps): Check[] => [accountingComplete(deps), indexComplete(deps)];

/** Who made the newest entries of a tenant's log (at most of a day): for checks of other packages. */
export const newestActors =
  (ledger: Pick<Ledger, 'recent'>, now: () => number) =>
  async (tenant: number, count: number): Promise<readonly { readonly actor: string; readonly id: string }[]> => {
    const found: { actor: string; id: string }[] = [];
    for await (const event of ledger.recent(tenant, now() - 86_400_000)) {
      const one = partOf(event);
      if (one !== undefined) found.push({ actor: one.actor, id: one.id });
      if (found.length >= count) break;
    }
    return found;
  };
