import type { ViewersPort } from '../../api/answers.ts';
import { compileConsents } from '../../consent/compile.ts';
import { createGrants } from '../../grants.ts';
import type { ClientFacts, PeoplePort, PersonFacts } from '../../people-port.ts';
import type { RowFacts } from '../../policy/row.ts';
import { createConsentExceptions } from '../../policy/sights-consents.ts';
import type { Vocabulary } from '../../scope.ts';
import { type HeldList, unlike } from '../../standing/alike.ts';
import { heldByClient } from '../../standing/holdings.ts';
import { needsOf } from '../../standing/needs.ts';
import type { Holders, Standings } from '../../standing/standing.ts';
import type { ClinicalFacts, ConsentSnapshot, Holding, OpenStanding } from '../../standing/types.ts';
import { principalOfClient, principalOfPerson } from '../asker.ts';
import type { Cohort, CohortKind, CrowdPort, Questions } from '../ports.ts';
import { queriesFor } from './asked.ts';
import { type Candidates, candidatesIn } from './candidates.ts';
import { askedBy, consentsOf, createWithheld } from './consents.ts';
import { type Crowd, crowdOf } from './crowd.ts';
import { createJoin, type Join } from './join.ts';
import { createEntries, type Entries } from './list.ts';
import type { Somebody, Table } from './own-ways.ts';
import { type Near, nearOf, shapeOfClient, shapeOfCohort, shapeOfRelated } from './people.ts';
import { purposesOf } from './purposes.ts';
import { rowsOf } from './rows.ts';
import { judgingOf } from './ways.ts';

export interface ViewersDeps {
  readonly standings: Pick<Standings, 'holdersOf'>;
  readonly people: Pick<PeoplePort, 'withPatient' | 'clients' | 'isTest'> & CrowdPort;
  readonly clinical: Pick<ClinicalFacts, 'careTeamOf' | 'organizationOf' | 'consents'>;
  readonly questions: Pick<Questions, 'compartment' | 'patientExists' | 'workersOf'>;
  readonly vocabulary: Vocabulary;
}

/** What is known before anybody is judged. */
interface World {
  readonly tenant: number;
  readonly holders: Holders;
  readonly kinds: readonly CohortKind[];
  readonly clients: readonly ClientFacts[];
  readonly consents: ConsentSnapshot;
  readonly testTenant: boolean;
  /** Active accounts of patients and proxies. */
  readonly related: readonly PersonFacts[];
}

const active = (people: readonly PersonFacts[]): PersonFacts[] => people.filter(({ state }) => state === 'active');

async function worldOf({ standings, people, clinical }: ViewersDeps, tenant: number, patient: string): Promise<World> {
  const [holders, kinds, clients, consents, related] = await Promise.all([
    standings.holdersOf(tenant),
    people.kinds(tenant),
    people.clients(tenant),
    clinical.consents(tenant),
    people.withPatient(tenant, patient),
  ]);
  const testTenant = needsOf(holders.policy).test && (await people.isTest(tenant));
  return { tenant, holders, kinds, clients, consents, testTenant, related: active(related) };
}

/** What is asked of resources by whoever is known so far, and by what some patients consent to. */
function askedOf({ vocabulary }: ViewersDeps, world: World, patients: readonly string[]) {
  const grantsOf = createGrants(vocabulary);
  const texts = [...world.kinds, ...world.clients, ...world.related].map(({ scopes }) => scopes);
  const scopes = [...new Map(texts.map((one) => [one.join(' '), one])).values()].map(grantsOf);
  const { queries, byId } = askedBy(consentsOf(compileConsents(world.consents), patients));
  return { queries: queriesFor(world.holders.policy, scopes, queries), byId };
}

/** A resource may lie in others' compartments too: then their accounts see it, and their consents count. */
async function withOthers({ people }: ViewersDeps, world: World, others: readonly string[]): Promise<World> {
  const more = await Promise.all(others.map((one) => people.withPatient(world.tenant, one)));
  const related = new Map([...world.related, ...active(more.flat())].map((one) => [one.id, one]));
  return { ...world, related: [...related.values()] };
}

const openOf = ({ holders: { policy, at }, testTenant }: World): OpenStanding => ({
  ...{ kind: 'standing', policy, at, testTenant, holdings: [], groups: [], careTeam: [], organizations: [] },
  ...{ consents: [], network: '', purpose: '', view: 'full' },
});

interface Joining {
  readonly world: World;
  readonly join: Join;
  readonly near: Near;
  readonly candidates: Candidates;
  readonly related: readonly { readonly id: string; readonly person: PersonFacts; readonly table: Table }[];
}

const none: readonly never[] = [];

/** The same object for everybody: there are many. */
type Changing = { -readonly [Key in keyof Somebody]: Somebody[Key] };

/** Of all accounts that are looked at, by their numbers, what grants, the policy and groups say of them. */
function namedIn(crowd: Crowd, { world: { holders }, candidates: { among, members } }: Joining) {
  const { lists, policy } = holders;
  const users = crowd.numbered(policy.index.users);
  const memberships = crowd.memberships(members);
  const known = among === undefined ? crowd.sorted<HeldList>((see) => lists.visit(see)) : [];
  const groups: number[] = [];
  const one: Changing = { kind: 'account', id: '', holdings: none, alike: unlike, rules: undefined, groups };
  return (number: number, id: string, own?: readonly Holding[]): Somebody => {
    memberships.put(groups, number);
    const list = own === undefined ? (known[number] ?? lists.of(id)) : undefined;
    one.id = id;
    one.holdings = list?.holdings ?? own ?? none;
    one.alike = list?.alike ?? unlike;
    one.rules = users.get(number);
    return one;
  };
}

/** Accounts, the workforce first; each of them is one number. */
function addAccounts(into: Entries, crowd: Crowd, cohorts: readonly Cohort[], joining: Joining): void {
  const { world, join, near, related } = joining;
  const { holders, tenant } = world;
  const references = crowd.numbered(near.accounts);
  const named = namedIn(crowd, joining);
  let number = 0;
  const add = (table: Table, id: string, own?: readonly Holding[]): void => {
    if (!holders.isHeld(id)) join.add(into, table, named(number, id, own));
    number += 1;
  };
  const administrator = { tenant, kind: 'user', roles: ['administrator'], account: 'workforce' } as const;
  for (const cohort of cohorts) {
    const shape = shapeOfCohort(cohort);
    const usual = join.tableOf(shape);
    for (const id of cohort.ids) {
      const reference = references.get(number);
      const table = reference === undefined ? usual : join.tableOf({ ...shape, ...near.of(reference) });
      if (cohort.administrator) add(table, id, holders.held({ ...administrator, id, scopes: none, view: 'full' }));
      else add(table, id);
    }
  }
  for (const { id, person, table } of related) {
    add(table, id, holders.held(principalOfPerson(tenant, person, undefined, holders.at)));
  }
}

function addClients(into: Entries, { world: { clients, tenant, holders }, join }: Joining): void {
  for (const client of clients) {
    const { id, name } = client;
    const holdings = heldByClient(principalOfClient(tenant, client));
    const rules = holders.policy.index.clients.get(id);
    const table = join.tableOf(shapeOfClient(tenant, client));
    join.add(into, table, { kind: 'client', id, name, holdings, alike: unlike, rules, groups: none });
  }
}

async function viewersIn(deps: ViewersDeps, before: World, patient: string, found: readonly RowFacts[]) {
  const patients = [...new Set([patient, ...found.flatMap((row) => row.patients)])];
  const world = await withOthers(deps, before, patients.slice(1));
  const { tenant, holders } = world;
  const { policy, at } = holders;
  const consents = consentsOf(compileConsents(world.consents), patients);
  const rows = rowsOf(found, askedOf(deps, world, patients));
  const judging = judgingOf(rows, purposesOf(policy, consents.tokens));
  const posing = { tenant, open: openOf(world), grantsOf: createGrants(deps.vocabulary) };
  const withheld = createWithheld(consents, createConsentExceptions(deps.vocabulary.parameters), rows, at);
  const join = createJoin({ policy, judging, posing, withheld, sampleOf: holders.lists.sampleOf });
  const near = await nearOf(deps, tenant, policy, consents, patients);
  const related = world.related.map((person) => {
    return { id: person.id, person, table: join.tableOf(shapeOfRelated(person, near, patients)) };
  });
  const { index } = policy;
  const kinds = world.kinds;
  const candidates = await candidatesIn({
    ...{ people: deps.people, tenant, index, holders, kinds, near, join },
    others: related,
  });
  const joining: Joining = { world, join, near, candidates, related };
  const cohorts = await deps.people.workforce(tenant, candidates.among);
  const ids = ([] as string[]).concat(
    ...cohorts.map((one) => one.ids),
    related.map(({ id }) => id),
  );
  const entries = createEntries(ids.length + world.clients.length);
  addAccounts(entries, crowdOf(ids), cohorts, joining);
  addClients(entries, joining);
  return entries.done();
}

/** Who can see anything of a patient at this moment, every one of them, and by what: see README.md. */
export function createViewers(deps: ViewersDeps): ViewersPort {
  return async (tenant, patient) => {
    if (!(await deps.questions.patientExists(tenant, patient))) return undefined;
    const world = await worldOf(deps, tenant, patient);
    const { queries, byId: each } = askedOf(deps, world, [patient]);
    const found = await deps.questions.compartment(tenant, patient, { queries, each });
    return found.length === 0 ? createEntries(0).done() : viewersIn(deps, world, patient, found);
  };
}
