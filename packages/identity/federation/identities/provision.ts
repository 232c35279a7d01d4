import { isFault } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import type { Accounts, PreparedAccount } from '../../accounts/types.ts';
import { platform } from '../../tenants.ts';
import type { Arrival } from '../arrival.ts';
import type { Provider } from '../providers/rows.ts';
import { Refusal } from '../refusal.ts';
import type { IdentityRows } from './rows.ts';

export interface ProvisionDeps {
  readonly segment: Segment;
  readonly accounts: Pick<Accounts, 'prepare' | 'within'>;
  readonly identities: IdentityRows;
}

// A provider may say which member of staff it is, never that somebody is a patient.
const staff = /^(Practitioner|Person)\/[A-Za-z0-9\-.]{1,64}$/;

async function prepared({ accounts }: ProvisionDeps, provider: Provider, arrival: Arrival): Promise<PreparedAccount> {
  const { login, name, fhir_user } = arrival;
  if (login === undefined) throw new Refusal('no login in the answer');
  try {
    return await accounts.prepare({
      tenant: provider.tenant,
      kind: 'workforce',
      login,
      name: name ?? login,
      scopes: provider.settings.scopes,
      source: provider.id,
      external: true,
      ...(fhir_user !== undefined && staff.test(fhir_user) ? { fhir_user } : {}),
    });
  } catch (error) {
    if (isFault(error) && error.kind === 'invalid') throw new Refusal('no login in the answer', error);
    throw error;
  }
}

/** Thrown inside the transaction, so that the account goes with it. */
const twice = Symbol('linked meanwhile');

/**
 * A new account and its link, in one transaction. It has the provider's default scopes and no role. Undefined: another
 * request of the same subject was faster. `Refusal` `login taken`: somebody has the login, and a provider's word about
 * an address is no proof of being that person.
 */
export async function provision(deps: ProvisionDeps, provider: Provider, arrival: Arrival) {
  const { tenant, id } = provider;
  const account = await prepared(deps, provider, arrival);
  const link = await deps.identities.prepare({ tenant, provider: id, subject: arrival.subject }, account.id);
  try {
    await deps.segment.transaction(platform, async (connection) => {
      await deps.accounts.within(connection).create(account);
      if (!(await deps.identities.insert(connection, link))) throw twice;
    });
  } catch (error) {
    if (error === twice) return undefined;
    if (!isFault(error) || error.kind !== 'conflict') throw error;
    const now = await deps.identities.find({ tenant, provider: id, subject: arrival.subject });
    if (now === undefined) throw new Refusal('login taken', error);
    return undefined;
  }
  return account.id;
}
