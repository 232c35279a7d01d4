import { newId } from '@safeguard/kernel';
import { operatorEvent } from './operator-event.ts';
import type { House } from './server.ts';

/** The one-time link by which the first administrator is made. */
export interface AdministratorLink {
  readonly url: string;
  /** Milliseconds since the Unix epoch. */
  readonly expires_at: number;
}

/**
 * A new link at every start, as long as nobody administers the default tenant: only its hash is kept, so the one that
 * was printed before cannot be printed again, and ends. Undefined once there is an administrator.
 */
export async function administratorLink(house: House, url: string): Promise<AdministratorLink | undefined> {
  const { identity, ledger } = house;
  const tenant = await identity.tenants.byName('default');
  if (tenant === undefined || (await identity.accounts.hasAdministrator(tenant.id))) return undefined;
  const { secret, expires_at } = await identity.accounts.links.make('administrator', tenant.id, null);
  const act = { action: 'link-make', outcome: 'permit', status: 200, tenant: tenant.id } as const;
  const targets = [{ type: 'Tenant', id: String(tenant.id) }];
  await ledger.append(0, [operatorEvent({ id: newId(), at: Date.now(), actor: 'care', ...act, targets })]);
  return { url: `${url}/first/${secret}`, expires_at };
}
