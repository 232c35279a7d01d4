import type { Account, Accounts } from '../../accounts/types.ts';
import type { Arrival } from '../arrival.ts';
import type { Provider } from '../providers/rows.ts';
import { must, Refusal } from '../refusal.ts';
import { type ProvisionDeps, provision } from './provision.ts';
import { settle } from './settle.ts';

export interface ResolveDeps extends ProvisionDeps {
  readonly accounts: Pick<Accounts, 'byId' | 'prepare' | 'within' | 'change'>;
}

/** One @, and exactly one of the domains behind it: `a@evil.com@clinic.example` is nobody's. */
export function inDomains(address: string | undefined, domains: readonly string[]): boolean {
  if (domains.length === 0) return true;
  const [, domain, ...more] = (address ?? '').split('@');
  return domain !== undefined && more.length === 0 && domains.includes(domain.toLowerCase());
}

/**
 * The account of whom the provider vouched for: the one that is linked to the subject, or a new one where the tenant
 * wants that. Never one that merely has the same address. Throws `Refusal`.
 */
export async function resolve(deps: ResolveDeps, provider: Provider, arrival: Arrival): Promise<Account> {
  const { tenant, settings } = provider;
  must(inDomains(arrival.address, settings.domains), 'address not allowed');
  const place = { tenant, provider: provider.id, subject: arrival.subject };
  let id = await deps.identities.find(place);
  if (id === undefined) {
    must(settings.accounts === 'provisioned', 'account not known');
    id = (await provision(deps, provider, arrival)) ?? (await deps.identities.find(place));
  }
  const account = id === undefined ? undefined : await deps.accounts.byId(tenant, id);
  if (account === undefined) throw new Refusal('account not known');
  must(account.state === 'active', 'account not active');
  await settle(deps.accounts, provider, account);
  return account;
}
