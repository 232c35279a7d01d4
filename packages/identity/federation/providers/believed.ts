import type { Connection } from '@safeguard/store';
import { type Actor, type OnWayIn, tellWayIn } from '../../accounts/way-in.ts';
import type { ProviderSettings } from '../types.ts';
import type { Provider } from './rows.ts';

/** Who is linked there. */
const linked = {
  name: 'identity.federation_provider.linked',
  text: `select i.account from identity.federation_identity i join identity.account a on a.id = i.account
    where i.provider = $1 and i.tenant = $2 and a.state <> 'terminated' order by 1`,
};
/** Whom a directory made and who is not linked there yet: the provider's word for its name of them links them. */
const joinable = {
  name: 'identity.federation_provider.joinable',
  text: `select u.account from identity.scim_user u join identity.account a on a.id = u.account and a.tenant = u.tenant
    where u.tenant = $2 and a.state <> 'terminated' and a.external and not exists
      (select from identity.federation_identity i where i.provider = $1 and i.account = a.id) order by 1`,
};

interface After {
  readonly settings: ProviderSettings;
  readonly enabled: boolean;
}

/** Who holds another key, or names people by another attribute, says who comes in. Fewer keys say no more. */
function isBelievedAnew(before: ProviderSettings, after: ProviderSettings): boolean {
  if (before.kind !== 'saml' || after.kind !== 'saml') return false;
  const isNew = after.certificates.some((one) => !before.certificates.includes(one));
  return isNew || before.claims.subject !== after.claims.subject;
}

const claimOf = ({ directory }: ProviderSettings): string | undefined =>
  directory === 'none' ? undefined : directory.claim;

function joinsAnew({ settings, enabled }: Provider, after: After): boolean {
  const claim = claimOf(after.settings);
  if (claim === undefined || !after.enabled) return false;
  return !enabled || claim !== claimOf(settings);
}

/** Who changes a provider, and what to call when accounts are on hold by it. */
export interface ProviderChanging {
  readonly by: Actor | undefined;
  readonly held: (() => void) | undefined;
}

/**
 * A provider that is believed by something else from now on may bring anybody for whoever it is trusted with: that is a
 * way into all of them. In the transaction that changes it. True when an account is on hold by it.
 */
export async function tellBelieved(
  connection: Connection,
  { onWayIn, at, by }: { readonly onWayIn: OnWayIn | undefined; readonly at: Date; readonly by: Actor | undefined },
  provider: Provider,
  after: After,
): Promise<boolean> {
  const { tenant, id: about, settings } = provider;
  const ids = async (statement: typeof linked): Promise<string[]> =>
    (await connection.query<{ account: string }>(statement, [about, tenant])).map(({ account }) => account);
  const all = isBelievedAnew(settings, after.settings) ? await ids(linked) : [];
  const more = joinsAnew(provider, after) ? await ids(joinable) : [];
  return tellWayIn(connection, onWayIn, { tenant, cause: 'provider', about, by, at, into: [...all, ...more] });
}
