import type { Account, Accounts } from '../../accounts/types.ts';
import type { Provider } from '../providers/rows.ts';

/**
 * Takes the password door away where the tenant wants single sign-on alone. Never an administrator's: that is the
 * emergency door. Repeatable: done at the link and, should the process have died in between, at the next sign-in.
 */
export async function settle(
  accounts: Pick<Accounts, 'change'>,
  { settings }: Pick<Provider, 'settings'>,
  account: Account,
): Promise<void> {
  const stays = account.external || account.roles.length > 0 || account.kind !== 'workforce';
  if (settings.password === 'off' && !stays) await accounts.change(account.tenant, account.id, { external: true });
}
