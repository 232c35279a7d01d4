import { fault } from '@safeguard/kernel';
import type { Accounts } from '../../accounts/types.ts';
import type { ProviderSettings } from '../types.ts';

/**
 * The emergency door: where passwords are taken away, an active administrator with password and second factor of ours
 * must stand, or an outage of the provider would lock everybody out. Fault `conflict`. (`accounts` keeps the last of
 * them from going afterwards; and linking never takes an administrator's password: see `identities/`.)
 */
export async function checkDoor(
  accounts: Pick<Accounts, 'hasAdministrator'>,
  tenant: number,
  settings: ProviderSettings,
): Promise<void> {
  if (settings.password === 'kept' || (await accounts.hasAdministrator(tenant))) return;
  throw fault('conflict', 'This would lock everybody out: no active administrator has a password here.');
}
