import type { Clock } from '@safeguard/kernel';
import type { Generations } from './changes.ts';
import { both, type Covered, covers } from './periods.ts';
import { createReadings, headsReferring, type ReadingsDeps } from './readings.ts';
import { type Answer, createRemembered } from './remembered.ts';
import { createRoleReader, distinct, type Roles, soonest } from './roles.ts';
import { idOf, readTeam, type Team } from './teams.ts';

/** The CareTeams that somebody is on. */
export interface Teams {
  /** Ids of the Patients whose teams they are. */
  readonly patients: readonly string[];
  readonly careTeams: readonly string[];
}

export interface People {
  roles(tenant: number, fhir_user: string, now: Generations): Promise<Roles>;
  teams(tenant: number, fhir_user: string, now: Generations): Promise<Teams>;
  /** References of who is on a patient's teams: as they are named, and the Practitioner behind a PractitionerRole. */
  teamOf(tenant: number, patient: string, now: Generations): Promise<readonly string[]>;
  workersOf(tenant: number, organizations: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
}

interface Membership {
  readonly team: Team;
  readonly reference: string;
  readonly covered: Covered;
}

const membershipsIn = (teams: readonly Team[], at: number): Membership[] =>
  teams
    .filter(({ active }) => active)
    .flatMap((team) =>
      team.members.map(({ reference, period }) => ({
        ...{ team, reference },
        covered: both(covers(team.period, at), covers(period, at)),
      })),
    );

const stampOf = ({ CareTeam, PractitionerRole }: Generations): string => `${CareTeam}/${PractitionerRole}`;

export function createPeople(deps: ReadingsDeps & { readonly clock: Clock }): People {
  const readings = createReadings(deps, 'CareTeam', readTeam);
  const roleReader = createRoleReader(deps);
  const rememberRoles = createRemembered<Roles>(deps.clock);
  const rememberTeams = createRemembered<Teams>(deps.clock);
  const rememberMembers = createRemembered<readonly string[]>(deps.clock);

  const teamsOf = async (tenant: number, fhir_user: string, at: number): Promise<Answer<Teams>> => {
    const own = await roleReader.of(tenant, fhir_user, at);
    const names = [...new Set([fhir_user, ...own.value.roles.map((id) => `PractitionerRole/${id}`)])];
    const heads = await headsReferring(deps, tenant, 'CareTeam', 'participant', names);
    const all = membershipsIn(await readings.of(tenant, heads), at);
    const theirs = all.filter(({ reference }) => names.includes(reference));
    const on = theirs.filter(({ covered }) => covered.now).map(({ team }) => team);
    return {
      value: { patients: distinct(on.map(({ patient }) => patient)), careTeams: distinct(on.map(({ id }) => id)) },
      until: Math.min(own.until, soonest(theirs)),
    };
  };

  const membersOf = async (tenant: number, patient: string, at: number): Promise<Answer<readonly string[]>> => {
    const heads = await headsReferring(deps, tenant, 'CareTeam', 'subject', [`Patient/${patient}`]);
    const teams = (await readings.of(tenant, heads)).filter((team) => team.patient === patient);
    const all = membershipsIn(teams, at);
    const named = all.filter(({ covered }) => covered.now).map(({ reference }) => reference);
    const ids = named.filter((one) => one.startsWith('PractitionerRole/')).flatMap((one) => idOf(one) ?? []);
    const behind = await roleReader.behind(tenant, ids, at);
    return { value: distinct([...named, ...behind.value]), until: Math.min(behind.until, soonest(all)) };
  };

  return {
    workersOf: (tenant, organizations) => roleReader.at(tenant, organizations, deps.clock.now()),
    roles: (tenant, fhir_user, now) =>
      rememberRoles(`${tenant}/${fhir_user}`, stampOf(now), (at) => roleReader.of(tenant, fhir_user, at)),
    teams: (tenant, fhir_user, now) =>
      rememberTeams(`${tenant}/${fhir_user}`, stampOf(now), (at) => teamsOf(tenant, fhir_user, at)),
    teamOf: (tenant, patient, now) =>
      rememberMembers(`${tenant}/${patient}`, stampOf(now), (at) => membersOf(tenant, patient, at)),
  };
}
