import type { Principal } from '@safeguard/http';
import type { JsonObject } from '@safeguard/kernel';
import type { Segment } from '@safeguard/store';
import fc from 'fast-check';
import type { CrowdPort, Questions } from '../../answers/ports.ts';
import { createViewers, type ViewersDeps } from '../../answers/viewers/viewers.ts';
import type { Viewer } from '../../api/answers.ts';
import type { ClientFacts, PersonFacts } from '../../people-port.ts';
import { compilePolicy } from '../../policy/compile.ts';
import type { Policy } from '../../policy/types.ts';
import { createStanding } from '../../standing/standing.ts';
import type { Holding } from '../../standing/types.ts';
import { actor, types as classes, consent, holder, instance, purpose } from '../consent/world.ts';
import {
  principal as anyPrincipal,
  factsOf,
  found,
  moments,
  organizationOf,
  policy,
  type Thing,
  thing,
  vocabulary,
} from '../policy/world.ts';

/** Random tenants of a few people, in which `p1` is asked about. */

export const doctors = ['Practitioner/d1', 'Practitioner/d2', 'PractitionerRole/r1'] as const;
const kinds = ['workforce', 'workforce', 'workforce', 'patient', 'proxy'] as const;
const states = ['active', 'active', 'active', 'active', 'suspended', 'invited'] as const;
const patients = ['p1', 'p2', 'p3', 'p4'] as const;

export interface Person extends PersonFacts {
  readonly groups: readonly string[];
  readonly grants: readonly (Holding & { readonly until: number })[];
}

/** Everything that a tenant holds. */
export interface Tenant {
  readonly policy: Policy;
  readonly people: readonly Person[];
  readonly clients: readonly ClientFacts[];
  readonly things: readonly Thing[];
  /** By patient. */
  readonly teams: Readonly<Record<string, readonly string[]>>;
  /** By organization. */
  readonly workers: Readonly<Record<string, readonly string[]>>;
  readonly consents: readonly JsonObject[];
  readonly testTenant: boolean;
  readonly at: number;
}

const scopesOf = (kind: 'user' | 'client') =>
  anyPrincipal.filter((one) => one.kind === kind).map(({ scopes }) => Object.freeze([...scopes]));

const late = Date.parse('2030-01-01');
const roleOf = { ra: 'ra', rb: 'patient', rc: 'service' } as const;
const grants = found.map(({ holdings }) =>
  holdings.map((one, index): Person['grants'][number] => ({
    ...one,
    role: roleOf[one.role as keyof typeof roleOf],
    kind: one.kind === 'relationship' ? 'standing' : one.kind,
    grant: `grant-${index}`,
    until: one.until ?? late,
  })),
);

const person = (index: number): fc.Arbitrary<Person> =>
  fc
    .record({
      id: fc.constant(`u${index + 1}`),
      ...{ name: fc.constant('N'), login: fc.constant('n@x') },
      kind: fc.constantFrom(...kinds),
      state: fc.constantFrom(...states),
      scopes: scopesOf('user'),
      roles: fc.constantFrom<string[][]>([], [], ['administrator']),
      patients: fc.subarray([...patients], { minLength: 0, maxLength: 2 }),
      fhir_user: fc.constantFrom(...doctors, null),
      groups: fc.subarray(['g1', 'g2']),
      grants,
    })
    .map((one) => (one.kind === 'workforce' ? { ...one, patients: [] } : { ...one, roles: [], grants: [] }));

const client = (index: number): fc.Arbitrary<ClientFacts> =>
  anyPrincipal
    .filter(({ kind }) => kind === 'client')
    .map(({ scopes, view, patient, permissions }) => ({
      ...{ id: `c${index + 1}`, name: 'Lab', scopes: Object.freeze([...scopes]), view },
      ...{ patient: patient ?? null, permissions: permissions ?? [] },
    }));

const named = [actor('Practitioner/d1'), actor('Organization/o1'), actor('Device/c1'), holder('ra')];
/** A care team seldom: of most lists it shall be known exactly who is in them. */
const actors = fc.oneof(
  { weight: 6, arbitrary: fc.subarray(named, { maxLength: 2 }) },
  { weight: 1, arbitrary: fc.subarray([...named, actor('CareTeam/t1')], { maxLength: 2 }) },
);

const provision = fc
  .record({
    type: fc.constantFrom('deny', 'deny', 'permit'),
    actor: actors,
    purpose: fc.constantFrom([], [], purpose('TREAT'), purpose('HRESCH', 'HPAYMT')),
    class: fc.constantFrom([], [], classes('Observation'), classes('Patient', 'Condition')),
    data: fc.constantFrom([], [], [], [instance('Observation/i1')]),
  })
  .map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value.length > 0)) as JsonObject);

const anyConsent = fc
  .record({ root: provision, inner: fc.option(provision, { nil: undefined }), of: fc.constantFrom('p1', 'p1', 'p2') })
  .map(({ root, inner, of }) =>
    consent(inner === undefined ? root : { ...root, provision: [inner] }, { patient: { reference: `Patient/${of}` } }),
  );
const consents = fc
  .array(anyConsent, { maxLength: 2 })
  .map((list) => list.map((one, index): JsonObject => ({ ...one, id: `consent-${index}` })));

const things = fc.array(thing, { minLength: 1, maxLength: 4 }).map((list) =>
  list.map((one): Thing => {
    const of = one.patients.length === 0 ? ['p1'] : one.patients;
    if (one.type === 'Patient') return { ...one, id: 'p1', patients: ['p1'] };
    return { ...one, patients: [...new Set(['p1', ...of])] };
  }),
);

/** Two of the roles are what `standing` calls who stands for patients, and programs. */
function renamed(one: Policy): Policy {
  const text = JSON.stringify(one).replaceAll('"rb"', '"patient"').replaceAll('"rc"', '"service"');
  const made = JSON.parse(text) as Policy;
  const roles = Object.entries(made.roles).map(([name, role]) => [
    name,
    { ...role, purpose: name === 'service' ? 'HPAYMT' : 'TREAT' },
  ]);
  return { ...made, roles: Object.fromEntries(roles) };
}

export const tenants: fc.Arbitrary<Tenant> = fc.record({
  policy: policy.map(renamed),
  people: fc.tuple(person(0), person(1), person(2), person(3)),
  clients: fc.tuple(client(0), client(1)),
  things,
  teams: fc.record({ p1: fc.subarray([...doctors]), p2: fc.subarray([...doctors]) }),
  workers: fc.record({ o1: fc.subarray([...doctors]), o2: fc.subarray([...doctors]) }),
  consents,
  testTenant: fc.boolean(),
  at: fc.constantFrom(...moments),
});

/** As the database would tell of grants. */
function segmentOf({ people, at }: Tenant): Segment {
  const rows = people.flatMap(({ id, grants: held }) =>
    held.map(({ role, kind, patients: named, opens, until }, index) => ({
      ...{ n: 1, id: `${id}-${index}`, account: id, role, kind, ended: false, given: true, taken: false },
      ...{ patients: named === undefined ? null : [...named], opens: opens === undefined ? null : [...opens] },
      ...{ from_ms: at - 1_000, until_ms: until },
    })),
  );
  const query = async (_tenant: number, { name }: { readonly name: string }) => {
    if (name !== 'access.grant.changed') return [];
    return rows.length === 0 ? [{ n: 1, id: null }] : rows;
  };
  return { name: 'identity', query, transaction: async () => undefined } as unknown as Segment;
}

export function depsOf(tenant: Tenant): ViewersDeps & { readonly standings: ReturnType<typeof createStanding> } {
  const { people: all, clients, things: rows, teams, workers, testTenant, at } = tenant;
  const compiled = compilePolicy(tenant.policy, 1, vocabulary);
  const snapshot = { version: 1, consents: tenant.consents };
  const live = all.filter(({ state, kind }) => state === 'active' && kind === 'workforce');
  const cohorts: Awaited<ReturnType<CrowdPort['workforce']>> = live.map(({ id, scopes, roles, fhir_user }) => ({
    ...{ scopes, administrator: roles.includes('administrator'), named: fhir_user !== null, ids: [id] },
  }));
  const crowd: CrowdPort = {
    kinds: async () => cohorts,
    workforce: async (_tenant, among) => cohorts.filter(({ ids: [id = ''] }) => among?.includes(id) !== false),
    members: async (_tenant, groups, among) => {
      const asked = all.filter(({ id }) => among?.includes(id) !== false);
      return new Map(
        groups.map((group) => [group, asked.filter((one) => one.groups.includes(group)).map(({ id }) => id)]),
      );
    },
    standFor: async (_tenant, references) =>
      new Map(
        live.flatMap(({ id, fhir_user }) => (fhir_user && references.includes(fhir_user) ? [[id, fhir_user]] : [])),
      ),
  };
  const people = {
    ...crowd,
    byId: async (_tenant: number, id: string) => all.find((one) => one.id === id),
    groups: async (_tenant: number, id: string) => all.find((one) => one.id === id)?.groups ?? [],
    withPatient: async (_tenant: number, id: string) =>
      all.filter((one) => one.kind !== 'workforce' && one.patients.includes(id)),
    clients: async () => clients,
    isTest: async () => testTenant,
  };
  const having = (table: Tenant['teams'], reference: string) => async () =>
    Object.keys(table).filter((key) => table[key]?.includes(reference));
  const clinical = {
    careTeam: (_tenant: number, reference: string) => having(teams, reference)(),
    organizations: (_tenant: number, reference: string) => having(workers, reference)(),
    memberships: async (_tenant: number, reference: string) => ({
      careTeams: reference === 'Practitioner/d1' ? ['t1'] : [],
      practitionerRoles: [],
    }),
    careTeamOf: async (_tenant: number, patient: string) => teams[patient] ?? [],
    organizationOf: async (_tenant: number, patient: string) => organizationOf[patient],
    consents: async () => snapshot,
  };
  const questions: Pick<Questions, 'compartment' | 'patientExists' | 'workersOf'> = {
    compartment: async () => rows.map(factsOf),
    patientExists: async (_tenant, id) => id === 'p1',
    workersOf: async (_tenant, wanted) => new Map(wanted.map((one) => [one, workers[one] ?? []])),
  };
  const standings = createStanding({
    ...{ segment: segmentOf(tenant), clock: { now: () => at }, people: people as never, clinical },
    policies: { active: () => compiled },
    log: { warn: () => undefined },
  });
  return { standings, people, clinical, questions, vocabulary };
}

export type Deps = ReturnType<typeof depsOf>;
export const viewersOf = async (deps: ViewersDeps): Promise<Viewer[]> => [
  ...((await createViewers(deps)(1, 'p1')) ?? []),
];

/** Everybody who can ask anything, with each patient that an app may have in context. */
export function askersIn({ people, clients, at }: Tenant, age_s: number): Principal[] {
  const persons = people
    .filter(({ state }) => state === 'active')
    .flatMap(({ id, kind, scopes, roles, patients: own, fhir_user }): Principal[] => {
      const within = kind === 'workforce' ? undefined : own;
      const bare: Principal = {
        ...{ tenant: 1, kind: 'user', id, scopes, roles, account: kind, view: 'full' },
        assurance: { level: 2, at: at - age_s * 1_000, methods: [] },
        ...(fhir_user === null ? {} : { fhir_user }),
        ...(within === undefined ? {} : { within }),
      };
      return [bare, ...patients.map((patient) => ({ ...bare, patient }))];
    });
  const programs = clients.map(({ id, scopes, view, patient, permissions }): Principal => {
    const bound = patient === null ? {} : { patient };
    return { tenant: 1, kind: 'client', id, scopes, permissions, view: view as Principal['view'], ...bound };
  });
  return [...persons, ...programs];
}
