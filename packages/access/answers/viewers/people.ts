import type { CompiledConsents } from '../../consent/compile.ts';
import type { ClientFacts, PersonFacts } from '../../people-port.ts';
import type { CompiledPolicy } from '../../policy/compiled.ts';
import { needsOf } from '../../standing/needs.ts';
import type { ClinicalFacts } from '../../standing/types.ts';
import { principalOfClient } from '../asker.ts';
import type { CohortKind, CrowdPort, Questions } from '../ports.ts';
import { namedIn } from './consents.ts';
import type { Shape } from './types.ts';

/** Who is near these patients: by their FHIR resource (`Practitioner/…`). */
export interface Near {
  /** Patients of the teams that somebody is on, organizations that they work for, as far as it matters. */
  of(fhir_user: string): Pick<Shape, 'careTeam' | 'organizations' | 'fhir_user'>;
  /** Of accounts of the workforce that are near in any way. */
  readonly accounts: ReadonlyMap<string, string>;
}

export interface NearDeps {
  readonly people: Pick<CrowdPort, 'standFor'>;
  readonly clinical: Pick<ClinicalFacts, 'careTeamOf' | 'organizationOf'>;
  readonly questions: Pick<Questions, 'workersOf'>;
}

/** Of somebody whom no Consent names: that a FHIR resource stands for them is all that counts. */
export const unnamed = 'Practitioner/-';

type Whose = ReturnType<typeof needsOf>['careTeam'];
const isAnybodys = ({ roles, groups, users, everyone }: Whose): boolean =>
  everyone || roles.size + groups.size + users.size > 0;

async function byPatient<T>(patients: readonly string[], ask: (patient: string) => Promise<T>): Promise<[string, T][]> {
  return Promise.all(patients.map(async (one): Promise<[string, T]> => [one, await ask(one)]));
}

/** Looks only at what a rule or a Consent depends on. */
export async function nearOf(
  { people, clinical, questions }: NearDeps,
  tenant: number,
  policy: CompiledPolicy,
  consents: CompiledConsents,
  patients: readonly string[],
): Promise<Near> {
  const { careTeam, organizations } = needsOf(policy);
  const teams = isAnybodys(careTeam) ? await byPatient(patients, (one) => clinical.careTeamOf(tenant, one)) : [];
  const managing = isAnybodys(organizations)
    ? await byPatient(patients, (one) => clinical.organizationOf(tenant, one))
    : [];
  const employers = [...managing.flatMap(([, one]) => one ?? []), ...namedIn(consents, 'Organization')];
  const wanted = [...new Set(employers)];
  const workers = wanted.length === 0 ? new Map<string, string[]>() : await questions.workersOf(tenant, wanted);
  const named = new Set([...consents.tokens].filter((one) => one.startsWith('is ')).map((one) => one.slice(3)));
  const members = teams.map(([patient, references]) => [patient, new Set(references)] as const);
  const staff = [...workers].map(([organization, references]) => [organization, new Set(references)] as const);
  const references = [...[...members, ...staff].flatMap(([, all]) => [...all]), ...named];
  const wantedPeople = [...new Set(references)];
  const idsWith = (all: typeof members, reference: string): string[] =>
    all.filter(([, some]) => some.has(reference)).map(([id]) => id);
  return {
    accounts: wantedPeople.length === 0 ? new Map() : await people.standFor(tenant, wantedPeople),
    of: (reference) => ({
      careTeam: idsWith(members, reference),
      organizations: idsWith(staff, reference),
      fhir_user: named.has(reference) ? reference : unnamed,
    }),
  };
}

const nothing = { careTeam: [], organizations: [] } as const;

/** Of a cohort, but those who are near. */
export const shapeOfCohort = ({ scopes, named }: CohortKind): Shape => ({
  ...{ kind: 'user', scopes, view: 'full' },
  ...nothing,
  ...(named ? { fhir_user: unnamed } : {}),
});

/** Of a patient's or a proxy's account. */
export const shapeOfRelated = (
  { scopes, patients, fhir_user }: PersonFacts,
  near: Near,
  of: readonly string[],
): Shape => ({
  ...{ kind: 'user', scopes, view: 'full' },
  ...(fhir_user === null ? nothing : near.of(fhir_user)),
  within: patients.filter((one) => of.includes(one)),
});

export function shapeOfClient(tenant: number, facts: ClientFacts): Shape {
  const { scopes, view, patient, permissions = [] } = principalOfClient(tenant, facts);
  const bound = patient === undefined ? {} : { patient };
  return { ...{ kind: 'client', scopes, view, permissions }, ...nothing, ...bound };
}
