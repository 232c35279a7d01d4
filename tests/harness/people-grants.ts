import type { Instance } from './instance.ts';
import { createUser, invite, join, type Person, signIn } from './people.ts';
import { approversIn } from './people-approvers.ts';
import type { Jar } from './people-jar.ts';

/** Somebody who may approve, apart from those whom the test is about; an administrator of the tenant. */
function approverOf(instance: Instance, tenant: string): Promise<Person> {
  const known = approversIn(instance);
  const made = (known.get(tenant) as Promise<Person> | undefined) ?? newApprover(instance, tenant);
  known.set(tenant, made);
  return made;
}

async function newApprover(instance: Instance, tenant: string): Promise<Person> {
  const login = 'approver@house.example';
  const wanted = { login, name: 'Rita Right', roles: 'administrator', tenant };
  const { id, invitation } = await createUser(instance, wanted);
  return { ...(await join(instance, invitation)), id, login, tenant };
}

async function signedIn(instance: Instance, person: Person): Promise<Jar> {
  return (await person.jar.api('GET', '/me')).status === 200 ? person.jar : signIn(instance, person);
}

const hour_ms = 3_600_000;

export interface Wanted {
  readonly role: string;
  readonly patients?: readonly string[];
  readonly opens?: readonly string[];
  /** Milliseconds from now. */
  readonly for_ms?: number;
}

/** A role, as people get one: asked for by the person at our own pages, approved by somebody else. The grant's id. */
export async function grantRole(instance: Instance, person: Person, wanted: Wanted): Promise<string> {
  const { role, patients, opens, for_ms = hour_ms } = wanted;
  const asked = await (await signedIn(instance, person)).api('POST', '/access/requests', {
    ...{ account: person.id, role, reason: 'Needed for the work of this test.' },
    until: new Date(Date.now() + for_ms).toISOString(),
    ...(patients === undefined ? {} : { patients }),
    ...(opens === undefined ? {} : { opens }),
  });
  if (asked.status !== 201) throw new Error(`asked for ${role}: ${asked.status} ${asked.text}`);
  const approver = await signedIn(instance, await approverOf(instance, person.tenant));
  const decided = await approver.api('POST', `/access/requests/${asked.json.id}/decision`, { verdict: 'approve' });
  if (decided.status !== 200) throw new Error(`approved ${role}: ${decided.status} ${decided.text}`);
  return decided.json.grant;
}

/** A member of the workforce who holds a role: invited, set up, asked, approved. */
export async function inviteWithRole(
  instance: Instance,
  wanted: Parameters<typeof invite>[1],
  role: Wanted = { role: 'practice-clinician' },
): Promise<Person> {
  const person = await invite(instance, wanted);
  await grantRole(instance, person, role);
  return person;
}
