import { isUuid } from '@safeguard/kernel';
import { settleAdministrators } from './administrators.ts';
import type { GrantDeps } from './deps.ts';
import { endAllWithin, endWithin } from './end.ts';
import { settleLeavers } from './leavers.ts';
import { grantById, listGrants } from './list.ts';
import { missingGrant } from './rows.ts';
import type { Grants } from './types.ts';

/** Who holds which role, why and until when. Grants are made by `createRequests` and `createBreakGlass` alone. */
export function createGrants(deps: Omit<GrantDeps, 'vault' | 'policies' | 'notices'>): Grants {
  const { segment, clock, changed } = deps;
  const settle = async (tenant: number): Promise<number> => {
    const ended = await settleLeavers(deps, tenant);
    const left = await settleAdministrators(deps, tenant);
    if (ended > 0) changed?.(tenant);
    return left;
  };
  return {
    byId: (tenant, id) => grantById(deps, tenant, id),
    list: (tenant, wanted) => listGrants(deps, tenant, wanted),
    async end(tenant, id, by, why) {
      if (!isUuid(id)) throw missingGrant();
      const ending = { at: clock.now(), by, why };
      const grant = await segment.transaction(tenant, (connection) => endWithin(connection, tenant, id, ending));
      changed?.(tenant);
      if (grant.role === 'administrator') await settleAdministrators(deps, tenant);
      return grant;
    },
    async endAll(tenant, account, by, why) {
      const ending = { at: clock.now(), by, why };
      const work = segment.transaction(tenant, (connection) => endAllWithin(connection, tenant, account, ending));
      const count = await work;
      changed?.(tenant);
      if (why !== 'account terminated') await settleAdministrators(deps, tenant);
      return count;
    },
    endWithin,
    endAllWithin,
    settle,
  };
}
