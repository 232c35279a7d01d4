import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Account, Accounts } from '../accounts/types.ts';

/** The account in the caller's tenant. Fault `missing`: another tenant's is like none. */
export async function accountOf(accounts: Accounts, { tenant }: Principal, id: string): Promise<Account> {
  const found = await accounts.byId(tenant, id);
  if (found === undefined) throw fault('missing', 'There is nothing of this kind under this id.');
  return found;
}
