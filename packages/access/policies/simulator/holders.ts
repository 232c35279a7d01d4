import type { Principal } from '@safeguard/http';
import type { PersonFacts } from '../../people-port.ts';
import type { Holding, StandingFacts } from '../../standing/types.ts';
import type { PolicyDeps } from '../deps.ts';

/** Somebody who holds one role, and what access knows of them. */
export interface Holder {
  readonly role: string;
  readonly principal: Principal;
  readonly facts: StandingFacts;
}

export interface Holders {
  readonly holders: readonly Holder[];
  /** People and clients, each once. */
  readonly count: number;
  /** Nobody was left out. */
  readonly all: boolean;
}

const people_most = 200;
const clients_most = 50;
const patients_most = 20;

/** Ids are random: the first of them are a sample. */
const inForce = {
  name: 'access.grant.simulated',
  text: `select g.account, g.role, g.kind, g.patients, g.opens from access.grant g
    where g.tenant = $1 and g.ended_at is null and g.from_at <= $2 and g.until_at > $2
      and g.account in (select distinct h.account from access.grant h where h.tenant = $1 and h.ended_at is null
        and h.from_at <= $2 and h.until_at > $2 order by h.account limit $3)
    order by g.account, g.number`,
};

type GrantRow = {
  account: string;
  role: string;
  kind: Holding['kind'];
  patients: string[] | null;
  opens: string[] | null;
};

const holdingOf = ({ role, kind, patients, opens }: GrantRow): Holding => ({
  ...{ role, kind },
  ...(patients === null ? {} : { patients }),
  ...(opens === null ? {} : { opens }),
});

function principalOf(tenant: number, person: PersonFacts, at: number): Principal {
  const { id, kind, scopes, roles, patients, fhir_user } = person;
  const [patient] = patients;
  return {
    ...{ tenant, kind: 'user', id, scopes, roles, account: kind, view: 'full' },
    assurance: { level: 2, at, methods: [] },
    ...(fhir_user === null ? {} : { fhir_user }),
    ...(kind === 'workforce' ? {} : { within: patients, ...(patient === undefined ? {} : { patient }) }),
  };
}

async function factsOf(
  { people, clinical }: PolicyDeps,
  tenant: number,
  { id, fhir_user }: { readonly id: string; readonly fhir_user: string | null },
  holdings: readonly Holding[],
): Promise<StandingFacts> {
  const known = clinical !== undefined && fhir_user !== null;
  const [groups, careTeam, organizations, testTenant] = await Promise.all([
    people.groups(tenant, id),
    known ? clinical.careTeam(tenant, fhir_user) : [],
    known ? clinical.organizations(tenant, fhir_user) : [],
    people.isTest(tenant),
  ]);
  return { holdings, groups, careTeam, organizations, consents: [], testTenant };
}

/** One entry for each role: what it comes to is told role by role. */
async function holdersFor(
  deps: PolicyDeps,
  tenant: number,
  person: PersonFacts,
  holdings: readonly Holding[],
): Promise<Holder[]> {
  const principal = principalOf(tenant, person, deps.clock.now());
  const byRole = Map.groupBy(holdings, ({ role }) => role);
  const facts = await factsOf(deps, tenant, person, []);
  return [...byRole].map(([role, own]) => ({ role, principal, facts: { ...facts, holdings: own } }));
}

async function byGrants(deps: PolicyDeps, tenant: number): Promise<Holder[][]> {
  const at = new Date(deps.clock.now());
  const rows = await deps.segment.query<GrantRow>(tenant, inForce, [tenant, at, people_most + 1]);
  const byAccount = Map.groupBy(rows, ({ account }) => account);
  const people = await deps.people.byIds(tenant, [...byAccount.keys()]);
  const active = people.filter(({ state, kind }) => state === 'active' && kind === 'workforce');
  return Promise.all(
    active.map((person) => holdersFor(deps, tenant, person, (byAccount.get(person.id) ?? []).map(holdingOf))),
  );
}

/** Accounts of those whose resources are in the sample. */
async function byRelationship(deps: PolicyDeps, tenant: number, patients: readonly string[]): Promise<Holder[][]> {
  const found = await Promise.all(patients.slice(0, patients_most).map((id) => deps.people.withPatient(tenant, id)));
  const people = new Map(found.flat().map((person) => [person.id, person]));
  return Promise.all(
    [...people.values()].map((person) =>
      holdersFor(deps, tenant, person, [{ role: person.kind, kind: 'relationship' }]),
    ),
  );
}

const prefix = 'sensitive:';

async function services(deps: PolicyDeps, tenant: number): Promise<Holder[][]> {
  const clients = await deps.people.clients(tenant);
  return Promise.all(
    clients.slice(0, clients_most + 1).map(async ({ id, scopes, permissions, patient }) => {
      const opens = permissions.filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
      const holdings: Holding[] = [{ role: 'service', kind: 'relationship', opens }];
      const facts = await factsOf(deps, tenant, { id, fhir_user: null }, holdings);
      const limit = patient === null ? {} : { patient };
      const principal = { tenant, kind: 'client', id, scopes, view: 'full', permissions, ...limit } as const;
      return [{ role: 'service', principal, facts }];
    }),
  );
}

/** Who holds what, as a policy would find them: workforce by grants, patients and proxies, clients. */
export async function holdersIn(deps: PolicyDeps, tenant: number, patients: readonly string[]): Promise<Holders> {
  const [granted, related, clients] = await Promise.all([
    byGrants(deps, tenant),
    byRelationship(deps, tenant, patients),
    services(deps, tenant),
  ]);
  const chosen = [...granted.slice(0, people_most), ...related, ...clients.slice(0, clients_most)];
  const all = granted.length <= people_most && clients.length <= clients_most;
  return { holders: chosen.flat(), count: chosen.length, all };
}
