import { checkFresh, type Principal } from '@safeguard/http';
import { settleAdministrators } from '../grants/administrators.ts';
import type { GrantDeps } from '../grants/deps.ts';
import type { AccessRequest, Requests } from '../grants/types.ts';
import { ask } from './ask.ts';
import { type Deciding, decide, requestRow } from './decide.ts';
import { listRequests } from './list.ts';
import { checkWorkforce } from './person.ts';
import { asRequests, missingRequest } from './rows.ts';
import { withdraw } from './withdraw.ts';

/** The way to a role: asked for with a reason and an end, approved by somebody else. */
export function createRequests(deps: GrantDeps): Requests {
  const byId = async (tenant: number, id: string): Promise<AccessRequest | undefined> => {
    const row = await requestRow(deps, tenant, id);
    return row === undefined ? undefined : (await asRequests(deps, tenant, [row]))[0];
  };
  const known = async (tenant: number, id: string): Promise<AccessRequest> => {
    const request = await byId(tenant, id);
    if (request === undefined) throw missingRequest();
    return request;
  };
  const decided = async (deciding: Deciding): Promise<AccessRequest> => {
    const grant = await decide(deps, deciding);
    if (grant?.role === 'administrator') await settleAdministrators(deps, deciding.tenant);
    return known(deciding.tenant, deciding.id);
  };
  return {
    async ask(by, wanted) {
      return known(by.tenant, await ask(deps, by, wanted, 'standing'));
    },
    async elevate(by: Principal, wanted) {
      checkWorkforce(by);
      checkFresh(by, deps.clock.now());
      return known(by.tenant, await ask(deps, by, { ...wanted, account: by.id }, 'elevation'));
    },
    async decide(by, id, verdict, reason) {
      checkWorkforce(by);
      return decided({ tenant: by.tenant, id, by: by.id, verdict, reason });
    },
    decideAsOperator: (tenant, id, verdict, reason) => decided({ tenant, id, by: undefined, verdict, reason }),
    async withdraw(by, id) {
      checkWorkforce(by);
      await withdraw(deps, by.tenant, by.id, id);
      return known(by.tenant, id);
    },
    byId,
    list: (tenant, wanted) => listRequests(deps, tenant, wanted),
  };
}
