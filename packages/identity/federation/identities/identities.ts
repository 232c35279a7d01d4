import { fault } from '@safeguard/kernel';
import type { Accounts } from '../../accounts/types.ts';
import type { Provider, ProviderRows } from '../providers/rows.ts';
import { nameIds, subjectText } from '../saml/names.ts';
import type { ExternalIdentities } from '../types.ts';
import type { IdentityRows } from './rows.ts';
import { settle } from './settle.ts';

export interface IdentitiesDeps {
  readonly providers: ProviderRows;
  readonly identities: IdentityRows;
  readonly accounts: Pick<Accounts, 'byId' | 'change'>;
}

/** Links an account that is signed in, or that an administrator names. False when either has another link there. */
export async function linkAccount(
  { identities, accounts }: Pick<IdentitiesDeps, 'identities' | 'accounts'>,
  provider: Provider,
  account_id: string,
  subject: string,
): Promise<boolean> {
  const { tenant } = provider;
  const account = await accounts.byId(tenant, account_id);
  if (account === undefined || account.state === 'terminated') throw fault('missing', 'The account does not exist.');
  const place = { tenant, provider: provider.id, subject };
  const linked = await identities.find(place);
  if (linked !== undefined && linked !== account.id) return false;
  if (linked === undefined && !(await identities.write(await identities.prepare(place, account.id)))) return false;
  await settle(accounts, provider, account);
  return true;
}

/**
 * What an administrator writes for a subject: OIDC's `sub`; of SAML a persistent NameID, or the subject's attribute.
 */
export function subjectGiven({ settings }: Provider, subject: string): string {
  if (settings.kind === 'oidc') return subject;
  const { subject: attribute } = settings.claims;
  return subjectText(attribute === undefined ? [nameIds.persistent, subject] : ['attribute', attribute, subject]);
}

export const createIdentities = (deps: IdentitiesDeps): ExternalIdentities => ({
  async link(tenant, provider_id, account, subject) {
    const provider = await deps.providers.one(provider_id);
    if (provider === undefined || provider.tenant !== tenant) throw fault('missing', 'There is no such provider.');
    if (typeof subject !== 'string' || subject === '' || subject.length > 256) {
      throw fault('invalid', 'A subject has 1 to 256 characters.');
    }
    if (await linkAccount(deps, provider, account, subjectGiven(provider, subject))) return;
    throw fault('conflict', 'The subject or the account is linked to another one already.');
  },
  list: (tenant, account) => deps.identities.list(tenant, account),
  unlink: (tenant, provider, account) => deps.identities.remove(tenant, provider, account),
});
