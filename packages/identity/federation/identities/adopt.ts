import type { Segment } from '@safeguard/store';
import { platform } from '../../tenants.ts';
import type { Arrival } from '../arrival.ts';
import { anotherSpeaks } from '../providers/directory.ts';
import type { Provider, ProviderRows } from '../providers/rows.ts';
import { must, Refusal } from '../refusal.ts';
import type { DirectoryLookup } from '../types.ts';
import type { IdentityRows } from './rows.ts';

/** As it was read: with the claim that was asked. */
const holdProvider = {
  name: 'identity.federation_identity.adopt-at',
  text: `select id from identity.federation_provider
    where id = $1 and tenant = $2 and version = $3 and enabled and removed_at is null for share`,
};

export interface AdoptDeps {
  readonly segment: Segment;
  readonly identities: IdentityRows;
  readonly providers: Pick<ProviderRows, 'list'>;
  readonly directory?: DirectoryLookup;
}

/**
 * The account when it may be joined, locked until the link stands. The version says that the directory has written
 * nothing since it was looked up.
 */
const hold = {
  name: 'identity.federation_identity.adopt',
  text: `select a.id from identity.account a
    join identity.scim_user u on u.account = a.id and u.tenant = a.tenant and u.version = $3
    where a.id = $1 and a.tenant = $2 and a.source = 'scim' and a.external and a.kind = 'workforce'
      and a.state = 'active' and a.roles = '{}'
    for update`,
};

/**
 * Links an unknown subject to the account that SCIM made of the same person: by the directory's own id, which the
 * provider vouches for in a claim that the tenant named; never by an address. Answers the account; undefined when the
 * directory knows nobody of that id, or somebody else linked the same subject meanwhile. Once it knows somebody, it is
 * they or nobody: `Refusal`, and no other account is made.
 */
export async function adopt(deps: AdoptDeps, provider: Provider, arrival: Arrival): Promise<string | undefined> {
  const { tenant, id, settings } = provider;
  const { external_id } = arrival;
  if (settings.directory === 'none' || external_id === undefined || deps.directory === undefined) return undefined;
  const [entry, ...more] = await deps.directory(tenant, external_id);
  if (entry === undefined) return undefined;
  must(more.length === 0 && !(await anotherSpeaks(deps.providers, { tenant, id })), 'directory not certain');
  const link = await deps.identities.prepare({ tenant, provider: id, subject: arrival.subject }, entry.account);
  const linked = await deps.segment.transaction(platform, async (connection) => {
    const held = await connection.query(hold, [entry.account, tenant, entry.version]);
    must(held.length === 1, 'account not active');
    const at = await connection.query(holdProvider, [id, tenant, provider.version]);
    must(at.length === 1, 'provider does not exist');
    return deps.identities.insert(connection, link);
  });
  if (linked) return entry.account;
  const now = await deps.identities.find({ tenant, provider: id, subject: arrival.subject });
  if (now === undefined) throw new Refusal('account has another link');
  return undefined;
}
