import type { RequestContext } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Account, Accounts } from '../accounts/types.ts';
import { iso } from './views.ts';

type Purpose = 'invitation' | 'recovery';

const pathOf = { invitation: 'join', recovery: 'recover' } as const;

/** Fault `conflict` where a link of this purpose leads nowhere. */
function checkPurpose({ state, external }: Account, purpose: Purpose): void {
  if (external) throw fault('conflict', 'The account signs in at its own provider: it has nothing to set up here.');
  if (purpose === 'invitation' && state !== 'invited') {
    throw fault('conflict', 'The account is set up already: an invitation is for one that is not.');
  }
  if (purpose === 'recovery' && state !== 'active') {
    throw fault('conflict', 'Recovery is for an active account: resume or invite it instead.');
  }
}

/** A new one-time link of the account, as an address. Fault `conflict` where it would lead nowhere. */
export async function invite(accounts: Accounts, account: Account, purpose: Purpose, context: RequestContext) {
  checkPurpose(account, purpose);
  const { tenant, id } = account;
  const { secret, expires_at, held } = await accounts.links.make(purpose, tenant, id, context.principal);
  if (held) context.found?.({ reason: 'access on hold' });
  return { purpose, url: `${context.base}/${pathOf[purpose]}/${secret}`, expires_at: iso(expires_at) };
}
