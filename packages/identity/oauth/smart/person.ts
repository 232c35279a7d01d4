import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { Account } from '../../accounts/types.ts';
import type { Assurance, SignedIn } from '../../sessions/types.ts';
import type { PatientEntry, SmartClient, SmartDeps } from './types.ts';

/** What `acr` says: NIST SP 800-63B-4's authenticator assurance levels, by the names that login.gov gave them. */
export const acrOf = (level: Assurance): string => `http://idmanagement.gov/ns/assurance/aal/${level}`;

/** Headers of a request that say who is signed in. */
export interface Browser {
  readonly cookie?: string | string[] | undefined;
  readonly 'user-agent'?: string | string[] | undefined;
}

const single = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join('; ') : value;

/**
 * Who is signed in, where they may answer a request of this client: of its tenant, by two factors. Anybody else counts
 * as nobody: they have to sign in.
 */
export async function personFor(
  { sessions }: Pick<SmartDeps, 'sessions'>,
  client: Pick<SmartClient, 'tenant'>,
  headers: Browser,
): Promise<SignedIn | undefined> {
  const person = await sessions.signedIn(single(headers.cookie), single(headers['user-agent']));
  return person?.tenant === client.tenant && person.level >= 2 ? person : undefined;
}

/** The account of a person, as it is now. Fault `forbidden` when it is none that may act (any more). */
export async function activeAccount(
  { accounts }: Pick<SmartDeps, 'accounts'>,
  tenant: number,
  id: string,
): Promise<Account> {
  const account = await accounts.byId(tenant, id);
  if (account?.state !== 'active') throw fault('forbidden', 'This account may not do that.');
  return account;
}

/**
 * What a person may see at our own pages, where a session carries no scopes: all that the account may. Who stands for
 * patients looks at each of them as that patient's record.
 */
export const rightsOf = (principal: Principal, { scopes, kind }: Account, patient?: string): Principal => ({
  ...principal,
  scopes,
  ...(kind === 'workforce' || patient === undefined ? {} : { patient }),
});

/** Patients by their ids, as this person may see them; what may not be seen is not there. */
export async function patientsOf(
  { patients }: Pick<SmartDeps, 'patients'>,
  principal: Principal,
  account: Account,
  ids: readonly string[],
): Promise<PatientEntry[]> {
  const found = await Promise.all(ids.map((id) => patients.byIds(rightsOf(principal, account, id), [id])));
  return found.flat().filter(({ id }) => ids.includes(id));
}
