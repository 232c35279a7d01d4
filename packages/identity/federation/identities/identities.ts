import { type Clock, fault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Accounts } from '../../accounts/types.ts';
import { type Actor, type OnWayIn, tellWayIn } from '../../accounts/way-in.ts';
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
  readonly clock: Clock;
  readonly onWayIn?: OnWayIn;
}

/** The account before its link: two that link it do so one after the other. */
const lock = {
  name: 'identity.federation_identity.account',
  text: 'select id from identity.account where id = $1 and tenant = $2 for update',
};

type LinkDeps = Pick<IdentitiesDeps, 'segment' | 'identities' | 'accounts' | 'clock' | 'onWayIn'>;

interface Linking {
  readonly account: string;
  readonly subject: string;
  readonly by: Actor | undefined;
}

/** The link, and what it holds back, in one transaction; undefined: the account or the subject has another one. */
async function write(deps: LinkDeps, { tenant, id: provider }: Provider, { account, subject, by }: Linking) {
  const row = await deps.identities.prepare({ tenant, provider, subject }, account);
  const at = new Date(deps.clock.now());
  return deps.segment.transaction(platform, async (connection) => {
    await connection.query(lock, [account, tenant]);
    if (!(await deps.identities.insert(connection, row))) return undefined;
    const way = { tenant, cause: 'identity', about: provider, by, at, into: [account] } as const;
    return { held: await tellWayIn(connection, deps.onWayIn, way) };
  });
}

/**
 * Links an account that is signed in, or that an administrator names. Undefined when either has another link there.
 */
export async function linkAccount(deps: LinkDeps, provider: Provider, linking: Linking) {
  const { identities, accounts } = deps;
  const { tenant } = provider;
  const account = await accounts.byId(tenant, linking.account);
  if (account === undefined || account.state === 'terminated') throw fault('missing', 'The account does not exist.');
  const linked = await identities.find({ tenant, provider: provider.id, subject: linking.subject });
  if (linked !== undefined && linked !== account.id) return undefined;
  const written = linked === undefined ? await write(deps, provider, linking) : { held: false };
  if (written === undefined) return undefined;
  await settle(accounts, provider, account);
  return written;
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
  async link(tenant, provider_id, account, subject, by) {
    const provider = await deps.providers.one(provider_id);
    if (provider === undefined || provider.tenant !== tenant) throw fault('missing', 'There is no such provider.');
    if (typeof subject !== 'string' || subject === '' || subject.length > 256) {
      throw fault('invalid', 'A subject has 1 to 256 characters.');
    }
    const linked = await linkAccount(deps, provider, { account, subject: subjectGiven(provider, subject), by });
    if (linked !== undefined) return linked.held;
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
