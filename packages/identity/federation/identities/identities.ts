import { fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Accounts } from '../../accounts/types.ts';
import { platform } from '../../tenants.ts';
import type { Provider, ProviderRows } from '../providers/rows.ts';
import { nameIds, subjectText } from '../saml/names.ts';
import type { ExternalIdentities } from '../types.ts';
import type { Ending } from './ending.ts';
import type { IdentityRows } from './rows.ts';
import { settle } from './settle.ts';

export interface IdentitiesDeps {
  readonly segment: Segment;
  readonly ending: Ending;
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
  async list(tenant, account) {
    const links = await deps.identities.list(tenant, account);
    if (links.length === 0) return [];
    const providers = new Map((await deps.providers.list(tenant)).map((provider) => [provider.id, provider]));
    return links.flatMap(({ provider: id, created_at }) => {
      const provider = providers.get(id);
      if (provider === undefined) return [];
      return [{ provider: id, label: provider.settings.label, enabled: provider.enabled, created_at }];
    });
  },
  unlink: (tenant, provider, account) =>
    deps.ending.committed((ends) =>
      deps.segment.transaction(platform, async (connection) => {
        const removed = await deps.identities.remove(connection, { tenant, provider, account });
        if (removed) await ends.account(connection, { tenant, account });
        return removed;
      }),
    ),
});
