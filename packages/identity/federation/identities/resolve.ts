import type { Account, Accounts } from '../../accounts/types.ts';
import type { Arrival } from '../arrival.ts';
import type { Provider } from '../providers/rows.ts';
import { must, Refusal } from '../refusal.ts';
import { type AdoptDeps, adopt } from './adopt.ts';
import { type ProvisionDeps, provision } from './provision.ts';
import { settle } from './settle.ts';

export interface ResolveDeps extends ProvisionDeps, AdoptDeps {
  readonly accounts: Pick<Accounts, 'byId' | 'prepare' | 'within' | 'change'>;
  /** Told when an account was linked by what the directory wrote. */
  readonly joined?: (account: string) => void;
}

/** One @, and exactly one of the domains behind it: `a@evil.com@clinic.example` is nobody's. */
export function inDomains(address: string | undefined, domains: readonly string[]): boolean {
  if (domains.length === 0) return true;
  const [, domain, ...more] = (address ?? '').split('@');
  return domain !== undefined && more.length === 0 && domains.includes(domain.toLowerCase());
}

/** Of a subject that was not linked: the directory's account first, then a new one. */
async function unknown(deps: ResolveDeps, provider: Provider, arrival: Arrival): Promise<string | undefined> {
  const { tenant, id, settings } = provider;
  const place = { tenant, provider: id, subject: arrival.subject };
  const adopted = await adopt(deps, provider, arrival);
  if (adopted !== undefined) deps.joined?.(adopted);
  const known = adopted ?? (await deps.identities.find(place));
  if (known !== undefined) return known;
  must(settings.accounts === 'provisioned', 'account not known');
  return (await provision(deps, provider, arrival)) ?? (await deps.identities.find(place));
}

/**
 * The account of whom the provider vouched for: the one that is linked to the subject, else the one that the directory
 * made of the same person, or a new one, where the tenant wants that. Never one that merely has the same address.
 * Throws `Refusal`.
 */
export async function resolve(deps: ResolveDeps, provider: Provider, arrival: Arrival): Promise<Account> {
  const { tenant, settings } = provider;
  must(inDomains(arrival.address, settings.domains), 'address not allowed');
  const place = { tenant, provider: provider.id, subject: arrival.subject };
  const id = (await deps.identities.find(place)) ?? (await unknown(deps, provider, arrival));
  const account = id === undefined ? undefined : await deps.accounts.byId(tenant, id);
  if (account === undefined) throw new Refusal('account not known');
  must(account.state === 'active', 'account not active');
  await settle(deps.accounts, provider, account);
  return account;
}
