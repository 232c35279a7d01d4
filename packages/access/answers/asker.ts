import type { Occasion, Principal } from '@safeguard/http';
import type { Question } from '../api/answers.ts';
import type { ClientFacts, PeoplePort, PersonFacts } from '../people-port.ts';
import { openStanding } from '../policy/sealed-standing.ts';
import type { Standings } from '../standing/standing.ts';

/** What could not be known of somebody who is not asking, and how it was taken; see README.md. */
export type Assumption = 'factor' | 'network' | 'purpose' | 'app' | 'patient';

/** Whom a question is about, as a request of theirs would find them. */
export interface Asker {
  readonly principal: Principal;
  readonly assumed: readonly Assumption[];
}

interface Deps {
  readonly people: Pick<PeoplePort, 'byId' | 'clients'>;
  readonly standings: Pick<Standings, 'entitle'>;
}

const views = new Set<string>(['full', 'without-identity', 'limited', 'deidentified'] satisfies Principal['view'][]);
const isView = (text: string): text is Principal['view'] => views.has(text);

/** A client as its token makes it. A view that nobody knows is the narrowest. */
export function principalOfClient(tenant: number, facts: ClientFacts): Principal {
  const { id, scopes, view, patient, permissions } = facts;
  return {
    ...{ tenant, kind: 'client', id, scopes, permissions, view: isView(view) ? view : 'deidentified' },
    ...(patient === null ? {} : { patient }),
  };
}

/**
 * A person as an app's token makes them that was given all that the account may, right after the second factor.
 * `patients`: in whose records the resource is; one of them is the patient in context.
 */
export function principalOfPerson(
  tenant: number,
  { id, kind, scopes, roles, patients: own, fhir_user }: PersonFacts,
  patients: readonly string[] | undefined,
  at: number,
): Principal {
  const within = kind === 'workforce' ? undefined : own;
  const near = patients === undefined ? (within ?? []) : patients.filter((one) => within?.includes(one) !== false);
  const [patient] = near;
  return {
    ...{ tenant, kind: 'user', id, scopes, roles, account: kind, view: 'full' },
    assurance: { level: 2, at, methods: [] },
    ...(fhir_user === null ? {} : { fhir_user }),
    ...(within === undefined ? {} : { within }),
    ...(patient === undefined ? {} : { patient }),
  };
}

const nowhere = (at: number): Occasion => ({ at, remote: '', purpose: undefined, view: undefined });

/** Who asks about themselves is judged in the context of that very request. */
async function self({ standings, people }: Deps, { by, tenant }: Question, patients: Asker['principal']['within']) {
  if (by.kind === 'client' || by.client !== undefined) return { principal: by, assumed: [] };
  const facts = await people.byId(tenant, by.id);
  const open = openStanding(by);
  if (facts === undefined || open === undefined) return undefined;
  const bare = principalOfPerson(tenant, facts, patients, open.at);
  const asking = { ...bare, ...(by.assurance === undefined ? {} : { assurance: by.assurance }) };
  const occasion: Occasion = { at: open.at, remote: open.network, purpose: open.purpose, view: undefined };
  return { principal: await standings.entitle(asking, occasion), assumed: ['app', 'patient'] } satisfies Asker;
}

/**
 * Undefined: no such account or client. `inactive`: the account is invited, suspended or terminated: nothing is
 * permitted to it, whatever it holds.
 */
export async function askerOf(
  deps: Deps,
  question: Question,
  patients: readonly string[] | undefined,
  at: number,
): Promise<Asker | 'inactive' | undefined> {
  const { tenant, by, account, client } = question;
  if (client !== undefined) {
    if (by.kind === 'client' && by.id === client) return { principal: by, assumed: [] };
    const facts = (await deps.people.clients(tenant)).find(({ id }) => id === client);
    if (facts === undefined) return undefined;
    const principal = await deps.standings.entitle(principalOfClient(tenant, facts), nowhere(at));
    return { principal, assumed: ['network', 'purpose'] };
  }
  if (by.kind === 'user' && by.id === account) return self(deps, question, patients);
  const facts = account === undefined ? undefined : await deps.people.byId(tenant, account);
  if (facts === undefined) return undefined;
  if (facts.state !== 'active') return 'inactive';
  const principal = await deps.standings.entitle(principalOfPerson(tenant, facts, patients, at), nowhere(at));
  return { principal, assumed: ['factor', 'network', 'purpose', 'app', 'patient'] };
}
