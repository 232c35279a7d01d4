import type { Principal } from '@safeguard/http';
import { fault } from '@safeguard/kernel';
import type { GrantDeps } from '../grants/deps.ts';
import type { PersonFacts } from '../people-port.ts';

/** Grants are for the workforce: patients and their proxies hold what they are. Fault `forbidden`. */
export function checkWorkforce({ kind, tenant, account, within }: Principal): void {
  if (kind === 'user' && tenant > 0 && account === 'workforce' && within === undefined) return;
  throw fault('forbidden', 'Access denied: workforce only.');
}

/** Fault `missing` for nobody of this tenant, `conflict` for who is no workforce, suspended or gone. */
export async function subjectOf(
  { people }: Pick<GrantDeps, 'people'>,
  tenant: number,
  account: string,
): Promise<PersonFacts> {
  const person = await people.byId(tenant, account);
  if (person === undefined) throw fault('missing', 'There is no such account.');
  const fits = person.kind === 'workforce' && (person.state === 'active' || person.state === 'invited');
  if (!fits) throw fault('conflict', 'Roles are granted to active accounts of the workforce.');
  return person;
}
